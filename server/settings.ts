/**
 * What a server is made with: options, limits with their names and defaults, and the refusals that must come before
 * anything listens. The CLI maps its settings to these; nothing here reads the environment.
 */
import type { Logger } from 'pino'
import type { Role } from './api.ts'
import type { Engine } from './engine-door.ts'

export interface ServerLimits {
  /** Bytes of a request's body, after decompression. Twice the default payload (2 MiB), since JSON escapes may double a value. */
  readonly bodyBytes: number
  /** Nested maps and lists of a body; what is deeper would overflow the stack of whoever writes it as JSON. */
  readonly bodyNesting: number
  /** Longest long poll; a longer `wait` is answered after this time as still running. */
  readonly longPollMs: number
  /** Between two signs of life on a quiet event stream. */
  readonly heartbeatMs: number
  /** A reader of an event stream that takes nothing for so long is disconnected. */
  readonly stalledStreamMs: number
  /** A request's headers must be in within this time. */
  readonly headersTimeoutMs: number
  /** A whole request, body included, must be in within this time; answers may take longer. */
  readonly requestTimeoutMs: number
  /** An idle connection is kept so long; longer than the usual 60 s of a proxy, which must be first to close it. */
  readonly keepAliveTimeoutMs: number
  /** `/readyz` gives up on the engine's answer after this time. */
  readonly readinessMs: number
  /** On stop: how long `/readyz` says 503 before the listener closes, so that a balancer sees it. Part of the grace. */
  readonly drainNoticeMs: number
}

export const defaultServerLimits: ServerLimits = {
  bodyBytes: 4 * 1024 * 1024,
  bodyNesting: 500,
  longPollMs: 60_000,
  heartbeatMs: 15_000,
  stalledStreamMs: 30_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 65_000,
  readinessMs: 5_000,
  drainNoticeMs: 0,
}

/** One API key: its text, or the SHA-256 of it in hex. Only the hash is kept. */
export interface ApiKeySetting {
  /** Shown in the log. Unique. */
  readonly name: string
  readonly key?: string
  readonly hash?: string
  readonly roles: readonly Role[]
  /** `*` is every namespace. Default: `default` alone. */
  readonly namespaces?: readonly string[]
}

export interface ServerOptions {
  /** Started and stopped by the caller. */
  readonly engine: Engine
  /** Default 127.0.0.1. */
  readonly host?: string
  /** 0 takes a free one. Default 7400. */
  readonly port?: number
  readonly keys?: readonly ApiKeySetting[]
  /** Origins beside the server's own whose pages may change things, such as `https://ops.example.com`. */
  readonly allowedOrigins?: readonly string[]
  readonly limits?: Partial<ServerLimits>
  readonly log?: Logger
}

/** A setting that the server cannot start with. */
export class ServerSettingsError extends Error {
  readonly setting: string
  readonly suggestion: string
  constructor(setting: string, message: string, suggestion: string) {
    super(`${message}: ${suggestion}`)
    this.name = 'ServerSettingsError'
    this.setting = setting
    this.suggestion = suggestion
  }
}

export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  return bare === 'localhost' || bare === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(bare)
}

export function checkedLimits(given: Partial<ServerLimits>): ServerLimits {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaultServerLimits, name))
      throw new ServerSettingsError(name, `there is no server limit '${name}'`, knownLimits())
    const least = name === 'drainNoticeMs' ? 0 : 1
    if (value !== undefined && (!Number.isSafeInteger(value) || value < least))
      throw new ServerSettingsError(
        name,
        `the server limit '${name}' is ${String(value)}`,
        `give a whole number from ${least}`,
      )
  }
  return { ...defaultServerLimits, ...given }
}

function knownLimits(): string {
  return `the limits are ${Object.keys(defaultServerLimits).join(', ')}`
}

/** Whoever listens beyond this machine without keys gives its workflows to everyone on the network. */
export function refuseOpenDoor(host: string, keys: readonly ApiKeySetting[]): void {
  if (isLoopback(host) || keys.length > 0) return
  throw new ServerSettingsError(
    'host',
    `the server would listen on ${host} without any API key`,
    'set `keys`, or listen on 127.0.0.1',
  )
}
