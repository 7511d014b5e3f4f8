/**
 * The reducer as its driver sees it. The engine, the scenario runner and the property tests call nothing else.
 */
import type { InputEvent, Instant, PendingId, StoredEvent } from './events.ts'
import type { Outgoing } from './outgoing.ts'
import type { Program } from './program.ts'
import type { PendingActivity, State } from './state.ts'

/** What the driver must do AFTER the turn is committed, NEVER before (keeps I1). All of it can also be told from the state. */
export type Effect =
  /** A new attempt is due now. */
  | { readonly kind: 'dispatchActivity'; readonly activityId: PendingId }
  /** Ask the attempt under way to stop. One that is not running is answered with `ActivityTaskCanceled` by the driver where the state still has it. */
  | { readonly kind: 'cancelActivity'; readonly activityId: PendingId }
  /** Its outcome is of no more interest, and neither is its work: stop it. */
  | { readonly kind: 'forgetActivity'; readonly activityId: PendingId }
  /** Its outcome is of no more interest; it runs on, unasked. */
  | { readonly kind: 'abandonActivity'; readonly activityId: PendingId }

export interface TurnResult {
  /** The state handed in, changed in place. */
  readonly state: State
  /** The inputs that were taken and what each led to, in order. Inputs that mean nothing any more are left out. */
  readonly events: readonly StoredEvent[]
  readonly effects: readonly Effect[]
  /** What is written with the turn (keeps I8), in order. A turn without events may have some: an answer that leaves no trace. */
  readonly outgoing: readonly Outgoing[]
  /** How many of the inputs were looked at; the rest belongs to the next turn. */
  readonly taken: number
  /** The turn was cut: feed `WorkflowTaskContinued` first in the next one. */
  readonly continues: boolean
}

/** `state` is null for the first turn, whose first input is `WorkflowExecutionStarted`. */
export type Reduce = (
  program: Program,
  state: State | null,
  inputs: readonly InputEvent[],
) => Promise<TurnResult>

/** What only the driver knows: dispatching and starting an attempt cost no commit, so they are not in the state. */
export interface AttemptView {
  /** This attempt was handed to the executor since the run was loaded. */
  dispatched(activityId: PendingId, attempt: number): boolean
  /** It has left the queue: its schedule-to-start deadline no longer counts. */
  started(activityId: PendingId, attempt: number): boolean
  /** False: nobody here can begin it, it waits for a worker of its queue or will be refused. Absent: all may. */
  mayStart?(activity: PendingActivity): boolean
}

/** When the driver must call next though nothing arrives: the earliest timer, deadline or end of a pause. Null: never. */
export type NextWakeAt = (state: State, attempts: AttemptView) => Instant | null

/** The inputs that are due at `now` (timers that fire, schedule deadlines that pass), in the order in which they must be fed. */
export type DueInputs = (state: State, now: Instant, attempts: AttemptView) => readonly InputEvent[]

/** The attempts that should be running at `now` and were not dispatched yet: all after a load, those whose pause is over at a wake. */
export type OutstandingActivities = (
  state: State,
  now: Instant,
  attempts: AttemptView,
) => readonly PendingId[]
