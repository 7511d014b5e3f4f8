/**
 * How steps stand on the stack of a fiber, and how they end. Owns the shapes alone, as `state.ts` does; plain JSON.
 */
import type { Json } from '../schema/json.ts'
import type { BlockKey, RetrySettings, StepId } from '../schema/plan.ts'
import type { WorkflowError } from './errors/fault.ts'
import type { PendingId, ReplyTo } from './events.ts'
import type { CompensationEntry, FiberId, Undoing } from './state.ts'

/** How a step, a block or a fiber ended. `return` leaves everything up to the end of the workflow. */
export type Completion =
  /** `value` undefined: without a result of its own. */
  | { readonly kind: 'normal'; readonly value?: Json }
  | {
      readonly kind: 'throw'
      readonly error: WorkflowError
      /** Set while a cancellation is delivered: the depth of the frame that it ends (0: the whole fiber). */
      readonly canceledFrom?: number
      /** By `fail: rethrow`: the handler that it leaves adds no cause. */
      readonly rethrow?: true
      /** The delay that the error of an activity names (`Retry-After`), for a group around it that has `retry`. */
      readonly retryAfterMs?: number
    }
  | { readonly kind: 'return'; readonly value: Json }
  /** Leaves everything up to the end of the run, as `return` does. */
  | { readonly kind: 'continueAsNew'; readonly input: Json; readonly version?: string }

/** What a branch, an item, a round or a handler holds of its own: results of its steps, and names such as the loop variable. */
export interface LocalScope {
  readonly results: { [step: StepId]: Json }
  readonly locals: { [name: string]: Json }
}

/** A list of steps under way. */
export interface BlockFrame {
  readonly kind: 'block'
  readonly block: BlockKey
  /** The index of the step that runs; -1 before the first. */
  position: number
  /** The last result of the steps that ran and have one. */
  last: Json
  /** Names that the block binds without opening a scope: `error` in a `catch` or `finally`. */
  readonly locals?: { readonly [name: string]: Json }
}

interface StepFrameBase {
  readonly kind: 'step'
  readonly step: StepId
  /** The timer of the step's `timeout`. */
  deadline?: PendingId
  /** The deadline passed: whatever the body gives is a `Timeout`. */
  timedOut?: true
}

