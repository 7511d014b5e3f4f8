/**
 * Holds what was observed against `expect`. Owns what each key of it means; values are compared by `compare.ts`.
 * Called by `run-scenario.ts`, for the plain run and for each one with a crash.
 */

import { formatDuration, type Json } from '../engine/index.ts'
import { compareHistory, compareValues } from './compare.ts'
import { type ScenarioDocument, setterOf } from './documents.ts'
import type { Finding, Observation } from './observation.ts'
import { compensationsOf, inputOfLastCall, mainCalls } from './observation.ts'
import type { DocumentPath, Expectation } from './scenario.ts'

export function checkExpectations(
  expect: Expectation,
  seen: Observation,
  documents: readonly ScenarioDocument[],
): readonly Finding[] {
  const at = (...path: DocumentPath): DocumentPath => [...expect.path, ...path]
  const status = checkStatus(expect, seen, at('status'))
  // A start that was refused has nothing else to compare, and neither has one that should have been.
  if (status !== null && (seen.status === 'refused' || expect.status === 'refused')) return [status]
  const findings: Finding[] = status === null ? [] : [status]
  const compare = (key: string, expected: Json | undefined, got: Json | undefined, step?: string | null) => {
    if (expected === undefined) return
    for (const mismatch of compareValues(expected, got))
      findings.push({
        path: at(key, ...mismatch.path),
        message: ['expect', key, ...mismatch.path].join('.'),
        expected: mismatch.expected,
        got: mismatch.got,
        step: step ?? null,
      })
  }
  compare('result', expect.result, seen.result, returnOf(documents))
  compare('error', expect.error, seen.error, seen.step)
  checkNames(findings, at('calls'), 'calls', expect.calls, mainCalls(seen))
  for (const [name, input] of Object.entries(expect.inputs ?? {})) {
    const call = inputOfLastCall(seen, name)
    if (call === undefined)
      findings.push({ path: at('inputs', name), message: `step "${name}" was never called`, expected: input })
    else compare('inputs', { [name]: input }, { [name]: call.input }, call.step)
  }
  checkNames(findings, at('compensations'), 'compensations', expect.compensations, compensationsOf(seen))
  for (const [name, value] of Object.entries(expect.vars ?? {}))
    compare('vars', { [name]: value }, seen.vars, setterOf(documents, name))
  checkDuration(findings, expect, seen, at('duration'))
  checkHistory(findings, expect, seen, at('history'))
  return findings
}

function checkStatus(expect: Expectation, seen: Observation, path: DocumentPath): Finding | null {
  if (expect.status === undefined && seen.status !== 'refused') return null
  if (expect.status === seen.status) return null
  const why =
    seen.error !== undefined
      ? `: ${text(seen.error['type'])}: ${text(seen.error['message'])}`
      : seen.status === 'running'
        ? `: nothing can happen any more${seen.waitingFor.map((wait) => `; ${wait}`).join('')}`
        : ''
  return {
    path,
    message: `expect.status (the run is ${seen.status}${why})`,
    ...(expect.status === undefined ? {} : { expected: expect.status }),
    got: seen.status,
    step: seen.step,
  }
}

/** A list of step names must match whole; the first name that differs is the step that it is about. */
function checkNames(
  findings: Finding[],
  path: DocumentPath,
  key: string,
  expected: readonly string[] | undefined,
  got: readonly string[],
): void {
  if (expected === undefined) return
  const length = Math.max(expected.length, got.length)
  for (let index = 0; index < length; index++) {
    if (expected[index] === got[index]) continue
    findings.push({
      path: index < expected.length ? [...path, index] : path,
      message: `expect.${key}, from the ${ordinal(index + 1)} on`,
      expected,
      got,
      step: got[index] ?? expected[index] ?? null,
    })
    return
  }
}

function checkDuration(
  findings: Finding[],
  expect: Expectation,
  seen: Observation,
  path: DocumentPath,
): void {
  if (expect.durationMs === undefined || expect.durationMs === seen.durationMs) return
  findings.push({
    path,
    message: 'expect.duration',
    expected: formatDuration(expect.durationMs),
    got: seen.durationMs === null ? undefined : formatDuration(seen.durationMs),
  })
}

function checkHistory(findings: Finding[], expect: Expectation, seen: Observation, path: DocumentPath): void {
  if (expect.history === undefined) return
  const types = seen.history.map((event) => event.type)
  const mismatch = compareHistory(expect.history, types)
  if (mismatch === null) return
  const { matched } = mismatch
  findings.push({
    path: matched < expect.history.length ? [...path, matched] : path,
    message:
      matched < expect.history.length
        ? `expect.history: no "${expect.history[matched]}" where it is expected`
        : 'expect.history: the history goes on',
    expected: expect.history,
    got: types,
  })
}

/** The step that gives the result, where there is only one. */
function returnOf(documents: readonly ScenarioDocument[]): string | null {
  const [main] = documents
  const returns = Object.values(main?.plan.steps ?? {}).filter((step) => step.verb === 'return')
  return returns.length === 1 ? (returns[0]?.id ?? null) : null
}

function ordinal(count: number): string {
  const ending =
    count % 100 >= 11 && count % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th')
  return `${count}${ending}`
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
