/**
 * Where published events (`emit`) go: HTTP sinks by name, from the settings. Owns their defaults and the check of what
 * is configured; what is written for them is `outbox-writes.ts`, what is sent is `outbox/sender.ts`.
 */

export interface EventSink {
  /** In deliveries and logs; unique. */
  readonly name: string
  /** Gets each event by POST, in the structured mode of CloudEvents. */
  readonly url: string
  /** Sent along, such as `authorization`. */
  readonly headers?: { readonly [name: string]: string }
  /** Only events of these types; `*` stands for any characters. Absent: all. */
  readonly types?: readonly string[]
  /** For one POST, its answer included. */
  readonly timeoutMs?: number
  /** Then the delivery is dead until an operator says otherwise. */
  readonly maximumAttempts?: number
  /** The pause after the first failure; it doubles with each. */
  readonly initialIntervalMs?: number
  readonly maximumIntervalMs?: number
}

export type WholeSink = Required<EventSink>

const defaults = {
  headers: {},
  types: ['*'],
  timeoutMs: 10_000,
  maximumAttempts: 20,
  initialIntervalMs: 1_000,
  maximumIntervalMs: 10 * 60_000,
} as const satisfies Omit<WholeSink, 'name' | 'url'>

/** Throws `TypeError` with the name of the sink: a wrong one would be found at the first event otherwise. */
export function wholeSinks(sinks: readonly EventSink[]): readonly WholeSink[] {
  const names = new Set<string>()
  return sinks.map((sink) => {
    const whole: WholeSink = { ...defaults, ...sink }
    const refuse = (what: string): never => {
      throw new TypeError(`eventSinks: '${String(sink.name)}' ${what}`)
    }
    if (typeof sink.name !== 'string' || sink.name === '') refuse('has no name')
    if (names.has(sink.name)) refuse('is there twice')
    names.add(sink.name)
    if (!URL.canParse(sink.url)) refuse('has no http(s) address as its url')
    const { protocol, username, password } = new URL(sink.url)
    if (protocol !== 'http:' && protocol !== 'https:') refuse('has no http(s) address as its url')
    // `fetch` refuses to send them, with an error that holds them.
    if (username !== '' || password !== '') refuse('has a user or password in its url: send a header instead')
    try {
      new Headers({ ...whole.headers })
    } catch (thrown) {
      refuse(`has headers that cannot be sent: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
    }
    for (const key of ['timeoutMs', 'maximumAttempts', 'initialIntervalMs', 'maximumIntervalMs'] as const) {
      if (!Number.isSafeInteger(whole[key]) || whole[key] < 1) {
        refuse(`has ${key} ${String(whole[key])}: give a whole number from 1`)
      }
    }
    return whole
  })
}

/** Whether the sink wants events of this type. */
export function wants(sink: WholeSink, type: string): boolean {
  return sink.types.some((pattern) => matches(pattern, type))
}

/** Without regular expressions: a pattern of many stars must not cost more than its length times the text's. */
function matches(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return pattern === text
  if (!text.startsWith(first)) return false
  const last = rest.pop() ?? ''
  let at = first.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}
