/**
 * What is wrong inside a setting that is a map or a list: where below its key, in words that follow its name. Owns the
 * shape and the naming; what is right is said by `structures.ts` and `event-sinks.ts`, the place in the file is found
 * by `file.ts`. A fault never repeats a value: a structure may hold secrets.
 */

import type { JsonObject } from '../../schema/json.ts'
import { didYouMean } from '../../schema/problems/did-you-mean.ts'

export interface StructureFault {
  /** Below the setting's key; empty for the whole of it. An entry of a list is its number from 0. */
  readonly path: readonly string[]
  /** Follows the name, such as `must be a list`. */
  readonly message: string
  readonly suggestion?: string
}

export function fault(path: readonly string[], message: string, suggestion?: string): StructureFault {
  return { path, message, ...(suggestion !== undefined && { suggestion }) }
}

/** The first key that is not known, if there is one. */
export function strangeKey(
  path: readonly string[],
  map: JsonObject,
  known: readonly string[],
): StructureFault | null {
  const stranger = Object.keys(map).find((key) => !known.includes(key))
  if (stranger === undefined) return null
  const nearest = didYouMean(stranger, known)
  return fault(
    [...path, stranger],
    'is unknown',
    nearest === undefined ? `known here: ${known.join(', ')}` : `did you mean \`${nearest}\`?`,
  )
}

/** Such as `eventSinks.audit.retry` or `keys[0].roles`. */
export function nameOf(key: string, path: readonly string[]): string {
  return path.reduce((name, part) => (/^\d+$/.test(part) ? `${name}[${part}]` : `${name}.${part}`), key)
}
