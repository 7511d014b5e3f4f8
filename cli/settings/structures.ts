/**
 * The shapes of settings that are more than one value. Owns what is checked before anything is loaded; what a plugin
 * wants of its own section is checked by the plugin (`activities/`). Called by `catalogue.ts`.
 */
import type { Json } from '../../schema/json.ts'
import { type Role, roles } from '../../server/api.ts'
import { isMap } from './kinds.ts'
import { fault, type StructureFault, strangeKey } from './structure-fault.ts'

/** Null when it is right. */
export function checkPlugins(value: Json): StructureFault | null {
  if (!isMap(value)) return fault([], 'must be a map of plugins by name')
  for (const [name, section] of Object.entries(value)) {
    if (!isMap(section)) return fault([name], 'must be a map with the key `use`')
    // Without it the section configures a plugin of that name which a module of `activities` exports.
    const { use } = section
    if (use !== undefined && (typeof use !== 'string' || use === '')) {
      return fault([name, 'use'], 'must name a module', `write use: ./plugins/${name}.ts`)
    }
  }
  return null
}

/** The same for the API keys of a server. */
export function checkKeys(value: Json): StructureFault | null {
  if (!Array.isArray(value)) return fault([], 'must be a list of keys')
  const names = new Set<string>()
  for (const [index, entry] of value.entries()) {
    const wrong = wrongInKey([String(index)], entry, names)
    if (wrong !== null) return wrong
  }
  return null
}

function wrongInKey(path: readonly string[], entry: Json, names: Set<string>): StructureFault | null {
  if (!isMap(entry)) return fault(path, 'must be a map')
  const stranger = strangeKey(path, entry, ['name', 'key', 'hash', 'roles', 'namespaces'])
  if (stranger !== null) return stranger
  const { name, key, hash, roles: given, namespaces } = entry
  if (typeof name !== 'string' || name === '' || names.has(name))
    return fault([...path, 'name'], 'must be a text that no other key has')
  names.add(name)
  if ((key === undefined) === (hash === undefined))
    return fault(path, 'must have either `key` or `hash`, the SHA-256 of one')
  if (key !== undefined && (typeof key !== 'string' || key === ''))
    return fault([...path, 'key'], 'must be a text')
  if (hash !== undefined && !(typeof hash === 'string' && /^[0-9a-f]{64}$/i.test(hash)))
    return fault([...path, 'hash'], 'must be the SHA-256 of the key, in hex')
  if (!isListOf(given, (role) => roles.some((known) => known === role)) || given.length === 0)
    return fault([...path, 'roles'], `must be a list, some of ${roles.join(', ')}`)
  if (namespaces !== undefined && !isListOf(namespaces, (namespace) => namespace !== ''))
    return fault([...path, 'namespaces'], 'must be a list of texts')
  return null
}

function isListOf(value: Json | undefined, fits: (item: string) => boolean): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && fits(item))
}

export interface ApiKey {
  readonly name: string
  readonly key?: string
  readonly hash?: string
  readonly roles: readonly Role[]
  readonly namespaces?: readonly string[]
}

/** As the server takes them; `checkKeys` has passed. */
export function apiKeys(value: Json | undefined): readonly ApiKey[] {
  return Array.isArray(value) ? (value as readonly object[] as readonly ApiKey[]) : []
}
