/**
 * The events of a history: inputs (what happened to a run) and decisions (what it decided then).
 * Owns their shapes. Names are Temporal's where it has one. Plain JSON; times are milliseconds since 1970 UTC
 * (the HTTP API shows them as ISO 8601).
 */
import type { Json } from '../schema/json.ts'
import type { RunLimits } from '../schema/limits.ts'
import type { ActivitySettings } from '../schema/plan.ts'
import type {
  ChildInputEvent,
  ExternalWorkflowSignaled,
  SignalExternalFailed,
  SignalExternalInitiated,
  StartChildWorkflowExecutionInitiated,
} from './child-events.ts'
import type { ErrorShape, WorkflowError } from './errors/fault.ts'

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number

/** From the reducer's own counter; never an event id. */
export type PendingId = number

export interface ParentRef {
  readonly workflowId: string
  readonly runId: string
}

/** Who asked for an answer: a caller through the engine, by the id of its message, or a workflow that signals another. */
export type ReplyTo =
  | { readonly kind: 'caller'; readonly messageId: string }
  | {
      readonly kind: 'workflow'
      readonly workflowId: string
      readonly runId: string
      readonly signalId: PendingId
    }

export type TimeoutKind =
  | 'StartToClose'
  | 'ScheduleToStart'
  | 'ScheduleToClose'
  | 'Heartbeat'
  | 'Step'
  | 'Execution'

export interface At {
  readonly timestamp: Instant
}

export interface WorkflowExecutionStarted extends At {
  readonly type: 'WorkflowExecutionStarted'
  readonly workflowId: string
  readonly runId: string
  readonly workflow: string
  readonly version: string
  /** Digest of the definition: a run refuses to go on under another content. */
  readonly digest: string
  /** With the schema's defaults filled in. */
  readonly input: Json
  readonly attempt: number
  readonly parent: ParentRef | null
  /** Default queue of the run's activities. Absent: `default`. */
  readonly taskQueue?: string
  /** Shortens the document's `timeout`. */
  readonly timeoutMs?: number
  /** The first step begins so much later; the timeout counts from then. */
  readonly startDelayMs?: number
  /** Own settings of the activities that the plan names, as the server knew them at the start. */
  readonly activities: { readonly [name: string]: ActivitySettings }
  /** The limits that differ from the defaults of this release. */
  readonly limits: Partial<RunLimits>
  /** Numbered changes of meaning that this run began with. */
  readonly flags: readonly number[]
  readonly memo?: Json
  readonly searchAttributes?: Json
  /** Of a child: where its parent keeps it. Of a continued run: as the run before had it. */
  readonly childId?: PendingId
  /** Of a continued run: the first of its chain, and the one before. */
  readonly firstRunId?: string
  readonly continuedFrom?: string
  /** Of a continued run: the execution's deadline, which spans the chain. */
  readonly deadlineAt?: Instant
  /** The run cannot begin (its input does not fit the version it continues as): it fails with this. */
  readonly refused?: ErrorShape
}

/** The driver knows the id alone; the reducer adds where it belongs when it records the event. */
interface OfActivity extends At {
  readonly step?: string
  readonly path?: string
  readonly activityId: PendingId
  /** From 1. */
  readonly attempt: number
}

