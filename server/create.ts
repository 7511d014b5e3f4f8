/**
 * The server as a thing that starts and stops. Owns the listener, its timeouts and the drain; the engine is the
 * caller's, who starts it before and stops it after.
 */
import { createServer as createHttpServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { keyRing } from './access/keys.ts'
import { buildApplication } from './application.ts'
import { answerMalformed } from './malformed-http.ts'
import { OpenRequests } from './open-requests.ts'
import { bytesReader } from './requests/body.ts'
import {
  checkedLimits,
  isLoopback,
  refuseOpenDoor,
  type ServerLimits,
  type ServerOptions,
  ServerSettingsError,
} from './settings.ts'

export interface PerdureServer {
  /** Resolves when requests are taken. Throws `ServerSettingsError` where the address cannot be listened on. */
  start(): Promise<{ readonly url: string }>
  /**
   * `/readyz` says 503, the listener closes, long polls and streams end, requests under way are answered; what is
   * left after `graceMs` is cut off. Twice is once.
   */
  stop(graceMs?: number): Promise<void>
}

const defaultGraceMs = 10_000

/** Throws `ServerSettingsError` for options that it will not start with. */
export function createServer(options: ServerOptions): PerdureServer {
  const { engine, host = '127.0.0.1', port = 7400, keys = [], allowedOrigins = [] } = options
  const log = options.log ?? pino({ level: 'silent' })
  const limits = checkedLimits(options.limits ?? {})
  refuseOpenDoor(host, keys)
  const open = new OpenRequests()
  const app = buildApplication({
    engine,
    limits,
    keys: keyRing(keys),
    readBytes: bytesReader(limits.bodyBytes),
    open,
    log,
    allowedOrigins,
    localOnly: keys.length === 0,
  })
  const server = createHttpServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      // How often the two timeouts above are looked at; Node's 30 s would make 10 s mean 40 s.
      connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs),
    },
    app,
  )
  server.on('clientError', answerMalformed)
  server.on('request', (_request, response) => {
    // `close()` of Node ends the connections that are idle then, not those that become so later.
    response.once('close', () => {
      if (open.stopping) setImmediate(() => server.closeIdleConnections())
    })
  })
  let stopped: Promise<void> | null = null
  return {
    async start() {
      if (stopped !== null) throw new Error('the server was stopped; create another one')
      await listening(server, host, port)
      const address = server.address()
      const url = urlOf(host, address !== null && typeof address === 'object' ? address : null)
      log.info({ url, keys: keys.length }, 'listening')
      if (keys.length > 0 && !isLoopback(host))
        log.warn('keys travel in clear over http: put a proxy with TLS in front')
      return { url }
    },
    stop(graceMs = defaultGraceMs) {
      stopped ??= drained(server, open, limits, graceMs)
      return stopped
    },
  }
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(explained(error, host, port))
    server.once('error', failed)
    server.listen({ host, port }, () => {
      server.off('error', failed)
      resolve()
    })
  })
}

function explained(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new ServerSettingsError(
        'port',
        `port ${port} of ${host} is taken`,
        'stop what listens there, or choose another port',
      )
    case 'EACCES':
      return new ServerSettingsError(
        'port',
        `port ${port} needs more rights than this process has`,
        'choose a port above 1023',
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ServerSettingsError(
        'host',
        `${host} is no address of this machine`,
        'listen on 127.0.0.1 or an address of this machine',
      )
    default:
      return error
  }
}

function urlOf(host: string, address: AddressInfo | null): string {
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  return `http://${name}:${address?.port ?? 0}`
}

async function drained(
  server: Server,
  open: OpenRequests,
  limits: ServerLimits,
  graceMs: number,
): Promise<void> {
  open.stop()
  if (!server.listening) return
  const noticeMs = Math.min(limits.drainNoticeMs, graceMs)
  if (noticeMs > 0) await new Promise((resolve) => setTimeout(resolve, noticeMs))
  await new Promise<void>((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs - noticeMs)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
  })
}
