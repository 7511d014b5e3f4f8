/** An HTTP sink on loopback that keeps what it was given. Owns its server. */
import { createServer } from 'node:http'
import type { Json } from '../../index.ts'

export interface Received {
  readonly id: string
  readonly type: string
  readonly subject: string
  readonly contentType: string
  readonly data: Json
}

export interface Sink {
  readonly url: string
  readonly received: readonly Received[]
  close(): Promise<void>
}

export async function openSink(): Promise<Sink> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => {
      text += String(chunk)
    })
    request.on('end', () => {
      const { id, type, subject, data } = JSON.parse(text)
      received.push({ id, type, subject, data, contentType: request.headers['content-type'] ?? '' })
      response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the sink has no port')
  return {
    url: `http://127.0.0.1:${address.port}/events`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
