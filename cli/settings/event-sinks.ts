/**
 * The setting `eventSinks`: where published events (`emit`) go. Owns its shape, a map by name or a list with names, and
 * how it becomes the engine's; header values may be secrets of the environment, so that a settings file needs to hold
 * none. Called by `catalogue.ts` and by whoever opens an engine.
 */
import type { EventSink } from '../../engine/outbox/event-sinks.ts'
import { parseDuration } from '../../schema/duration.ts'
import type { Json, JsonObject } from '../../schema/json.ts'
import type { Environment } from './environment.ts'
import { isMap } from './kinds.ts'
import { SettingsError } from './problem.ts'
import { fault, type StructureFault, strangeKey } from './structure-fault.ts'

export const eventSinksShape =
  'map of name to `{ url, headers, types, timeout, retry: { maximumAttempts, initialInterval, maximumInterval } }`'

/** Null when it is right. */
export function checkEventSinks(value: Json): StructureFault | null {
  const entries = entriesOf(value)
  if (entries === null)
    return fault([], 'must be a map of sinks by name, or a list of sinks that have a name')
  const names = new Set<string>()
  for (const [index, [name, sink]] of entries.entries()) {
    const path = [isMap(value) ? name : String(index)]
    if (name === '' || names.has(name))
      return fault(isMap(value) ? path : [...path, 'name'], 'must be a text that no other sink has')
    names.add(name)
    const wrong = wrongInSink(path, sink)
    if (wrong !== null) return wrong
  }
  return null
}

function wrongInSink(path: readonly string[], sink: Json): StructureFault | null {
  if (!isMap(sink)) return fault(path, 'must be a map with the key `url`')
  const stranger = strangeKey(path, sink, ['url', 'headers', 'types', 'timeout', 'retry'])
  if (stranger !== null) return stranger
  const { url, headers, types, timeout, retry } = sink
  if (types !== undefined && !isTexts(types))
    return fault([...path, 'types'], 'must be a list of event types, such as [ order.* ]')
  if (timeout !== undefined && !isDuration(timeout))
    return fault([...path, 'timeout'], 'must be a duration such as "10s"')
  return (
    wrongInUrl([...path, 'url'], url) ??
    wrongInHeaders([...path, 'headers'], headers) ??
    wrongInRetry([...path, 'retry'], retry)
  )
}

function wrongInUrl(path: readonly string[], url: Json | undefined): StructureFault | null {
  if (typeof url !== 'string' || !isHttpUrl(url))
    return fault(path, 'must be a URL that begins with http:// or https://')
  const { username, password } = new URL(url)
  if (username === '' && password === '') return null
  // `fetch` sends none, and would name the whole URL in its error.
  return fault(
    path,
    'must have no user and password in it',
    'send them as headers: { authorization: { secret: NAME, prefix: "Basic " } }, where PERDURE_SECRET_NAME is user:password in base64',
  )
}

function wrongInHeaders(path: readonly string[], headers: Json | undefined): StructureFault | null {
  if (headers === undefined) return null
  if (!isMap(headers)) return fault(path, 'must be a map of headers by name')
  for (const [name, value] of Object.entries(headers)) {
    if (!canBeSent(name, '')) return fault([...path, name], 'is no name that a header can have')
    if (!isHeaderValue(value))
      return fault([...path, name], 'must be a text of one line, or { secret: NAME } for PERDURE_SECRET_NAME')
  }
  return null
}

function wrongInRetry(path: readonly string[], retry: Json | undefined): StructureFault | null {
  if (retry === undefined) return null
  if (!isMap(retry)) return fault(path, 'must be a map')
  const stranger = strangeKey(path, retry, ['maximumAttempts', 'initialInterval', 'maximumInterval'])
  if (stranger !== null) return stranger
  const { maximumAttempts } = retry
  const isCount =
    typeof maximumAttempts === 'number' && Number.isSafeInteger(maximumAttempts) && maximumAttempts >= 1
  if (maximumAttempts !== undefined && !isCount)
    return fault([...path, 'maximumAttempts'], 'must be a whole number from 1')
  for (const key of ['initialInterval', 'maximumInterval'])
    if (retry[key] !== undefined && !isDuration(retry[key]))
      return fault([...path, key], 'must be a duration such as "1s"')
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

function isHeaderValue(value: Json): boolean {
  if (!isMap(value)) return typeof value === 'string' && value !== '' && canBeSent('x', value)
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
