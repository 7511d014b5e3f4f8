/**
 * The events of a history: inputs (what happened to a run) and decisions (what it decided then).
 * Owns their shapes. Names are Temporal's where it has one. Plain JSON; times are milliseconds since 1970 UTC
 * (the HTTP API shows them as ISO 8601).
 */
import type { Json } from '../schema/json.ts'
import type { RunLimits } from '../schema/limits.ts'
import type { ActivitySettings } from '../schema/plan.ts'
import type { ErrorShape, WorkflowError } from './fault.ts'

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number

/** From the reducer's own counter; never an event id. */
export type PendingId = number

export interface ParentRef {
  readonly workflowId: string
  readonly runId: string
}

export type TimeoutKind =
  | 'StartToClose'
  | 'ScheduleToStart'
  | 'ScheduleToClose'
  | 'Heartbeat'
  | 'Step'
  | 'Execution'

interface At {
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
  /** Own settings of the activities that the plan names, as the server knew them at the start. */
  readonly activities: { readonly [name: string]: ActivitySettings }
  /** The limits that differ from the defaults of this release. */
  readonly limits: Partial<RunLimits>
  /** Numbered changes of meaning that this run began with. */
  readonly flags: readonly number[]
  readonly memo?: Json
  readonly searchAttributes?: Json
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
  | WorkflowExecutionCancelRequested
  | WorkflowExecutionTerminated
  | WorkflowTaskContinued

/** Where in the document a decision belongs. */
interface OfStep extends At {
  readonly step: string
  readonly path: string
}

export interface ActivityTaskScheduled extends OfStep {
  readonly type: 'ActivityTaskScheduled'
  readonly activityId: PendingId
  readonly activity: string
  readonly input: Json
  readonly taskQueue: string
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

/** `wait` and `atMost` are waits of the author; `timeout` is the deadline of a step; `execution` that of the run. */
export type TimerPurpose = 'wait' | 'atMost' | 'timeout' | 'execution'

export type DecisionEvent =
  | ActivityTaskScheduled
  | ActivityTaskCancelRequested
  | TimerStarted
  | TimerCanceled
  | CompensationScheduled
  | WorkflowExecutionCompleted
  | WorkflowExecutionFailed
  | WorkflowExecutionTimedOut
  | WorkflowExecutionCanceled

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
  WorkflowExecutionCancelRequested: true,
  WorkflowExecutionTerminated: true,
  WorkflowTaskContinued: true,
  ActivityTaskScheduled: false,
  ActivityTaskCancelRequested: false,
  TimerStarted: false,
  TimerCanceled: false,
  CompensationScheduled: false,
  WorkflowExecutionCompleted: false,
  WorkflowExecutionFailed: false,
  WorkflowExecutionTimedOut: false,
  WorkflowExecutionCanceled: false,
}