export interface ActivityFrame extends StepFrameBase {
  readonly verb: 'activity'
  activity: PendingId
  /** `CompensationEntry.order` of what its first attempt pushed. */
  compensation?: number
}
export interface WorkflowFrame extends StepFrameBase {
  readonly verb: 'workflow'
  /** The entry in `childrenPending`; absent during the pause before the next attempt. */
  child?: PendingId
  /** From 1. */
  attempt: number
  /** Failures so far, for each entry of `retry.on` and last for the rest. */
  failures: number[]
  /** The step's, where its intervals are templates. */
  readonly retry?: RetrySettings
  /** The timer of the pause before the next attempt. */
  pause?: PendingId
  /** Between attempts: what the next one is given, as the one before was. */
  again?: { readonly workflowId: string; readonly input: Json; readonly versionRange?: string }
  /** `CompensationEntry.order` of what its first attempt pushed. */
  compensation?: number
}
export interface SignalFrame extends StepFrameBase {
  readonly verb: 'signal'
  /** The entry in `signalsPending`. */
  readonly signal: PendingId
}
export interface DoFrame extends StepFrameBase {
  readonly verb: 'do'
  /** The `else` runs. */
  readonly otherwise?: true
  /** With `retry`: from 1. */
  attempt?: number
  failures?: number[]
  /** The step's, where its intervals are templates. */
  readonly retry?: RetrySettings
  /** The timer of the pause before the next attempt. */
  pause?: PendingId
  /** With `saga`: what was done in it; the last is undone first. */
  stack?: CompensationEntry[]
  /** The stack is being undone; then the group leaves, or is tried again after this delay. */
  undoing?: Undoing & { readonly retryDelayMs?: number }
  /** How it leaves when it is undone. */
  leaving?: Completion
}
/** The state machine. */
export interface StatesFrame extends StepFrameBase {
  readonly verb: 'states'
  state: string
  /**
   * What is under way, or has just ended. `entering`: a state is about to be entered. `do`: the steps of the state run
   * above. `resting`: they have ended and no `next` held. `leaving`: they are being canceled. `moving`: the steps of
   * the transition run above.
   */
  stage: 'entering' | 'do' | 'resting' | 'leaving' | 'moving'
  /** The transition that was taken, from when it is chosen until the next state is entered. */
  moving?: StateMove
  /** Instead of a transition: an expression of the state failed, and `catch` is asked when what ran above has ended. */
  failure?: WorkflowError
  /** Transitions in a row by `next` or `catch`, which nothing outside the machine asked for; absent for none. */
  ownMoves?: number
  /** Timers of the state's `after`, to the index in the plan. */
  after: { [timer: PendingId]: number }
  /** Signals that came while it was leaving or moving; they are offered to the next state. */
  waiting: StateSignal[]
}
export interface StateMove {
  readonly trigger: 'next' | 'catch' | 'after' | 'signal'
  readonly signal?: string
  /** Of the state that is left: the list (`after`: its index, `on`: its signal), and the index in that list. */
  readonly place: readonly [list: 'next' | 'catch' | 'after' | 'on', at: number | string, index: number]
  /** What its expressions and steps see: `signal`, or the error under its name. */
  readonly locals: { readonly [name: string]: Json }
}
export interface StateSignal {
  readonly signal: string
  readonly payload: Json
  readonly replyTo?: ReplyTo
}
export interface SwitchFrame extends StepFrameBase {
  readonly verb: 'switch'
}
/** What a step with several fibers knows of its children, which share this part. */
export interface JoinState {
  /** Children under way. */
  children: FiberId[]
  /** Decided: the rest is canceled and waited for, then this goes on. */
  decided?: Completion
  /** A cancellation from this depth was handed on to the children. */
  cancelDepth?: number
}
export interface ParallelFrame extends StepFrameBase, JoinState {
  readonly verb: 'parallel'
  /** Successes that decide: all of the branches, 1 for `any`, n for `atLeast`. Absent for `settled`. */
  readonly needed?: number
  succeeded: number
  failed: number
  /** What each branch that counts has given. */
  results: { [branch: string]: Json }
  /** Results of those branches' steps, which join the enclosing scope at the join. */
  joined: { [branch: string]: { [step: StepId]: Json } }
}
export interface ForEachFrame extends StepFrameBase, JoinState {
  readonly verb: 'forEach'
  readonly items: readonly Json[]
  readonly concurrency: number
  next: number
  /** By index; holes are null until their item has ended. */
  collected: Json[]
  /** With `tolerate`: failures allowed, and so far. */
  readonly tolerated?: number
  failed?: number
}
interface LoopFrameBase extends StepFrameBase {
  /** From 0. */
  round: number
  readonly maxIterations: number
  /** The round's own; absent between rounds. */
  scope?: LocalScope
}
export interface WhileFrame extends LoopFrameBase {
  readonly verb: 'while'
  last: Json
}
export interface UntilFrame extends LoopFrameBase {
  readonly verb: 'until'
}
export type LoopFrame = WhileFrame | UntilFrame
export interface TryFrame extends StepFrameBase {
  readonly verb: 'try'
  stage: 'body' | 'catch' | 'finally'
  /** The error that the handler deals with. */
  caught?: WorkflowError
  /** It came by `fail: rethrow` of a handler further out, whose own error it still is when it is raised once more. */
  rethrown?: true
  /** The delay that the caught error names; it goes on with a `fail: rethrow`. */
  retryAfterMs?: number
  /** How body or handler ended, while `finally` runs. */
  outcome?: Completion
  /** The steps that run now clean up after a cancellation from this depth, and are shielded from another one. */
  cleaningFrom?: number
}
export interface WaitFrame extends StepFrameBase {
  readonly verb: 'wait'
  /** The timer of the duration, the time or `atMost`. */
  timer?: PendingId
  /** The entry in `signalWaits` or `conditionWaits`. */
  wait?: PendingId
}
export type StepFrame =
  | ActivityFrame
  | WorkflowFrame
  | SignalFrame
  | StatesFrame
  | DoFrame
  | SwitchFrame
  | ParallelFrame
  | ForEachFrame
  | LoopFrame
  | TryFrame
  | WaitFrame

/** Which frame a verb keeps on the stack; verbs that never wait keep none. */
export interface FrameOfVerb {
  readonly activity: ActivityFrame
  readonly workflow: WorkflowFrame
  readonly signal: SignalFrame
  readonly states: StatesFrame
  readonly do: DoFrame
  readonly switch: SwitchFrame
  readonly parallel: ParallelFrame
  readonly forEach: ForEachFrame
  readonly while: WhileFrame
  readonly until: UntilFrame
  readonly try: TryFrame
  readonly wait: WaitFrame
  readonly set: never
  readonly emit: never
  readonly fail: never
  readonly return: never
  readonly continueAsNew: never
}

export type Frame = BlockFrame | StepFrame
