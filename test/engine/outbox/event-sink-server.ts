/** A sink of events on the loopback, whose answers a test chooses. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JsonObject } from '../../../schema/json.ts'

export interface Received {
  readonly headers: IncomingHttpHeaders
  readonly event: JsonObject
  readonly atMs: number
}

export interface SinkServer {
  readonly url: string
  readonly received: Received[]
  /** Answers each POST; 204 where it is not set. */
  answer: (received: Received, response: ServerResponse) => void
  close(): Promise<void>
}

export async function openSink(): Promise<SinkServer> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const event = JSON.parse(Buffer.concat(parts).toString()) as JsonObject
      const one = { headers: request.headers, event, atMs: Date.now() }
      received.push(one)
      sink.answer(one, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const sink: SinkServer = {
    url: `http://127.0.0.1:${port}/events`,
    received,
    answer: (_one, response) => response.writeHead(204).end(),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  return sink
}
