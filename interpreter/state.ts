/**
 * The state of a running workflow: plain JSON, the whole of it, so that it can be saved, shown, moved to another
 * version, forked and replayed without any user code. Owns the shape alone.
 *
 * No owner, event id, sequence number or blob reference is in it. Only the reducer changes it, in place; values of
 * users inside it are never mutated. Ids are the reducer's own counter, and maps by id keep that order (integer keys
 * of an object are in ascending order, also after a round trip through JSON).
 */
import type { Json } from '../schema/json.ts'
import type { RunLimits } from '../schema/limits.ts'
import type { ActivitySettings, BlockKey, CancellationMode, RetrySettings, StepId } from '../schema/plan.ts'
import type { Instant, ParentRef, PendingId, TimerPurpose } from './events.ts'
import type { WorkflowError } from './fault.ts'

/** Advances when the meaning of a state changes; a snapshot of another version is ignored. */
export const stateVersion = 1

export type FiberId = number

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
    }
  | { readonly kind: 'return'; readonly value: Json }

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
}
export interface DoFrame extends StepFrameBase {
  readonly verb: 'do'
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
  results: { [branch: string]: Json }
  /** Results of the branches' steps, which join the enclosing scope at the join. */
  joined: { [branch: string]: { [step: StepId]: Json } }
}
export interface ForEachFrame extends StepFrameBase, JoinState {
  readonly verb: 'forEach'
  readonly items: readonly Json[]
  readonly concurrency: number
  next: number
  /** By index; holes are null until their item has ended. */
  collected: Json[]
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
  readonly do: DoFrame
  readonly switch: SwitchFrame
  readonly parallel: ParallelFrame
  readonly forEach: ForEachFrame
  readonly while: WhileFrame
  readonly until: UntilFrame
  readonly try: TryFrame
  readonly wait: WaitFrame
  readonly set: never
  readonly fail: never
  readonly return: never
}

export type Frame = BlockFrame | StepFrame

export type FiberRole =
  | { readonly kind: 'main' }
  | { readonly kind: 'branch'; readonly name: string }
  | { readonly kind: 'item'; readonly index: number }
  | { readonly kind: 'signal'; readonly signal: string }
  /** Undoes the step of this address. */
  | { readonly kind: 'compensation'; readonly step: StepId; readonly path: string }

/** A line of control. */
export interface Fiber {
  readonly id: FiberId
  /** The fiber whose top frame waits for this one. */
  readonly parent: FiberId | null
  readonly role: FiberRole
  /** The address of what runs here, for errors and history: the scopes around it. */
  readonly path: string
  /** Absent for the main line, whose results are the state's. */
  readonly scope?: LocalScope
  readonly frames: Frame[]
  /** What to deliver to the top frame when the fiber's turn comes; such a fiber stands in `ready`. */
  resume?: Completion
  /** A cancellation that could not be delivered yet (cleaning up, or an activity that is waited for), from this depth. */
  heldCancel?: number
}

export interface PendingActivity {
  readonly id: PendingId
  readonly fiber: FiberId
  readonly step: StepId
  readonly path: string
  readonly activity: string
  readonly versionRange?: string
  readonly compensationOf?: StepId
  readonly input: Json
  readonly taskQueue: string
  readonly cancellation: CancellationMode
  readonly scheduledAt: Instant
  readonly startToCloseTimeoutMs: number
  readonly heartbeatTimeoutMs?: number
  /** Absolute, of the attempt that waits to start. */
  scheduleToStartAt?: Instant
  readonly scheduleToStartTimeoutMs?: number
  readonly scheduleToCloseAt?: Instant
  readonly retry: RetrySettings | false
  /** The attempt under way or waited for, from 1. */
  attempt: number
  /** Set during the pause before `attempt`. */
  retryAt?: Instant
  /** Failures so far, for each entry of `retry.on` and last for the rest. */
  failures: number[]
  lastError?: WorkflowError
  cancelRequested?: true
}

export interface PendingTimer {
  readonly id: PendingId
  /** Null: the execution's own. */
  readonly fiber: FiberId | null
  readonly step: StepId
  readonly path: string
  readonly purpose: TimerPurpose
  readonly fireAt: Instant
}

export interface SignalWait {
  readonly id: PendingId
  readonly fiber: FiberId
  readonly signal: string
}

export interface ConditionWait {
  readonly id: PendingId
  readonly fiber: FiberId
}

export interface CompensationEntry {
  readonly step: StepId
  readonly path: string
  readonly block: BlockKey
  /** The values that it names, as they were when its step finished. */
  readonly captured: {
    readonly vars: { readonly [name: string]: Json }
    readonly steps: { readonly [step: StepId]: Json }
    readonly roots: { readonly [name: string]: Json }
  }
}

export type ClosingOutcome =
  | { readonly kind: 'completed'; readonly result: Json }
  | { readonly kind: 'failed' | 'canceled' | 'timedOut'; readonly error: WorkflowError }

/** How far the end of the run has come. */
export type Phase =
  | { readonly kind: 'running' }
  /** The main steps ended; handlers under way are waited for. */
  | { readonly kind: 'draining'; readonly outcome: ClosingOutcome }
  /** The stack runs in reverse; cancellations and deadlines are ignored. */
  | {
      readonly kind: 'compensating'
      readonly outcome: ClosingOutcome
      /** What could not be undone. */
      readonly notUndone: readonly {
        readonly step: StepId
        readonly path: string
        readonly error: WorkflowError
      }[]
    }
  /** Nothing is left to do; the run closes at the end of the turn. */
  | { readonly kind: 'undone'; readonly outcome: ClosingOutcome }
  | {
      readonly kind: 'closed'
      readonly outcome: ClosingOutcome | { readonly kind: 'terminated'; readonly error: WorkflowError }
    }

export interface State {
  readonly stateVersion: typeof stateVersion
  readonly workflow: {
    readonly id: string
    readonly runId: string
    readonly name: string
    readonly version: string
    /** ISO 8601. */
    readonly startedAt: string
    readonly attempt: number
    readonly parent: ParentRef | null
  }
  readonly digest: string
  readonly flags: readonly number[]
  readonly limits: RunLimits
  readonly activities: { readonly [name: string]: ActivitySettings }
  readonly taskQueue: string
  readonly input: Json
  /** The time of the last event; never runs backwards. */
  now: Instant
  /** The run's random generator. */
  random: [number, number, number, number]
  nextId: number
  phase: Phase
  /** Why the run is being canceled: by request, by its deadline, or by the failure of a handler. */
  ending:
    | null
    | { readonly kind: 'cancel'; readonly reason: string | null }
    | { readonly kind: 'timeout' }
    | { readonly kind: 'handler'; readonly error: WorkflowError }
  vars: { [name: string]: Json }
  /** Of the main steps. */
  readonly results: { [step: StepId]: Json }
  fibers: { [id: FiberId]: Fiber }
  /** Fibers that can go on, in order. Not empty between turns only when a turn was cut. */
  ready: FiberId[]
  activitiesPending: { [id: PendingId]: PendingActivity }
  timers: { [id: PendingId]: PendingTimer }
  signalWaits: { [id: PendingId]: SignalWait }
  conditionWaits: { [id: PendingId]: ConditionWait }
  /** Signals without `do` that nobody has taken, in order of arrival. */
  buffer: { [signal: string]: Json[] }
  /** How many signals of a name with `do` have come: the index in the address of each handler. */
  handled: { [signal: string]: number }
  /** The workflow's stack; the last is undone first. */
  compensations: CompensationEntry[]
}
