/**
 * The setting `eventSinks`: where published events (`emit`) go. Owns its shape, a map by name or a list with names, and
 * how it becomes the engine's; header values may be secrets of the environment, so that a settings file needs to hold
 * none. Called by `catalogue.ts` and by whoever opens an engine.
 */
import type { EventSink } from '../../engine/event-sinks.ts'
import { parseDuration } from '../../schema/duration.ts'
import type { Json, JsonObject } from '../../schema/json.ts'
import type { Environment } from './environment.ts'
import { isMap } from './kinds.ts'
import { SettingsError } from './problem.ts'

export const eventSinksShape =
  'map of name to `{ url, headers, types, timeout, retry: { maximumAttempts, initialInterval, maximumInterval } }`'

/** Null when it is right, else what it must be. Names an entry, never what its headers are. */
export function checkEventSinks(value: Json): string | null {
  const entries = entriesOf(value)
  if (entries === null) return 'a map of sinks by name, or a list of sinks that have a name'
  const names = new Set<string>()
  for (const [name, sink] of entries) {
    if (name === '' || names.has(name)) return 'event sinks, each with a name of its own'
    names.add(name)
    const wrong = wrongIn(sink)
    if (wrong !== null) return `event sinks, where \`${name}\` ${wrong}`
  }
  return null
}

/** What is wrong with one sink, as it follows its name. */
function wrongIn(sink: Json): string | null {
  if (!isMap(sink)) return 'is a map with the key `url`'
  const { url, headers, types, timeout, retry, ...unknown } = sink
  const stranger = Object.keys(unknown)[0]
  if (stranger !== undefined) return `has only url, headers, types, timeout, retry (not ${stranger})`
  if (typeof url !== 'string' || !isHttpUrl(url)) return 'has a url that begins with http:// or https://'
  if (headers !== undefined && !(isMap(headers) && Object.entries(headers).every(isHeader)))
    return 'has headers that are texts, or { secret: NAME } for PERDURE_SECRET_NAME'
  if (types !== undefined && !isTexts(types)) return 'has a list of event types, such as order.*'
  if (timeout !== undefined && !isDuration(timeout)) return 'has a timeout such as "10s"'
  return retry === undefined ? null : wrongInRetry(retry)
}

function wrongInRetry(retry: Json): string | null {
  if (!isMap(retry)) return 'has a map as its retry'
  const { maximumAttempts, initialInterval, maximumInterval, ...unknown } = retry
  const stranger = Object.keys(unknown)[0]
  if (stranger !== undefined)
    return `has in its retry only maximumAttempts, initialInterval, maximumInterval (not ${stranger})`
  const isCount =
    typeof maximumAttempts === 'number' && Number.isSafeInteger(maximumAttempts) && maximumAttempts >= 1
  if (maximumAttempts !== undefined && !isCount) return 'has a whole number from 1 as its maximumAttempts'
  for (const interval of [initialInterval, maximumInterval])
    if (interval !== undefined && !isDuration(interval)) return 'has retry intervals such as "1s"'
  return null
}

/** As the engine takes them; `checkEventSinks` has passed. Throws `SettingsError` for a secret that is not set. */
export function eventSinks(value: Json | undefined, environment: Environment): readonly EventSink[] {
  return (value === undefined ? [] : (entriesOf(value) ?? [])).flatMap(([name, sink]) =>
    isMap(sink) ? [eventSink(name, sink, environment)] : [],
  )
}

function eventSink(name: string, sink: JsonObject, environment: Environment): EventSink {
  const { url, headers, types, timeout } = sink
  const retry = isMap(sink['retry']) ? sink['retry'] : {}
  const { maximumAttempts } = retry
  const place = `eventSinks.${name}.headers`
  return {
    name,
    url: String(url),
    ...(isMap(headers) && {
      headers: Object.fromEntries(
        Object.entries(headers).map(([header, text]) => [
          header,
          headerText(text, `${place}.${header}`, environment),
        ]),
      ),
    }),
    ...(isTexts(types) && { types }),
    ...milliseconds('timeoutMs', timeout),
    ...(typeof maximumAttempts === 'number' && { maximumAttempts }),
    ...milliseconds('initialIntervalMs', retry['initialInterval']),
    ...milliseconds('maximumIntervalMs', retry['maximumInterval']),
  }
}

function headerText(value: Json, place: string, environment: Environment): string {
  if (!isMap(value)) return String(value)
  const variable = `PERDURE_SECRET_${String(value['secret'])}`
  const secret = environment[variable]
  if (secret === undefined || secret === '') {
    throw new SettingsError([
      {
        place,
        message: `the secret ${String(value['secret'])} is not set`,
        suggestion: `set ${variable}`,
      },
    ])
  }
  const text = `${String(value['prefix'] ?? '')}${secret}`
  if (canBeSent('x', text)) return text
  throw new SettingsError([{ place, message: `${variable} holds what no header can: a line break, or such` }])
}

function entriesOf(value: Json): readonly (readonly [name: string, sink: Json])[] | null {
  if (isMap(value)) return Object.entries(value)
  if (!Array.isArray(value)) return null
  const sinks: readonly Json[] = value
  return sinks.map((entry) => {
    if (!isMap(entry)) return ['', entry]
    const { name, ...sink } = entry
    return [typeof name === 'string' ? name : '', sink]
  })
}

function milliseconds<Key extends string>(
  key: Key,
  duration: Json | undefined,
): { readonly [K in Key]?: number } {
  const ms = typeof duration === 'string' ? parseDuration(duration) : null
  return ms === null ? {} : ({ [key]: ms } as { readonly [K in Key]: number })
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}

function isHeader([header, value]: [string, Json]): boolean {
  if (!isMap(value)) return typeof value === 'string' && value !== '' && canBeSent(header, value)
  if (!canBeSent(header, '')) return false
  const { secret, prefix = '', ...unknown } = value
  const isName = typeof secret === 'string' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(secret)
  return isName && typeof prefix === 'string' && Object.keys(unknown).length === 0
}

/** As `fetch` will judge it when the first event goes out. */
function canBeSent(header: string, value: string): boolean {
  try {
    new Headers([[header, value]])
    return true
  } catch {
    return false
  }
}

/** A zero would be no timeout at all. */
function isDuration(value: Json | undefined): boolean {
  return typeof value === 'string' && (parseDuration(value) ?? 0) >= 1
}

function isTexts(value: Json | undefined): value is readonly string[] {
  return (
    Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string' && item !== '')
  )
}
