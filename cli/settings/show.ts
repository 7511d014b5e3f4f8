/**
 * Settings as they may be shown: secrets masked, also the password inside a URL and what looks like a secret in a
 * plugin's section. Owns the masking. Called by `perdure config` and by whoever names a database in a message.
 */
import type { Json } from '../../schema/json.ts'
import { settingOf } from './catalogue.ts'
import { isMap } from './kinds.ts'
import type { EffectiveSetting } from './resolve.ts'

const mask = '***'

/** As JSON; null when there is no value. */
export function shownValue(entry: EffectiveSetting): Json {
  const { value } = entry
  if (value === undefined || value === null) return null
  if (settingOf(entry.key).secret) return mask
  const isDuration = settingOf(entry.key).kind.kind === 'duration'
  if (isDuration && typeof value === 'object' && 'text' in value) return String(value['text'])
  return maskInside(value as Json)
}

/** `postgres://user:password@host/db` without its password. Text that is no URL comes back as it is. */
export function maskUrl(text: string): string {
  if (!text.includes('://')) return text
  try {
    const url = new URL(text)
    const secretParameters = [...url.searchParams.keys()].filter(looksSecret)
    if (url.password === '' && secretParameters.length === 0) return text
    if (url.password !== '') url.password = mask
    for (const name of secretParameters) url.searchParams.set(name, mask)
    return url.href
  } catch {
    // Unreadable as a URL, so where its password stands cannot be told.
    return text.includes('@') ? mask : text
  }
}

function maskInside(value: Json): Json {
  if (typeof value === 'string') return maskUrl(value)
  if (Array.isArray(value)) return value.map(maskInside)
  if (!isMap(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, maskMember(name, inner)]))
}

/** What stands in a header is a secret more often than not; a reference to one is none. */
function maskMember(name: string, inner: Json): Json {
  if (name === 'headers' && isMap(inner)) {
    return Object.fromEntries(
      Object.entries(inner).map(([header, text]) => [header, isMap(text) ? text : mask]),
    )
  }
  return looksSecret(name) && inner !== null ? mask : maskInside(inner)
}

function looksSecret(name: string): boolean {
  return /pass(word|phrase|wd)?$|secret|token|credential|(api|private|access)[-_]?key|^key$|^auth/i.test(name)
}
