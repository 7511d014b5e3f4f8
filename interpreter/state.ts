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
import type { WorkflowError } from './errors/fault.ts'
import type { Instant, ParentRef, PendingId, TimerPurpose } from './events.ts'
import type { Completion, Frame, LocalScope } from './frames.ts'

export type * from './frames.ts'

/** Advances when the meaning of a state changes; a snapshot of another version is ignored. */
export const stateVersion = 2

export type FiberId = number

export type FiberRole =
  | { readonly kind: 'main' }
  | { readonly kind: 'branch'; readonly name: string }
  | { readonly kind: 'item'; readonly index: number }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'update'; readonly update: string; readonly updateId: string }
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
  /** Higher ones are served first. Absent: 0. */
  readonly priority?: number
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
  /**
   * With `compensateWhen: attempted`: the start of the first attempt is an input of its own, committed before the
   * activity is called. `due`: it has to be fed yet; `told`: it was, so the outcome's own start is not recorded again.
   */
  announce?: 'due' | 'told'
}

/** A child workflow from `StartChildWorkflowExecutionInitiated` to its end. */
export interface PendingChild {
  readonly id: PendingId
  /** Null: nobody waits for it any more; it stays for `onParentClose`. */
  fiber: FiberId | null
  readonly step: StepId
  readonly path: string
  readonly workflow: string
  readonly versionRange?: string
  readonly workflowId: string
  /** The first of its chain. */
  readonly runId: string
  readonly input: Json
  readonly attempt: number
  readonly cancellation: CancellationMode
  readonly onParentClose: 'terminate' | 'cancel' | 'abandon'
  readonly compensationOf?: StepId
  readonly initiatedAt: Instant
  /** True when `ChildWorkflowExecutionStarted` has come. */
  started: boolean
  cancelRequested?: true
}

/** A signal to another execution, until it is answered. */
export interface PendingSignal {
  readonly id: PendingId
  readonly fiber: FiberId
  readonly step: StepId
  readonly path: string
  readonly workflowId: string
  readonly signal: string
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
  /** From the reducer's counter, taken when the entry was pushed: the order of completion across concurrent scopes. */
  readonly order: number
  /** The values that it names, as they were when its step finished (where it was attempted alone: when it started). */
  captured: {
    readonly vars: { readonly [name: string]: Json }
    readonly steps: { readonly [step: StepId]: Json }
    readonly roots: { readonly [name: string]: Json }
  }
}

/** What could not be undone. */
export interface NotUndone {
  readonly step: StepId
  readonly path: string
  readonly error: WorkflowError
  /** An operator chose to leave it. */
  readonly skipped?: true
}

/** A stack that is being undone, of the run or of a group. */
export interface Undoing {
  readonly order: 'sequential' | 'parallel'
  readonly onFailure: 'continue' | 'pause'
  /** Entries whose compensation runs now, by its fiber. */
  running: { [fiber: FiberId]: CompensationEntry }
  notUndone: NotUndone[]
  /** With `onFailure: pause`: failed for good; an operator resumes or skips them. */
  stuck: { readonly entry: CompensationEntry; readonly error: WorkflowError }[]
}

/** What came while the run was paused: recorded, and done on resume in this order. */
export type Held =
  | { readonly kind: 'wake'; readonly fiber: FiberId; readonly completion: Completion }
  | { readonly kind: 'timer'; readonly timer: PendingTimer }
  | { readonly kind: 'signal'; readonly signal: string; readonly payload: Json }

/** A signal of a name with `do` that waits for a handler to end (`concurrency`). */
export interface QueuedHandler {
  readonly index: number
  readonly payload: Json
  readonly concurrency: number
}

export type ClosingOutcome =
  | { readonly kind: 'completed'; readonly result: Json }
  | {
      readonly kind: 'continuedAsNew'
      readonly newRunId: string
      readonly input: Json
      readonly version?: string
    }
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
      readonly undoing: Undoing
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
    /** In a state machine. */
    state?: string
  }
  /** Of a child: where its parent keeps it. */
  readonly childId: PendingId | null
  /** The first run of the chain. */
  readonly firstRunId: string
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
  childrenPending: { [id: PendingId]: PendingChild }
  signalsPending: { [id: PendingId]: PendingSignal }
  timers: { [id: PendingId]: PendingTimer }
  signalWaits: { [id: PendingId]: SignalWait }
  conditionWaits: { [id: PendingId]: ConditionWait }
  /** Signals without `do` that nobody has taken, in order of arrival. */
  buffer: { [signal: string]: Json[] }
  /** While handlers are waited for before the next run: the names of what came into the buffer, in order of arrival. */
  arrivals?: string[]
  /** How many signals of a name with `do` have come: the index in the address of each handler. */
  handled: { [signal: string]: number }
  /** Signals that wait for their handler, by name. */
  handlersQueued: { [signal: string]: QueuedHandler[] }
  /** The workflow's stack; the last is undone first. */
  compensations: CompensationEntry[]
  paused: null | {
    readonly since: Instant
    readonly reason: string | null
    /** By a saga, at what it could not undo. */
    readonly stuck?: { readonly step: StepId; readonly path: string }
    held: Held[]
  }
  /** A saga asks to be paused: the driver feeds `WorkflowExecutionPaused` (see `due.ts`). */
  pauseWanted: null | { readonly step: StepId; readonly path: string; readonly reason: string | null }
}
