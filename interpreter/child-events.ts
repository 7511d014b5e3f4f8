/**
 * Events between executions: children of a run, and signals to others. Owns their shapes; the union of all events is
 * `events.ts`'s.
 */
import type { Json } from '../schema/json.ts'
import type { ErrorShape, WorkflowError } from './errors/fault.ts'
import type { At, OfStep, PendingId } from './events.ts'

/** `step` and `path` are added by the reducer, here and below. */
interface OfChild extends At {
  readonly step?: string
  readonly path?: string
  readonly childId: PendingId
}
export interface ChildWorkflowExecutionStarted extends OfChild {
  readonly type: 'ChildWorkflowExecutionStarted'
  readonly workflowId: string
  readonly runId: string
  /** The version that its range gave. */
  readonly version: string
}
export interface StartChildWorkflowExecutionFailed extends OfChild {
  readonly type: 'StartChildWorkflowExecutionFailed'
  /** `WorkflowNotFound`, `WorkflowAlreadyRunning`, `InputInvalid`. */
  readonly error: ErrorShape
}
interface ChildEnded extends OfChild {
  readonly workflowId: string
  /** The last run of its chain. */
  readonly runId: string
}
export interface ChildWorkflowExecutionCompleted extends ChildEnded {
  readonly type: 'ChildWorkflowExecutionCompleted'
  readonly result: Json
}
export interface ChildWorkflowExecutionFailed extends ChildEnded {
  readonly type: 'ChildWorkflowExecutionFailed'
  readonly error: WorkflowError
}
export interface ChildWorkflowExecutionTimedOut extends ChildEnded {
  readonly type: 'ChildWorkflowExecutionTimedOut'
  readonly error: WorkflowError
}
export interface ChildWorkflowExecutionCanceled extends ChildEnded {
  readonly type: 'ChildWorkflowExecutionCanceled'
  readonly error: WorkflowError
}
export interface ChildWorkflowExecutionTerminated extends ChildEnded {
  readonly type: 'ChildWorkflowExecutionTerminated'
  readonly error: WorkflowError
}
interface OfExternalSignal extends At {
  readonly step?: string
  readonly path?: string
  readonly signalId: PendingId
}
export interface ExternalWorkflowSignaled extends OfExternalSignal {
  readonly type: 'ExternalWorkflowSignaled'
  readonly runId: string | null
}
export interface SignalExternalFailed extends OfExternalSignal {
  readonly type: 'SignalExternalFailed'
  readonly error: ErrorShape
}
/** How a child that was started has ended. */
export type ChildEndEvent =
  | ChildWorkflowExecutionCompleted
  | ChildWorkflowExecutionFailed
  | ChildWorkflowExecutionTimedOut
  | ChildWorkflowExecutionCanceled
  | ChildWorkflowExecutionTerminated

export type ChildInputEvent =
  | ChildWorkflowExecutionStarted
  | StartChildWorkflowExecutionFailed
  | ChildEndEvent

/** The child is born in the commit of this event (keeps I8). */
export interface StartChildWorkflowExecutionInitiated extends OfStep {
  readonly type: 'StartChildWorkflowExecutionInitiated'
  readonly childId: PendingId
  readonly workflow: string
  readonly versionRange?: string
  readonly workflowId: string
  readonly runId: string
  readonly input: Json
  /** From 1. */
  readonly attempt: number
  readonly onParentClose: 'terminate' | 'cancel' | 'abandon'
  readonly compensationOf?: string
}
export interface SignalExternalInitiated extends OfStep {
  readonly type: 'SignalExternalInitiated'
  readonly signalId: PendingId
  readonly workflowId: string
  readonly signal: string
  readonly input: Json
}
