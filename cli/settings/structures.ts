/**
 * The shapes of settings that are more than one value. Owns what is checked before anything is loaded; what a plugin
 * wants of its own section is checked by the plugin (`activities/`). Called by `catalogue.ts`.
 */
import type { Json } from '../../schema/json.ts'
import { type Role, roles } from '../../server/api.ts'
import { isMap } from './kinds.ts'

/** Null when it is right, else what it must be. */
export function checkPlugins(value: Json): string | null {
  if (!isMap(value)) return 'a map of plugins by name'
  for (const [name, section] of Object.entries(value)) {
    if (!isMap(section)) return `a map of plugins by name, where \`${name}\` is a map with the key \`use\``
    // Without it the section configures a plugin of that name which a module of `activities` exports.
    const { use } = section
    if (use !== undefined && (typeof use !== 'string' || use === '')) {
      return `a map of plugins by name, where \`${name}\` names its module: use: ./plugins/${name}.ts`
    }
  }
  return null
}

/** The same for the API keys of a server. Says which entry by its name or number, never what its key is. */
export function checkKeys(value: Json): string | null {
  if (!Array.isArray(value)) return 'a list of keys'
  const names = new Set<string>()
  for (const [index, entry] of value.entries()) {
    const where = `a list of keys, where number ${index + 1}`
    if (!isMap(entry)) return `${where} is a map`
    const { name, key, hash, roles: given, namespaces, ...unknown } = entry
    const stranger = Object.keys(unknown)[0]
    if (stranger !== undefined)
      return `${where} has only name, key or hash, roles, namespaces (not ${stranger})`
    if (typeof name !== 'string' || name === '' || names.has(name)) return `${where} has a name of its own`
    names.add(name)
    if ((key === undefined) === (hash === undefined)) return `${where} has either a key or the hash of one`
    if (key !== undefined && (typeof key !== 'string' || key === '')) return `${where} has a text as its key`
    if (hash !== undefined && !(typeof hash === 'string' && /^[0-9a-f]{64}$/i.test(hash))) {
      return `${where} has the SHA-256 of its key in hex as its hash`
    }
    if (!isListOf(given, (role) => roles.some((known) => known === role)) || given.length === 0) {
      return `${where} has roles, some of ${roles.join(', ')}`
    }
    if (namespaces !== undefined && !isListOf(namespaces, (namespace) => namespace !== '')) {
      return `${where} has a list of texts as its namespaces`
    }
  }
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
