/**
 * Reads `at` of a scenario: what happens from outside, and when.
 * Called by `scenario-file.ts` alone; `drive.ts` does it.
 */
import type { Json, JsonObject } from '../engine/index.ts'
import type { AtEntry, DocumentPath, ExpectedAnswer, Scenario } from './scenario.ts'
import { isMap, type ScenarioReader } from './scenario-reader.ts'

/** What an entry does is told by exactly one of these. */
const actionKeys = {
  signal: ['input', 'error'],
  query: ['input', 'expect', 'error'],
  update: ['input', 'id', 'expect', 'error'],
  cancel: [],
  terminate: [],
  pause: [],
  resume: [],
  migrate: [],
  crash: [],
} as const satisfies { readonly [action: string]: readonly string[] }

type Action = keyof typeof actionKeys
const actions = Object.keys(actionKeys).filter((key): key is Action => key in actionKeys)
const laterActions: readonly Action[] = ['migrate']

export function readAt(
  reader: ScenarioReader,
  value: Json | undefined,
  path: DocumentPath,
): { readonly entries: readonly AtEntry[]; readonly notSupported: Scenario['notSupported'] } {
  const notSupported: { readonly what: string; readonly path: DocumentPath }[] = []
  const entries: AtEntry[] = []
  const list = value === undefined ? [] : (reader.list(value, path, '"at"') ?? [])
  for (const [index, item] of list.entries()) {
    const at = [...path, index]
    const action = actionOf(reader, item, at)
    if (action === null || !isMap(item)) continue
    const afterMs = reader.durationMs(item['after'], [...at, 'after'], '"after"')
    if (laterActions.includes(action))
      notSupported.push({ what: `"${action}" in "at"`, path: [...at, action] })
    else if (afterMs !== null) {
      const entry = readAction(reader, action, item, at, afterMs)
      if (entry !== null) entries.push(entry)
    }
  }
  // Stable: those of one instant keep the order of the file.
  return { entries: entries.toSorted((one, other) => one.afterMs - other.afterMs), notSupported }
}

function actionOf(reader: ScenarioReader, item: Json, path: DocumentPath): Action | null {
  const allKeys = ['after', ...actions, 'input', 'id', 'expect', 'error']
  const map = reader.map(item, path, 'an entry of "at"', allKeys)
  if (map === null) return null
  const named = actions.filter((action) => map[action] !== undefined)
  const [action, second] = named
  if (action === undefined) {
    if (Object.keys(map).every((key) => allKeys.includes(key)))
      reader.wrong(path, 'this entry of "at" does nothing', `name one of ${actions.join(', ')}`)
    return null
  }
  if (second !== undefined) {
    reader.wrong(path, `an entry of "at" does one thing, not "${action}" and "${second}"`, 'make two entries')
    return null
  }
  const allowed: readonly string[] = ['after', action, ...actionKeys[action]]
  for (const key of Object.keys(map))
    if (allKeys.includes(key) && !allowed.includes(key))
      reader.wrong([...path, key], `"${key}" has no meaning beside "${action}"`, `leave it out`)
  return action
}

function readAction(
  reader: ScenarioReader,
  action: Action,
  map: JsonObject,
  path: DocumentPath,
  afterMs: number,
): AtEntry | null {
  const base = { path, afterMs }
  const input = map['input'] ?? null
  const error = map['error'] === undefined ? null : reader.anyMap(map['error'], [...path, 'error'], '"error"')
  switch (action) {
    case 'signal': {
      const name = reader.text(map['signal'], [...path, 'signal'], '"signal"')
      return name === null
        ? null
        : { ...base, kind: 'signal', name, input, ...(error === null ? {} : { error }) }
    }
    case 'query': {
      const name = reader.text(map['query'], [...path, 'query'], '"query"')
      const answer = readAnswer(reader, map['expect'], error, path, 'a query')
      if (name === null) return null
      return {
        ...base,
        kind: 'query',
        name,
        ...(map['input'] === undefined ? {} : { input: map['input'] }),
        answer,
      }
    }
    case 'update': {
      const name = reader.text(map['update'], [...path, 'update'], '"update"')
      const updateId = map['id'] === undefined ? null : reader.text(map['id'], [...path, 'id'], '"id"')
      const answer = readAnswer(reader, map['expect'], error, path, 'an update')
      if (name === null) return null
      return { ...base, kind: 'update', name, input, answer, ...(updateId === null ? {} : { updateId }) }
    }
    case 'cancel':
    case 'terminate': {
      const reason = map[action]
      if (reason !== null && reason !== true && typeof reason !== 'string') {
        reader.wrong([...path, action], `"${action}" must be the reason, a text`)
        return null
      }
      return { ...base, kind: action, reason: typeof reason === 'string' ? reason : null }
    }
    case 'crash':
      if (map['crash'] !== true) reader.wrong([...path, 'crash'], '"crash" must be true')
      return { ...base, kind: 'crash' }
    case 'pause':
      if (map['pause'] !== true) reader.wrong([...path, 'pause'], '"pause" must be true')
      return { ...base, kind: 'pause' }
    case 'resume':
      if (map['resume'] !== true && map['resume'] !== 'skip')
        reader.wrong(
          [...path, 'resume'],
          '"resume" must be true',
          'or "skip", to leave what cannot be undone',
        )
      return { ...base, kind: 'resume', skip: map['resume'] === 'skip' }
    case 'migrate':
      return null
    default:
      return action satisfies never
  }
}

function readAnswer(
  reader: ScenarioReader,
  value: Json | undefined,
  error: JsonObject | null,
  path: DocumentPath,
  what: string,
): ExpectedAnswer {
  if (error !== null && value !== undefined)
    reader.wrong([...path, 'error'], `${what} either answers or fails`, 'leave out "expect" or "error"')
  if (error !== null) return { kind: 'error', error }
  return value === undefined ? { kind: 'any' } : { kind: 'value', value }
}