/** Written together with the outcome of the attempt. `startedAt` is when it really began. */
export interface ActivityTaskStarted extends OfActivity {
  readonly type: 'ActivityTaskStarted'
  readonly startedAt: Instant
  readonly worker?: string
}
export interface ActivityTaskCompleted extends OfActivity {
  readonly type: 'ActivityTaskCompleted'
  readonly result: Json
}
export interface ActivityTaskFailed extends OfActivity {
  readonly type: 'ActivityTaskFailed'
  readonly error: ErrorShape
  /** A delay named by the error, such as `Retry-After`. */
  readonly retryAfterMs?: number
  /** Set by the reducer where the activity is tried again. */
  readonly willRetryAt?: Instant
}
export interface ActivityTaskTimedOut extends OfActivity {
  readonly type: 'ActivityTaskTimedOut'
  readonly kind: Exclude<TimeoutKind, 'Step' | 'Execution'>
  readonly willRetryAt?: Instant
}
export interface ActivityTaskCanceled extends OfActivity {
  readonly type: 'ActivityTaskCanceled'
  readonly details?: Json
}
/** `step` and `path` as in `TimerStarted`, added by the reducer. */
export interface TimerFired extends At {
  readonly type: 'TimerFired'
  readonly step?: string
  readonly path?: string
  readonly timerId: PendingId
}
export interface WorkflowSignalReceived extends At {
  readonly type: 'WorkflowSignalReceived'
  readonly signal: string
  readonly input: Json
  readonly requestId?: string
  /** Of a state machine: who is told whether a transition took it. */
  readonly replyTo?: ReplyTo
}
/** Recorded where it is accepted; one that is refused is answered and leaves no trace. */
export interface WorkflowUpdateAccepted extends At {
  readonly type: 'WorkflowUpdateAccepted'
  readonly update: string
  /** The caller's; its answer is kept by it. */
  readonly updateId: string
  readonly input: Json
}
/** By an operator, or asked for by the reducer where a saga pauses at what it cannot undo (then with `step` and `path`). */
export interface WorkflowExecutionPaused extends At {
  readonly type: 'WorkflowExecutionPaused'
  readonly reason: string | null
  readonly step?: string
  readonly path?: string
}
export interface WorkflowExecutionResumed extends At {
  readonly type: 'WorkflowExecutionResumed'
  readonly reason: string | null
  /** What could not be undone is left; else it is tried again. */
  readonly skip?: true
}
export interface WorkflowExecutionCancelRequested extends At {
  readonly type: 'WorkflowExecutionCancelRequested'
  readonly reason: string | null
}
export interface WorkflowExecutionTerminated extends At {
  readonly type: 'WorkflowExecutionTerminated'
  readonly reason: string | null
}
/** The turn before was cut after `turnSteps` steps; goes on where it stood. */
export interface WorkflowTaskContinued extends At {
  readonly type: 'WorkflowTaskContinued'
}

export type InputEvent =
  | WorkflowExecutionStarted
  | ActivityTaskStarted
  | ActivityTaskCompleted
  | ActivityTaskFailed
  | ActivityTaskTimedOut
  | ActivityTaskCanceled
  | TimerFired
  | WorkflowSignalReceived
  | WorkflowUpdateAccepted
  | ChildInputEvent
  | ExternalWorkflowSignaled
  | SignalExternalFailed
  | WorkflowExecutionPaused
  | WorkflowExecutionResumed
  | WorkflowExecutionCancelRequested
  | WorkflowExecutionTerminated
  | WorkflowTaskContinued

/** Where in the document a decision belongs. */
export interface OfStep extends At {
  readonly step: string
  readonly path: string
}

export interface ActivityTaskScheduled extends OfStep {
  readonly type: 'ActivityTaskScheduled'
  readonly activityId: PendingId
  readonly activity: string
  readonly input: Json
  readonly taskQueue: string
  /** Absent: 0. */
  readonly priority?: number
  /** The step that it undoes, in a compensation. */
  readonly compensationOf?: string
  readonly summary?: string
}
export interface ActivityTaskCancelRequested extends OfStep {
  readonly type: 'ActivityTaskCancelRequested'
  readonly activityId: PendingId
}
/** Without `step` and `path` where it is the execution's own deadline. */
export interface TimerStarted extends At {
  readonly type: 'TimerStarted'
  readonly step?: string
  readonly path?: string
  readonly timerId: PendingId
  readonly purpose: TimerPurpose
  readonly fireAt: Instant
}
export interface TimerCanceled extends OfStep {
  readonly type: 'TimerCanceled'
  readonly timerId: PendingId
}
export interface CompensationScheduled extends OfStep {
  readonly type: 'CompensationScheduled'
}
/** A CloudEvent, which the commit of this event puts in the outbox (keeps I8). */
export interface EventEmitted extends OfStep {
  readonly type: 'EventEmitted'
  readonly eventType: string
  readonly subject?: string
  readonly data: Json
}
/** The state `to` is entered. */
export interface StateTransitioned extends At {
  readonly type: 'StateTransitioned'
  readonly from: string
  readonly to: string
  readonly trigger: 'next' | 'catch' | 'after' | 'signal'
  readonly signal?: string
}
/** The answer to the sender, once per update id. */
export interface WorkflowUpdateCompleted extends At {
  readonly type: 'WorkflowUpdateCompleted'
  readonly update: string
  readonly updateId: string
  readonly outcome: UpdateOutcome
}
export type UpdateOutcome =
  | { readonly kind: 'completed'; readonly result: Json }
  | { readonly kind: 'failed'; readonly error: WorkflowError }
