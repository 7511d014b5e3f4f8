/**
 * A scenario as the runner sees it, after `scenario-file.ts` has read and checked the YAML.
 * Owns the shapes alone. Times are milliseconds; `path` is where a value stands in the scenario file, so that
 * a difference can name the line.
 */
import type { Json, JsonObject, RunStatus } from '../engine/index.ts'

/** Keys and indexes from the root of the scenario file. */
export type DocumentPath = readonly (string | number)[]

/** 1-based, as editors count. */
export interface Position {
  readonly line: number
  readonly column: number
}

export interface ScriptedError {
  readonly type: string
  readonly message: string
  readonly details?: Json
  readonly retryable?: boolean
  readonly retryAfterMs?: number
}

export type ScriptedOutcome =
  /** A template over `input` and `attempt`. */
  | { readonly kind: 'returns'; readonly value: Json }
  /** Text in it may hold templates over `input` and `attempt`, too. */
  | { readonly kind: 'throws'; readonly error: ScriptedError }

/** What one call of an activity does. */
export interface ScriptEntry {
  readonly path: DocumentPath
  readonly outcome: ScriptedOutcome
  /** How long an attempt takes; `forever` never answers, `never starts` is a queue without workers. */
  readonly takes: number | 'forever' | 'never starts'
  readonly heartbeatIntervalMs?: number
}

/** By step id or activity name: used up call by call, the last entry repeats. */
export type Script = ReadonlyMap<string, readonly ScriptEntry[]>

interface AtBase {
  readonly path: DocumentPath
  readonly afterMs: number
}

/** What happens from outside, at a virtual time after the start. */
export type AtEntry = AtBase &
  (
    | {
        readonly kind: 'signal'
        readonly name: string
        readonly input: Json
        /** Expected: the sender is refused. */
        readonly error?: JsonObject
      }
    | {
        readonly kind: 'query'
        readonly name: string
        /** Absent: asked without one. */
        readonly input?: Json
        readonly answer: ExpectedAnswer
      }
    | {
        readonly kind: 'update'
        readonly name: string
        readonly input: Json
        /** Absent: one of the entry's own. */
        readonly updateId?: string
        /** Of the handler, whenever it ends. */
        readonly answer: ExpectedAnswer
      }
    | { readonly kind: 'cancel'; readonly reason: string | null }
    | { readonly kind: 'terminate'; readonly reason: string | null }
    | { readonly kind: 'pause' }
    /** `skip`: what a saga could not undo is left as it is. */
    | { readonly kind: 'resume'; readonly skip: boolean }
    | { readonly kind: 'crash' }
  )

export type ExpectedAnswer =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'error'; readonly error: JsonObject }
  /** Any value, but no error. */
  | { readonly kind: 'any' }

/** `refused`: the start itself is refused. */
export type ExpectedStatus = RunStatus | 'refused'

export interface Expectation {
  readonly path: DocumentPath
  readonly status?: ExpectedStatus
  readonly result?: Json
  readonly error?: JsonObject
  readonly calls?: readonly string[]
  readonly inputs?: { readonly [step: string]: Json }
  readonly compensations?: readonly string[]
  readonly vars?: JsonObject
  readonly durationMs?: number
  /** Event types in order; `…` stands for any number of others. */
  readonly history?: readonly string[]
}

export interface Scenario {
  readonly name: string
  readonly path: DocumentPath
  /** Absent: started without input. */
  readonly input?: Json
  readonly script: Script
  /** In order of time; those of one instant in the order of the file. */
  readonly at: readonly AtEntry[]
  readonly expect: Expectation
  /** Keys that a later release will understand: such a scenario fails with their names and is not run. */
  readonly notSupported: readonly { readonly what: string; readonly path: DocumentPath }[]
}

export interface ScenarioFile {
  /** As the caller named it. */
  readonly file: string
  /** Absolute, or as a URL names it: the document under test. */
  readonly workflow: string
  readonly also: readonly string[]
  readonly scenarios: readonly Scenario[]
  /** Where a value of the file stands; of a path that is not there, its nearest parent. */
  locate(path: DocumentPath): Position
}
