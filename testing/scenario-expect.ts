/**
 * Reads `expect` of a scenario: what must be so when it is over.
 * Called by `scenario-file.ts` alone; `check-expectations.ts` compares.
 */
import type { Json } from '../engine/index.ts'
import type { DocumentPath, Expectation, ExpectedStatus } from './scenario.ts'
import type { ScenarioReader } from './scenario-reader.ts'

const keys = ['status', 'result', 'error', 'calls', 'inputs', 'compensations', 'vars', 'duration', 'history']

const statuses = [
  'completed',
  'failed',
  'canceled',
  'terminated',
  'timedOut',
  'continuedAsNew',
  'running',
  'refused',
] as const satisfies readonly ExpectedStatus[]

/** These end without an error of the run. */
const statusesWithoutError: readonly ExpectedStatus[] = ['completed', 'running', 'continuedAsNew']

export function readExpectation(
  reader: ScenarioReader,
  value: Json | undefined,
  path: DocumentPath,
  /** Entries of `at` expect something by themselves. */
  hasAt: boolean,
): Expectation {
  if (value === undefined) {
    if (!hasAt)
      reader.wrong(
        path.slice(0, -1),
        'the scenario expects nothing',
        'add "expect", such as { status: completed }',
      )
    return { path: path.slice(0, -1) }
  }
  const map = reader.map(value, path, '"expect"', keys) ?? {}
  const read = <T>(key: string, reading: (item: Json, at: DocumentPath, what: string) => T | null) => {
    const item = map[key]
    return item === undefined ? undefined : (reading(item, [...path, key], `"${key}"`) ?? undefined)
  }
  const status = read('status', (item, at, what) => reader.word(item, at, what, statuses))
  const error = read('error', (item, at, what) => reader.anyMap(item, at, what))
  const calls = read('calls', (item, at, what) => reader.texts(item, at, what))
  const inputs = read('inputs', (item, at, what) => reader.anyMap(item, at, what))
  const compensations = read('compensations', (item, at, what) => reader.texts(item, at, what))
  const vars = read('vars', (item, at, what) => reader.anyMap(item, at, what))
  const durationMs = read('duration', (item, at, what) => reader.durationMs(item, at, what))
  const history = read('history', (item, at, what) => reader.texts(item, at, what))

  if (status !== undefined && error !== undefined && statusesWithoutError.includes(status))
    reader.wrong(
      [...path, 'error'],
      `a run that is "${status}" has no error`,
      'leave out "error", or expect failed',
    )
  if (status !== undefined && status !== 'completed' && map['result'] !== undefined)
    reader.wrong([...path, 'result'], `a run that is "${status}" has no result`, 'leave out "result"')
  return {
    path,
    ...(status === undefined ? {} : { status }),
    ...(map['result'] === undefined ? {} : { result: map['result'] }),
    ...(error === undefined ? {} : { error }),
    ...(calls === undefined ? {} : { calls }),
    ...(inputs === undefined ? {} : { inputs }),
    ...(compensations === undefined ? {} : { compensations }),
    ...(vars === undefined ? {} : { vars }),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(history === undefined ? {} : { history }),
  }
}
