/**
 * A linked plan: the plan and the closures of its expressions and templates. Made once per definition and process,
 * shared by all of its runs, holds nothing of a run.
 */
import type { SchemaCheck } from '../schema/input.ts'
import type { Plan } from '../schema/plan.ts'
import type { Evaluate } from './expressions/contract.ts'

export interface Program {
  readonly plan: Plan
  /** Same indexes as `plan.expressions`. */
  readonly expressions: readonly Evaluate[]
  /** The document's `output`; null where it has none. */
  readonly checkOutput: SchemaCheck | null
}
