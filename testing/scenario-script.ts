/**
 * Reads `activities` of a scenario: what each call of a scripted activity does.
 * Called by `scenario-file.ts` and `test-engine.ts`; `scripted-executor.ts` plays the script.
 */
import type { Json } from '../engine/index.ts'
import type { DocumentPath, Script, ScriptEntry, ScriptedError, ScriptedOutcome } from './scenario.ts'
import { isList, type ScenarioReader } from './scenario-reader.ts'

const entryKeys = ['returns', 'throws', 'takes', 'heartbeats']
const errorKeys = ['type', 'message', 'details', 'retryable', 'retryAfter']

export function readScript(reader: ScenarioReader, value: Json | undefined, path: DocumentPath): Script {
  const script = new Map<string, readonly ScriptEntry[]>()
  if (value === undefined) return script
  const map = reader.anyMap(value, path, '"activities"')
  for (const [name, calls] of Object.entries(map ?? {})) {
    const at = [...path, name]
    if (isList(calls) && calls.length === 0)
      reader.wrong(
        at,
        `the script of "${name}" is empty`,
        'name at least one call, such as { returns: null }',
      )
    const entries = isList(calls)
      ? calls.map((call, index) => readEntry(reader, call, [...at, index], name))
      : [readEntry(reader, calls, at, name)]
    const whole = entries.filter((entry) => entry !== null)
    if (whole.length > 0) script.set(name, whole)
  }
  return script
}

function readEntry(
  reader: ScenarioReader,
  value: Json,
  path: DocumentPath,
  name: string,
): ScriptEntry | null {
  const map = reader.map(value, path, `the script of "${name}"`, entryKeys)
  if (map === null) return null
  const takes = readTakes(reader, map['takes'], [...path, 'takes'])
  const outcome = readOutcome(reader, map['returns'], map['throws'], path)
  const heartbeatIntervalMs =
    map['heartbeats'] === undefined
      ? undefined
      : (reader.durationMs(map['heartbeats'], [...path, 'heartbeats'], '"heartbeats"') ?? undefined)
  if (heartbeatIntervalMs === 0)
    reader.wrong(
      [...path, 'heartbeats'],
      '"heartbeats" must be longer than nothing',
      'write an interval such as 10s',
    )
  if (typeof takes === 'string' && (map['returns'] !== undefined || map['throws'] !== undefined))
    reader.wrong(path, `a call that takes "${takes}" has no outcome`, 'leave out "returns" and "throws"')
  if (map['takes'] === undefined && map['returns'] === undefined && map['throws'] === undefined)
    reader.wrong(path, `the script of "${name}" says nothing`, 'name "returns", "throws" or "takes"')
  return { path, outcome, takes, ...(heartbeatIntervalMs === undefined ? {} : { heartbeatIntervalMs }) }
}

function readTakes(
  reader: ScenarioReader,
  value: Json | undefined,
  path: DocumentPath,
): ScriptEntry['takes'] {
  if (value === undefined) return 0
  if (value === 'forever' || value === 'never starts') return value
  return reader.durationMs(value, path, '"takes" (a duration, "forever" or "never starts")') ?? 0
}

function readOutcome(
  reader: ScenarioReader,
  returns: Json | undefined,
  throws: Json | undefined,
  path: DocumentPath,
): ScriptedOutcome {
  if (throws === undefined) return { kind: 'returns', value: returns ?? null }
  if (returns !== undefined) reader.wrong(path, 'a call either returns or throws', 'leave one of them out')
  return { kind: 'throws', error: readError(reader, throws, [...path, 'throws']) }
}

function readError(reader: ScenarioReader, value: Json, path: DocumentPath): ScriptedError {
  const map = reader.map(value, path, '"throws"', errorKeys) ?? {}
  const optional = <T>(key: string, read: (value: Json, at: DocumentPath) => T | null): T | undefined => {
    const item = map[key]
    return item === undefined ? undefined : (read(item, [...path, key]) ?? undefined)
  }
  if (map['type'] === undefined) reader.wrong(path, '"throws" has no "type"', 'name the type of the error')
  const type = optional('type', (item, at) => reader.text(item, at, '"type"'))
  const message = optional('message', (item, at) => reader.text(item, at, '"message"'))
  const retryable = optional('retryable', (item, at) => reader.flag(item, at, '"retryable"'))
  const retryAfterMs = optional('retryAfter', (item, at) => reader.durationMs(item, at, '"retryAfter"'))
  return {
    type: type ?? '',
    message: message ?? '',
    ...(map['details'] === undefined ? {} : { details: map['details'] }),
    ...(retryable === undefined ? {} : { retryable }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}
