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

interface Place {
  readonly value: Json
  readonly parent: Place | null
  readonly key: string
  readonly depth: number
}

/** The first fault, or null. `place` is the part of the request that `value` is. */
export function findUnstorable(
  value: Json,
  place: RequestFault['in'],
  maximumDepth: number,
): RequestFault | null {
  const waiting: Place[] = [{ value, parent: null, key: '', depth: 0 }]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const fault = faultAt(at, maximumDepth)
    if (fault !== null) return { in: place, pointer: pointerTo(at), ...fault }
    if (typeof at.value !== 'object' || at.value === null) continue
    const depth = at.depth + 1
    for (const [key, inner] of Object.entries(at.value))
      waiting.push({ value: inner, parent: at, key, depth })
  }
  return null
}

function faultAt(at: Place, maximumDepth: number): { message: string; suggestion: string } | null {
  if (at.depth > maximumDepth)
    return {
      message: `is nested deeper than ${maximumDepth} levels`,
      suggestion: 'flatten it; the limit is `bodyNesting` of the server',
    }
  const keyFault = textFault(at.key)
  if (keyFault !== null) return { message: `a key ${keyFault}`, suggestion: 'remove it, or encode the text' }
  if (typeof at.value === 'string') {
    const fault = textFault(at.value)
    if (fault !== null) return { message: fault, suggestion: 'remove it, or send binary data as base64' }
  }
  if (typeof at.value === 'number' && !Number.isFinite(at.value))
    return { message: 'is a number out of range', suggestion: 'send it as a string' }
  return null
}

function pointerTo(at: Place): string {
  const keys: string[] = []
  for (let place: Place | null = at; place?.parent != null; place = place.parent) keys.unshift(place.key)
  // A pointer into something very deep says enough with its first part.
  return keys
    .slice(0, 20)
    .map((key) => `/${escapePointer(key)}`)
    .join('')
}

export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
