/**
 * The shapes of settings that are more than one value. Owns what is checked before anything is loaded; what a plugin
 * wants of its own section is checked by the plugin (`activities/`). Called by `catalogue.ts`.
 */
import type { Json } from '../../schema/json.ts'
import { isMap } from './kinds.ts'

/** Null when it is right, else what it must be. */
export function checkPlugins(value: Json): string | null {
  if (!isMap(value)) return 'a map of plugins by name'
  for (const [name, section] of Object.entries(value)) {
    if (!isMap(section)) return `a map of plugins by name, where \`${name}\` is a map with the key \`use\``
    if (typeof section['use'] !== 'string' || section['use'] === '') {
      return `a map of plugins by name, where \`${name}\` names its module: use: ./plugins/${name}.ts`
    }
  }
  return null
}

export function checkKeys(value: Json): string | null {
  if (!Array.isArray(value)) return 'a list of keys'
  return value.every((key) => isMap(key) && typeof key['hash'] === 'string')
    ? null
    : 'a list of keys, each a map with a `hash`'
}
