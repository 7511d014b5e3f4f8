/**
 * What the rest of the interpreter knows of expressions: a scope to read, an environment, a value or a Fault.
 * Owns the types alone; `link.ts` beside it makes the closures.
 */
import type { Json } from '../../schema/json.ts'
import type { RunLimits } from '../../schema/limits.ts'

/** The names that an expression sees. Implemented over the frames of a fiber by `interpreter/fibers/scope.ts`. */
export interface Scope {
  /** The value of a root other than `steps`: `input`, `vars`, `workflow`, a loop variable, `error`, … Nothing: undefined. */
  root(name: string): Json | undefined
  /** The result of a step that has one. */
  result(stepId: string): Json | undefined
  /** All roots, `steps` included, as one plain object with own properties: what JSONata is given as its input. */
  all(): { readonly [name: string]: Json }
}

/** What an evaluation may know beside its scope, and what bounds it. No clock: `now` is the time of the event being handled. */
export interface EvaluationContext {
  /** Milliseconds since 1970 UTC. */
  readonly now: number
  /** The next number of the run's generator, in [0, 1). */
  random(): number
  readonly limits: Pick<RunLimits, 'expressionSteps' | 'expressionDepth' | 'expressionBytes' | 'payloadBytes'>
  /** Told at the end of each evaluation that took steps, however it ended. */
  spent?(steps: number): void
}

/**
 * A compiled expression. Gives plain JSON, or undefined for "nothing". Never a view of JSONata's own lists.
 * Answers synchronously where it can (constants, dotted paths), else with a promise.
 * Throws (or rejects with) a `Fault` of type `ExpressionError` or `LimitExceeded`.
 */
export type Evaluate = (
  scope: Scope,
  context: EvaluationContext,
) => Json | undefined | Promise<Json | undefined>
