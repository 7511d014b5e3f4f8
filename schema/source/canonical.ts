/**
 * The identity of a document: SHA-256 of its canonical JSON (RFC 8785: keys sorted by UTF-16 code units, no white space,
 * numbers as ECMAScript writes them). Comments, key order and YAML style do not take part. Called when a document is compiled.
 */
import type { Json } from '../json.ts'
import { sha256Hex } from './sha256.ts'

/** The value as one line of JSON that is equal for equal values. Expects a value whose nesting was checked. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`
}

/** 64 hexadecimal digits. */
export function digestOf(definition: Json): string {
  return sha256Hex(canonicalJson(definition))
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
