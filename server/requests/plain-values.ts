/**
 * Refuses what JSON can spell and no store can keep: U+0000, lone surrogates, numbers out of range, and nesting that
 * would overflow the stack of whoever walks it. One walk without recursion over everything that a request holds.
 */
import type { Json, RequestFault } from '../api.ts'

const loneSurrogate = /\p{Surrogate}/u

function textFault(text: string): string | null {
  if (text.includes('\0')) return 'holds the character U+0000, which cannot be stored'
  if (loneSurrogate.test(text)) return 'holds half of a surrogate pair, which is not valid Unicode'
  return null
}

type Key = string | number

/** A map or list on the way, with the way back to the root. Plain values get none: a body may hold millions. */
interface Place {
  readonly value: JsonContainer
  readonly parent: Place | null
  readonly key: Key
  readonly depth: number
}
type JsonContainer = Extract<Json, object>

interface Fault {
  readonly message: string
  readonly suggestion: string
}

/** The first fault, or null. `part` is the part of the request that `value` is. */
export function findUnstorable(
  value: Json,
  part: RequestFault['in'],
  maximumDepth: number,
): RequestFault | null {
  const waiting: Place[] = []
  /** Looks at a value; one that holds others waits for its turn. */
  const look = (inner: Json, parent: Place | null, key: Key): RequestFault | null => {
    const depth = (parent?.depth ?? 0) + 1
    const isContainer = typeof inner === 'object' && inner !== null
    if (isContainer && depth <= maximumDepth) waiting.push({ value: inner, parent, key, depth })
    const fault = isContainer ? (depth > maximumDepth ? tooDeep(maximumDepth) : null) : plainFault(inner)
    return fault === null ? null : { in: part, pointer: pointerTo(parent, key), ...fault }
  }
  let found = look(value, null, '')
  for (let at = waiting.pop(); at !== undefined && found === null; at = waiting.pop()) {
    if (isList(at.value)) {
      for (let index = 0; index < at.value.length && found === null; index++)
        found = look(at.value[index] ?? null, at, index)
    } else {
      for (const key of Object.keys(at.value)) {
        found ??= keyFault(key, at, part) ?? look(at.value[key] ?? null, at, key)
      }
    }
  }
  return found
}

function isList(value: JsonContainer): value is Extract<JsonContainer, readonly Json[]> {
  return Array.isArray(value)
}

function tooDeep(maximumDepth: number): Fault {
  return {
    message: `is nested deeper than ${maximumDepth} levels`,
    suggestion: 'flatten it; the limit is `bodyNesting` of the server',
  }
}

function keyFault(key: string, at: Place, part: RequestFault['in']): RequestFault | null {
  const fault = textFault(key)
  if (fault === null) return null
  const suggestion = 'remove it, or encode the text'
  return { in: part, pointer: pointerTo(at, key), message: `a key ${fault}`, suggestion }
}

function plainFault(value: Exclude<Json, object> | null): Fault | null {
  if (typeof value === 'string') {
    const message = textFault(value)
    return message === null ? null : { message, suggestion: 'remove it, or send binary data as base64' }
  }
  if (typeof value === 'number' && !Number.isFinite(value))
    return { message: 'is a number out of range', suggestion: 'send it as a string' }
  return null
}

/** A pointer into something very deep says enough with its first part. */
const pointerKeys = 20

function pointerTo(parent: Place | null, key: Key): string {
  if (parent === null) return ''
  const keys: Key[] = [key]
  for (let place: Place = parent; place.parent !== null; place = place.parent) keys.unshift(place.key)
  return keys
    .slice(0, pointerKeys)
    .map((one) => `/${escapePointer(String(one))}`)
    .join('')
}

export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