export interface WorkflowExecutionCompleted extends At {
  readonly type: 'WorkflowExecutionCompleted'
  readonly result: Json
}
export interface WorkflowExecutionFailed extends At {
  readonly type: 'WorkflowExecutionFailed'
  readonly error: WorkflowError
}
export interface WorkflowExecutionTimedOut extends At {
  readonly type: 'WorkflowExecutionTimedOut'
  readonly error: WorkflowError
}
export interface WorkflowExecutionCanceled extends At {
  readonly type: 'WorkflowExecutionCanceled'
  readonly error: WorkflowError
}

/** The next run is born in the commit of this event (keeps I8). */
export interface WorkflowExecutionContinuedAsNew extends At {
  readonly type: 'WorkflowExecutionContinuedAsNew'
  readonly newRunId: string
  readonly input: Json
  /** Exact or a range. Absent: the same version. */
  readonly version?: string
}

/**
 * `wait` and `atMost` are waits of the author; `timeout` is the deadline of a step, `execution` that of the run;
 * `after` leaves a state; `retry` is the pause of a group or a child before it is tried again; `startDelay` stands before
 * the first step.
 */
export type TimerPurpose = 'wait' | 'atMost' | 'timeout' | 'execution' | 'after' | 'retry' | 'startDelay'

export type DecisionEvent =
  | ActivityTaskScheduled
  | ActivityTaskCancelRequested
  | TimerStarted
  | TimerCanceled
  | CompensationScheduled
  | StartChildWorkflowExecutionInitiated
  | SignalExternalInitiated
  | EventEmitted
  | StateTransitioned
  | WorkflowUpdateCompleted
  | WorkflowExecutionCompleted
  | WorkflowExecutionFailed
  | WorkflowExecutionTimedOut
  | WorkflowExecutionCanceled
  | WorkflowExecutionContinuedAsNew

/** As stored: the event id of the n-th event of a turn is the turn's `firstEventId` + n. */
export type StoredEvent = InputEvent | DecisionEvent

/** As shown: with its id, dense from 1 in each run. */
export type HistoryEvent = StoredEvent & { readonly eventId: number }

export type EventType = StoredEvent['type']

/** True for events that happened to the run, false for what it decided; a new type does not compile until it is here. */
export const isInput: { readonly [T in EventType]: T extends InputEvent['type'] ? true : false } = {
  WorkflowExecutionStarted: true,
  ActivityTaskStarted: true,
  ActivityTaskCompleted: true,
  ActivityTaskFailed: true,
  ActivityTaskTimedOut: true,
  ActivityTaskCanceled: true,
  TimerFired: true,
  WorkflowSignalReceived: true,
  WorkflowUpdateAccepted: true,
  ChildWorkflowExecutionStarted: true,
  StartChildWorkflowExecutionFailed: true,
  ChildWorkflowExecutionCompleted: true,
  ChildWorkflowExecutionFailed: true,
  ChildWorkflowExecutionTimedOut: true,
  ChildWorkflowExecutionCanceled: true,
  ChildWorkflowExecutionTerminated: true,
  ExternalWorkflowSignaled: true,
  SignalExternalFailed: true,
  WorkflowExecutionPaused: true,
  WorkflowExecutionResumed: true,
  WorkflowExecutionCancelRequested: true,
  WorkflowExecutionTerminated: true,
  WorkflowTaskContinued: true,
  ActivityTaskScheduled: false,
  ActivityTaskCancelRequested: false,
  TimerStarted: false,
  TimerCanceled: false,
  CompensationScheduled: false,
  StartChildWorkflowExecutionInitiated: false,
  SignalExternalInitiated: false,
  EventEmitted: false,
  StateTransitioned: false,
  WorkflowUpdateCompleted: false,
  WorkflowExecutionCompleted: false,
  WorkflowExecutionFailed: false,
  WorkflowExecutionTimedOut: false,
  WorkflowExecutionCanceled: false,
  WorkflowExecutionContinuedAsNew: false,
}
