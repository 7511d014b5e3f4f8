/**
 * A carrier as others have one: an HTTP service of its own, here started by a plugin on a free port of this machine.
 * It is overloaded: the first request for each parcel is answered with 503 and `Retry-After`, so that a reader sees a
 * retry. It honours `Idempotency-Key`: asked again for the same parcel, it gives the same tracking number.
 */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type ActivityDefinition, definePlugin } from 'perdure'
import { changeBook, readBook } from '../data-directory.ts'

interface CarrierBook {
  /** Kept, so that a run that goes on in another process finds the service where it was told it is. */
  readonly port: number
  readonly parcels: { readonly [key: string]: Parcel }
}

interface Parcel {
  readonly trackingNumber: string
  readonly requests: number
  readonly state: 'asked' | 'booked' | 'canceled'
}

const noBook: CarrierBook = { port: 0, parcels: {} }

export const carrier = definePlugin({
  name: 'carrier',
  async setup() {
    const server = createServer((request, response) => {
      answer(request, response).catch((thrown: unknown) => {
        response.writeHead(500)
        response.end(String(thrown))
      })
    })
    const port = await listen(server, (await readBook('carrier', noBook)).port)
    await changeBook('carrier', noBook, (book) => ({ book: { ...book, port }, answer: null }))
    const locate: ActivityDefinition = {
      name: 'carrier.locate',
      description: 'Gives the address of the carrier.',
      run: () => ({ url: `http://127.0.0.1:${port}` }),
    }
    return {
      activities: [locate],
      health() {
        if (!server.listening) throw new Error('the carrier does not listen')
      },
      async teardown() {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      },
    }
  },
})

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, collection, tracking] = (request.url ?? '').split('/')
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  if (collection === 'parcels' && tracking === undefined && request.method === 'POST')
    await book(request, Buffer.concat(chunks), response)
  else if (collection === 'parcels' && tracking !== undefined && request.method === 'DELETE')
    await cancel(tracking, response)
  else send(response, 404, { message: 'POST /parcels, or DELETE /parcels/{trackingNumber}' })
}

async function book(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
  const key = String(request.headers['idempotency-key'] ?? digest(body))
  const parcel = await changeBook('carrier', noBook, ({ port, parcels }) => {
    const known = parcels[key]
    const requests = (known?.requests ?? 0) + 1
    const asked: Parcel = {
      trackingNumber: `PX${digest(key).slice(0, 10).toUpperCase()}`,
      requests,
      state: requests === 1 ? 'asked' : 'booked',
    }
    return { book: { port, parcels: { ...parcels, [key]: asked } }, answer: asked }
  })
  if (parcel.state === 'asked') {
    response.setHeader('retry-after', '1')
    send(response, 503, { message: 'all vans are out, try again in a second' })
  } else send(response, 201, { trackingNumber: parcel.trackingNumber })
}

async function cancel(tracking: string, response: ServerResponse): Promise<void> {
  const found = await changeBook('carrier', noBook, ({ port, parcels }) => {
    const [key, parcel] =
      Object.entries(parcels).find(([, { trackingNumber }]) => trackingNumber === tracking) ?? []
    if (key === undefined || parcel === undefined) return { book: { port, parcels }, answer: false }
    return {
      book: { port, parcels: { ...parcels, [key]: { ...parcel, state: 'canceled' as const } } },
      answer: true,
    }
  })
  send(response, found ? 200 : 404, { canceled: found })
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

function digest(of: string | Buffer): string {
  return createHash('sha256').update(of).digest('hex')
}

/** On the port of the last time where it is free, else on any. */
async function listen(server: Server, wanted: number): Promise<number> {
  const bound = await tryListen(server, wanted)
  if (!bound && wanted !== 0) await tryListen(server, 0)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port is free on 127.0.0.1')
  return address.port
}

function tryListen(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const failed = () => resolve(false)
    server.once('error', failed)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', failed)
      resolve(true)
    })
  })
}
