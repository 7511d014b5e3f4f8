/** What a verb is to the machine. One verb, one file beside this one, one test. */
import type { Json } from '../../schema/json.ts'
import type { BlockKey, PlanStep } from '../../schema/plan.ts'
import type { WorkflowError } from '../errors/fault.ts'
import type { Turn } from '../fibers/turn.ts'
import type { Completion, Fiber, StepFrame } from '../state.ts'

export type Move =
  /** Something pending, a timer or a child wakes the fiber. */
  | { readonly kind: 'wait' }
  /** Runs a block above the frame; its completion comes to `resume`. */
  | {
      readonly kind: 'enter'
      readonly block: BlockKey
      readonly locals?: { readonly [name: string]: Json }
    }
  | { readonly kind: 'done'; readonly completion: Completion }

export interface Verb<S extends PlanStep, F extends StepFrame> {
  /**
   * The step begins. A verb that waits or enters a block pushes its frame first; one that is done at once need not.
   * Throws a `Fault` where an expression fails; nothing may be scheduled before that.
   */
  enter(turn: Turn, fiber: Fiber, step: S): Move | Promise<Move>
  /** What it waited for has come, or its block has ended. */
  resume(turn: Turn, fiber: Fiber, frame: F, step: S, completion: Completion): Move | Promise<Move>
  /**
   * A cancellation finds the fiber waiting here. `unwind`: `Canceled` is raised now; `held`: after what it waits for;
   * `forwarded`: the children end it.
   */
  cancel(turn: Turn, fiber: Fiber, frame: F, step: S, depth: number): 'unwind' | 'held' | 'forwarded'
  /**
   * For verbs that fork, called until one of them decides: what a child that ended means. Gives how the step goes on,
   * as soon as that is certain (the other children are then canceled); undefined: not yet. A `Fault` of the first makes
   * the child one that failed.
   */
  childSucceeded?(turn: Turn, end: ChildEnd<S, F>, value: Json): Decision | Promise<Decision>
  childFailed?(turn: Turn, end: ChildEnd<S, F>, error: WorkflowError): Decision
}

export type Decision = Completion | undefined

export interface ChildEnd<S extends PlanStep, F extends StepFrame> {
  readonly parent: Fiber
  readonly child: Fiber
  readonly frame: F
  readonly step: S
}

export const waiting: Move = { kind: 'wait' }

export function done(completion: Completion): Move {
  return { kind: 'done', completion }
}

/** Done with this result; undefined: the verb has none. */
export function ended(value?: Json): Move {
  return { kind: 'done', completion: value === undefined ? { kind: 'normal' } : { kind: 'normal', value } }
}

/** For verbs that never stand still: nothing resumes or cancels them. */
export const neverWaits = {
  resume(): Move {
    throw new Error('a verb that never waits was resumed')
  },
  cancel(): 'unwind' {
    throw new Error('a verb that never waits was canceled')
  },
}

/** For verbs that only hold a block: what runs above them is canceled, never they. */
export const holdsBlock = {
  cancel(): 'unwind' {
    return 'unwind'
  },
}
