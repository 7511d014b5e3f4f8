/**
 * The kinds of values that a setting may have, and how each is read: from text (environment, flag) and from a value
 * of the settings file. Owns the reading and the wording of "wrong type"; which setting has which kind is said in
 * `catalogue.ts`. Called by the sources (`file.ts`, `environment.ts`, and `resolve.ts` for flags).
 */
import { parseDuration } from '../../schema/duration.ts'
import type { Json, JsonObject } from '../../schema/json.ts'
import type { Duration } from './durations.ts'
import type { StructureFault } from './structure-fault.ts'

export type SettingKind =
  | { readonly kind: 'text' }
  /** Relative to the working directory, which is where the settings file is too. */
  | { readonly kind: 'path' }
  | { readonly kind: 'url'; readonly protocols: readonly string[] }
  | { readonly kind: 'integer'; readonly minimum: number; readonly maximum: number }
  | { readonly kind: 'duration' }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  /** In the file a list or one text; elsewhere separated by commas. */
  | { readonly kind: 'texts' }
  /** In the file a map or a list; elsewhere JSON. `check` says the first thing that is wrong with its shape, or null. */
  | {
      readonly kind: 'structure'
      readonly shape: string
      readonly check: (value: Json) => StructureFault | null
    }

/** What the program gets for a setting of this kind. */
export type ValueOfKind<K extends SettingKind> = K extends { kind: 'integer' }
  ? number
  : K extends { kind: 'duration' }
    ? Duration
    : K extends { kind: 'texts' }
      ? readonly string[]
      : K extends { kind: 'structure' }
        ? Json
        : string

export type SettingValue = string | number | Duration | readonly string[] | Json

export type Reading =
  | { readonly ok: true; readonly value: SettingValue }
  /** `expected` completes "must be …". */
  | { readonly ok: false; readonly expected: string; readonly got: string }
  | { readonly ok: false; readonly fault: StructureFault }

/** Reads a value as it stands in a settings file. */
export function readValue(kind: SettingKind, value: Json): Reading {
  switch (kind.kind) {
    case 'text':
    case 'path':
      return typeof value === 'string' && value !== '' ? good(value) : bad('a text', value)
    case 'url':
      return typeof value === 'string' ? readUrl(kind.protocols, value) : bad('a URL', value)
    case 'integer': {
      const fits =
        typeof value === 'number' &&
        Number.isSafeInteger(value) &&
        value >= kind.minimum &&
        value <= kind.maximum
      return fits ? good(value) : bad(integerRange(kind), value)
    }
    case 'duration': {
      const ms = typeof value === 'string' ? parseDuration(value) : null
      return ms !== null
        ? good({ text: String(value), ms })
        : bad('a duration such as "30s", "5m" or "7d"', value)
    }
    case 'choice':
      return typeof value === 'string' && kind.choices.includes(value)
        ? good(value)
        : bad(`one of ${kind.choices.join(', ')}`, value)
    case 'texts': {
      const items = typeof value === 'string' ? [value] : value
      return isTexts(items) ? good(items) : bad('a text or a list of texts', value)
    }
    case 'structure': {
      const fault = kind.check(value)
      return fault === null ? good(value) : { ok: false, fault }
    }
    default:
      return kind satisfies never
  }
}

/** Reads the text of an environment variable or a flag. */
export function readText(kind: SettingKind, text: string): Reading {
  switch (kind.kind) {
    case 'integer':
      return /^-?\d+$/.test(text.trim())
        ? readValue(kind, Number(text))
        : { ok: false, expected: integerRange(kind), got: JSON.stringify(text) }
    case 'texts':
      return readValue(
        kind,
        text
          .split(',')
          .map((item) => item.trim())
          .filter((item) => item !== ''),
      )
    case 'structure':
      try {
        return readValue(kind, JSON.parse(text) as Json)
      } catch {
        return { ok: false, expected: `${kind.shape}, as JSON`, got: 'text that is not JSON' }
      }
    default:
      return readValue(kind, text)
  }
}

/** In words, for the docs. */
export function kindInWords(kind: SettingKind): string {
  switch (kind.kind) {
    case 'integer':
      return integerRange(kind)
    case 'choice':
      return kind.choices.map((choice) => `\`${choice}\``).join(', ')
    case 'texts':
      return 'list of texts'
    case 'url':
      return 'URL'
    case 'structure':
      return kind.shape
    default:
      return kind.kind
  }
}

const good = (value: SettingValue): Reading => ({ ok: true, value })

function bad(expected: string, value: Json): Reading {
  return { ok: false, expected, got: shown(value) }
}

/** A wrong value is shown, but never a long one, and never the password of a URL. */
function shown(value: Json): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  const text = JSON.stringify(value)
  if (typeof value === 'string' && value.includes('://')) return 'another text'
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

function isTexts(value: Json): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '')
}

function integerRange(kind: { readonly minimum: number; readonly maximum: number }): string {
  return kind.maximum === Number.MAX_SAFE_INTEGER
    ? `a whole number from ${kind.minimum}`
    : `a whole number from ${kind.minimum} to ${kind.maximum}`
}

function readUrl(protocols: readonly string[], text: string): Reading {
  const expected = `a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`
  // A URL may hold a password, so the wrong one is not repeated.
  const wrong: Reading = { ok: false, expected, got: text === '' ? 'an empty text' : 'another text' }
  try {
    return protocols.includes(new URL(text).protocol) ? good(text) : wrong
  } catch {
    return wrong
  }
}

export function isMap(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
