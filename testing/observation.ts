/**
 * What was seen of a scenario that was played, and what its `calls`, `inputs` and `compensations` count.
 * Owns the shapes. Made by `observe.ts`, held against `expect` by `check-expectations.ts`.
 */
import type { HistoryEvent, Json, JsonObject, RunStatus } from '../engine/index.ts'
import type { Undone } from './run-book.ts'
import type { DocumentPath } from './scenario.ts'
import type { ScriptedCall } from './scripted-executor.ts'

export interface Execution {
  readonly namespace: string
  readonly workflowId: string
  readonly workflow: string
  readonly version: string
}

/** What differs from what the scenario says, before anybody worded it. */
export interface Finding {
  /** In the scenario file. */
  readonly path: DocumentPath
  readonly message: string
  readonly expected?: Json
  readonly got?: Json | undefined
  /** The step that it is about, where there is one. */
  readonly step?: string | null
}

/** All that can be told of a scenario that was played. */
export interface Observation {
  readonly status: RunStatus | 'refused'
  /** Ids that are drawn anew whenever it is played, with a name for each that is not. Empty where the start was refused. */
  readonly ids: readonly (readonly [id: string, name: string])[]
  /** False where children took part: what they and it did at one instant has no order. */
  readonly isAlone: boolean
  readonly result?: Json
  readonly error?: JsonObject
  /** Of children, too. */
  readonly calls: readonly ScriptedCall[]
  /** Of children, too. */
  readonly undone: readonly Undone[]
  readonly history: readonly HistoryEvent[]
  readonly vars: Json
  /** From start to close; null while it runs. */
  readonly durationMs: number | null
  /** What an open run waits for, in words. */
  readonly waitingFor: readonly string[]
  /** The step where it stands or failed. */
  readonly step: string | null
  readonly findings: readonly Finding[]
}

/** Activity steps in the order in which attempts started, compensations left out. */
export function mainCalls(seen: Observation): readonly string[] {
  return seen.calls.filter((call) => call.compensationOf === null).map((call) => call.step)
}

/**
 * The last call of a step; a compensation without an id of its own is found by its activity's name, as in the script.
 */
export function inputOfLastCall(seen: Observation, name: string): ScriptedCall | undefined {
  return (
    seen.calls.findLast((call) => call.step === name) ??
    seen.calls.findLast((call) => call.compensationOf !== null && call.activity === name)
  )
}

/** The steps whose compensation ran, in order. */
export function compensationsOf(seen: Observation): readonly string[] {
  return seen.undone.map(({ step }) => step)
}
