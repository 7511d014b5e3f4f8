/** API keys: kept as SHA-256 alone and compared in constant time. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { type Role, roles } from '../api.ts'
import { RequestError } from '../problems.ts'
import { type ApiKeySetting, ServerSettingsError } from '../settings.ts'

/** Who calls. */
export interface Caller {
  readonly name: string
  readonly roles: readonly Role[]
  readonly namespaces: readonly string[]
}

/** Without keys the server listens on loopback only: whoever reaches it is its owner. */
export const localOwner: Caller = { name: 'local', roles: ['admin'], namespaces: ['*'] }

interface StoredKey {
  readonly digest: Buffer
  readonly caller: Caller
}

export type KeyRing = readonly StoredKey[]

/** Hashes what was given in clear, and refuses what could not work. */
export function keyRing(settings: readonly ApiKeySetting[]): KeyRing {
  const names = new Set<string>()
  return settings.map((setting) => {
    const { name, namespaces = ['default'] } = setting
    if (names.has(name)) throw invalid(`two API keys are called '${name}'`, 'give each a name of its own')
    names.add(name)
    for (const role of setting.roles)
      if (!roles.includes(role))
        throw invalid(`the API key '${name}' has the unknown role '${role}'`, `roles are ${roles.join(', ')}`)
    if (setting.roles.length === 0)
      throw invalid(`the API key '${name}' has no role`, `roles are ${roles.join(', ')}`)
    return { digest: digestOf(setting), caller: { name, roles: setting.roles, namespaces } }
  })
}

function invalid(message: string, suggestion: string): ServerSettingsError {
  return new ServerSettingsError('keys', message, suggestion)
}

function digestOf({ name, key, hash }: ApiKeySetting): Buffer {
  if ((key === undefined) === (hash === undefined))
    throw invalid(`the API key '${name}' needs 'key' or 'hash'`, 'give one of the two')
  if (key !== undefined) {
    if (key.trim() === '') throw invalid(`the API key '${name}' is empty`, 'give a long random text')
    return sha256(key)
  }
  const hex = (hash ?? '').replace(/^sha256:/, '')
  if (!/^[0-9a-fA-F]{64}$/.test(hex))
    throw invalid(`the hash of the API key '${name}' is not a SHA-256`, 'give 64 hexadecimal digits')
  return Buffer.from(hex, 'hex')
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest()
}

/** All keys are compared, so that the time tells nothing about which one was near. */
export function identify(ring: KeyRing, headers: IncomingHttpHeaders): Caller {
  const presented = presentedKey(headers)
  if (presented === null)
    throw unauthenticated('no API key was sent', 'send `Authorization: Bearer <key>` or `x-api-key: <key>`')
  const digest = sha256(presented)
  let caller: Caller | null = null
  for (const stored of ring) if (timingSafeEqual(stored.digest, digest)) caller = stored.caller
  if (caller === null)
    throw unauthenticated('the API key is not known', 'check the key, or ask for a new one')
  return caller
}

function presentedKey({ authorization, 'x-api-key': header }: IncomingHttpHeaders): string | null {
  if (authorization !== undefined) {
    const bearer = /^Bearer +(\S+) *$/i.exec(authorization)
    return bearer?.[1] ?? null
  }
  return typeof header === 'string' && header !== '' ? header : null
}

function unauthenticated(detail: string, suggestion: string): RequestError {
  return new RequestError('Unauthenticated', detail, {
    suggestion,
    headers: { 'www-authenticate': 'Bearer realm="perdure"' },
  })
}
