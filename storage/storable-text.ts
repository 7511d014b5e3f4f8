/**
 * What PostgreSQL refuses in text and JSON: U+0000 and lone surrogates, raw or escaped. The memory driver asks here,
 * so that a scenario that passes in memory does not fail on a database; the SQL drivers leave it to the server.
 */
import { StorageDataError } from './contract.ts'

/** One escape of a JSON string; matching each one keeps `\\u0000` (a backslash and text) apart from `\u0000`. */
const escapes = /\\(?:u([0-9a-fA-F]{4})|.)/g

/** `text` is JSON. Costs one native search where there is no `\u`, which is nearly always. */
export function assertStorableJson(text: string, what: string): void {
  if (text.includes('\u0000')) refuse(what)
  if (!text.includes('\\u')) return
  /** Where the second half of an escaped pair must begin; null when no pair is open. */
  let pairEnd: number | null = null
  for (const match of text.matchAll(escapes)) {
    const unit = match[1] === undefined ? null : Number.parseInt(match[1], 16)
    const isLow = unit !== null && unit >= 0xdc00 && unit <= 0xdfff
    if (unit === 0 || isLow !== (pairEnd !== null && pairEnd === match.index)) refuse(what)
    if (pairEnd !== null && !isLow) refuse(what)
    pairEnd = unit !== null && unit >= 0xd800 && unit <= 0xdbff ? match.index + 6 : null
  }
  if (pairEnd !== null) refuse(what)
}

/** `text` is a name or an id, not JSON. */
export function assertStorableText(text: string, what: string): void {
  if (text.includes('\u0000') || /\p{Surrogate}/u.test(text)) refuse(what)
}

function refuse(what: string): never {
  throw new StorageDataError(`${what} holds U+0000 or a lone surrogate, which the database cannot store`)
}
