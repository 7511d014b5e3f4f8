/** What the compilers of single verbs need of the one that knows them all, handed to them so that none imports it. */

import type { BlockKey, PlanStep, StepId } from '../plan.ts'
import type { Cursor } from '../source/cursor.ts'
import type { Draft } from './draft.ts'

/** What ids made for the steps of a block begin with, and whether the block's only step needs no number. */
export interface BlockNaming {
  readonly prefix: string
  readonly single?: boolean
}

/** Compiles a list of steps under a key of the plan's blocks, which it gives back. */
export type CompileBlock = (
  draft: Draft,
  block: BlockKey,
  steps: readonly Cursor[],
  naming: BlockNaming,
) => BlockKey

/** What every step has, compiled before its verb is. */
export interface StepBase {
  readonly id: StepId
  readonly named: boolean
  readonly place: PlanStep['place']
  readonly description?: string
  readonly if?: number
  readonly timeout?: NonNullable<PlanStep['timeout']>
}
