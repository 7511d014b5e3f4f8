/** Events as the API shows them: moments in ISO 8601. Payloads are passed on untouched, whatever their keys are called. */
import type { HistoryEventView, MomentField } from '../api.ts'
import type { HistoryEvent } from '../engine-door.ts'

const momentFields: { readonly [Field in MomentField]: true } = {
  timestamp: true,
  startedAt: true,
  fireAt: true,
  willRetryAt: true,
  deadlineAt: true,
}

export function shownEvent(event: HistoryEvent): HistoryEventView
export function shownEvent(event: HistoryEvent): object {
  return Object.fromEntries(
    Object.entries(event).map(([field, value]) => [
      field,
      Object.hasOwn(momentFields, field) && typeof value === 'number' ? momentText(value) : value,
    ]),
  )
}

function momentText(ms: number): string {
  return new Date(ms).toISOString()
}

/** A new event does not compile until it says whether it is a run's last (I7). */
const closing: { readonly [Type in HistoryEvent['type']]: boolean } = {
  WorkflowExecutionCompleted: true,
  WorkflowExecutionFailed: true,
  WorkflowExecutionTimedOut: true,
  WorkflowExecutionCanceled: true,
  WorkflowExecutionTerminated: true,
  WorkflowExecutionContinuedAsNew: true,
  WorkflowExecutionStarted: false,
  WorkflowExecutionCancelRequested: false,
  WorkflowExecutionPaused: false,
  WorkflowExecutionResumed: false,
  WorkflowSignalReceived: false,
  WorkflowUpdateAccepted: false,
  WorkflowUpdateCompleted: false,
  WorkflowTaskContinued: false,
  ActivityTaskScheduled: false,
  ActivityTaskStarted: false,
  ActivityTaskCompleted: false,
  ActivityTaskFailed: false,
  ActivityTaskTimedOut: false,
  ActivityTaskCanceled: false,
  ActivityTaskCancelRequested: false,
  TimerStarted: false,
  TimerFired: false,
  TimerCanceled: false,
  CompensationScheduled: false,
  StartChildWorkflowExecutionInitiated: false,
  StartChildWorkflowExecutionFailed: false,
  ChildWorkflowExecutionStarted: false,
  ChildWorkflowExecutionCompleted: false,
  ChildWorkflowExecutionFailed: false,
  ChildWorkflowExecutionTimedOut: false,
  ChildWorkflowExecutionCanceled: false,
  ChildWorkflowExecutionTerminated: false,
  SignalExternalInitiated: false,
  SignalExternalFailed: false,
  ExternalWorkflowSignaled: false,
  EventEmitted: false,
  StateTransitioned: false,
}

export function isClosing(event: HistoryEvent): boolean {
  return closing[event.type]
}
