/**
 * Where a scenario is crashed, and what must be the same afterwards: everything that was observed, history included,
 * up to the ids that a run draws for itself.
 * Owns both; `run-scenario.ts` plays the runs.
 */

import type { HistoryEvent, Json, JsonObject, Plan } from '../engine/index.ts'
import { compareValues } from './compare.ts'
import type { ScenarioDocument } from './documents.ts'
import { jsonOf } from './json-of.ts'
import type { Finding, Observation } from './observation.ts'
import type { Scenario } from './scenario.ts'
import type { CrashPoint } from './store-life.ts'

const phases: readonly CrashPoint['phase'][] = ['before', 'after', 'atRest']

/** Every point of a run that made so many commits. */
export function crashPoints(commits: number): readonly CrashPoint[] {
  return Array.from({ length: commits }, (_, index) => index + 1).flatMap((commit) =>
    phases.map((phase) => ({ commit, phase })),
  )
}

export function describeCrash(point: CrashPoint): string {
  switch (point.phase) {
    case 'before':
      return `a crash that loses turn ${point.commit}`
    case 'after':
      return `a crash after turn ${point.commit}, before its effects`
    case 'atRest':
      return `a crash at rest after turn ${point.commit}`
    default:
      return point.phase satisfies never
  }
}

/** What the run with a crash did otherwise than the plain one. */
export function differencesAfterCrash(
  scenario: Scenario,
  documents: readonly ScenarioDocument[],
  plain: Observation,
  crashed: Observation,
): readonly Finding[] {
  const findings: Finding[] = []
  const compare = (what: string, expected: Json, got: Json) => {
    const mismatch = compareValues(expected, got)[0] ?? compareValues(got, expected)[0]
    if (mismatch !== undefined)
      findings.push({
        path: scenario.path,
        message: `${what} differs from the run without a crash`,
        expected,
        got,
      })
  }
  const exact = !documents.some(({ plan }) => drawsRandomNumbers(plan))
  const before = comparable(plain, exact)
  const after = comparable(crashed, exact)
  for (const [what, value] of Object.entries(before)) compare(what, value, after[what] ?? null)
  const history = plain.isAlone
    ? firstDifference(eventsOf(plain, exact), eventsOf(crashed, exact))
    : firstDifference(placesOf(plain, exact), placesOf(crashed, exact))
  if (history !== null)
    findings.push({
      path: scenario.path,
      message: `history differs from the run without a crash at event ${history.eventId}`,
      ...(history.expected === undefined ? {} : { expected: history.expected }),
      got: history.got,
      step: history.step,
    })
  return findings
}

function comparable(seen: Observation, exact: boolean): { readonly [what: string]: Json } {
  const named = (value: Json) => withoutIds(value, seen.ids)
  const calls = seen.calls.map(({ workflowId, step, attempt, activity, compensationOf, input }) => ({
    by: named(workflowId),
    step,
    attempt,
    activity,
    compensationOf,
    ...(exact ? { input: named(input) } : {}),
  }))
  return {
    status: seen.status,
    calls: byExecution(calls),
    compensations: byExecution(seen.undone.map(({ workflowId, step }) => ({ by: named(workflowId), step }))),
    ...(exact
      ? {
          result: named(seen.result ?? null),
          error: named(seen.error ?? null),
          vars: named(seen.vars),
          duration: seen.durationMs,
        }
      : {}),
  }
}

/** What several executions do at one instant has no order; what each of them does has one. */
function byExecution<T extends JsonObject & { readonly by: Json }>(things: readonly T[]): Json {
  return Object.fromEntries(
    [...new Set(things.map(({ by }) => String(by)))]
      .toSorted()
      .map((execution) => [execution, things.filter(({ by }) => by === execution)]),
  )
}

/** With random numbers, which are seeded by the run's id, only the kinds and places of events can be the same. */
function eventsOf(seen: Observation, exact: boolean): readonly JsonObject[] {
  return seen.history.map((event: HistoryEvent, index) => {
    const all = jsonOf(withoutUnknownStart(event, seen.history[index + 1]))
    if (exact) return jsonOf(Object(withoutIds(all, seen.ids)))
    return placeOf(all)
  })
}

/**
 * Messages of several executions at one instant come in any order, and ids follow it: what happened where and when
 * is what can be compared.
 */
function placesOf(seen: Observation, exact: boolean): readonly JsonObject[] {
  return seen.history
    .map((event) => {
      const { eventId: _, ...place } = placeOf(jsonOf(event))
      return { ...(exact ? { timestamp: event.timestamp } : {}), ...place }
    })
    .toSorted((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)))
}

function placeOf(event: JsonObject): JsonObject {
  return Object.fromEntries(
    ['eventId', 'type', 'step', 'path', 'attempt'].map((key) => [key, event[key] ?? null]),
  )
}

/** When an attempt that the crash ended began, nobody knows afterwards; the engine says the time of its cancellation. */
function withoutUnknownStart(event: HistoryEvent, next: HistoryEvent | undefined): HistoryEvent {
  if (event.type !== 'ActivityTaskStarted' || next?.type !== 'ActivityTaskCanceled') return event
  return { ...event, startedAt: next.timestamp }
}

/** With the names of ids in their place. */
export function withoutIds(value: Json, ids: Observation['ids']): Json {
  const text = ids.reduce((rest, [id, name]) => rest.replaceAll(id, name), JSON.stringify(value))
  const parsed: Json = JSON.parse(text)
  return parsed
}

function firstDifference(expected: readonly JsonObject[], got: readonly JsonObject[]) {
  for (let index = 0; index < Math.max(expected.length, got.length); index++) {
    const one = expected[index]
    const other = got[index]
    if (JSON.stringify(one) === JSON.stringify(other)) continue
    const step = (other ?? one)?.['step']
    return { eventId: index + 1, expected: one, got: other, step: typeof step === 'string' ? step : null }
  }
  return null
}

function drawsRandomNumbers(plan: Plan): boolean {
  return (
    plan.expressions.some(({ source }) => /\$(random|shuffle|uuid)\b/.test(source)) ||
    JSON.stringify(plan.steps).includes('"jitter":') ||
    JSON.stringify(plan.activityDefaults).includes('"jitter":')
  )
}
