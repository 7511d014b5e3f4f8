/**
 * Children as the reducer sees them: initiated, started, ended, canceled, left behind. Owns the book of pending ones.
 * When one is tried again is decided by `verbs/workflow.ts`, once its fiber goes on.
 */

import type { WorkflowStep } from '../../schema/plan.ts'
import type {
  ChildEndEvent,
  ChildInputEvent,
  ChildWorkflowExecutionStarted,
  StartChildWorkflowExecutionFailed,
} from '../child-events.ts'
import type { WorkflowError } from '../errors/fault.ts'
import { engineFault, reportedError } from '../errors/faults.ts'
import { outcomeFor } from '../fibers/outcomes.ts'
import { decide, type Turn, takeId } from '../fibers/turn.ts'
import { pushCompensation } from '../sagas/compensation.ts'
import type { Completion, Fiber, PendingChild, WorkflowFrame } from '../state.ts'
import { childRunId } from '../values/run-ids.ts'

/** What the step says of the child; its ids are made here. */
export type ChildToStart = Omit<
  PendingChild,
  'id' | 'fiber' | 'runId' | 'workflowId' | 'initiatedAt' | 'started'
> & {
  /** Absent: one is made. */
  readonly workflowId?: string
}

/** The child is born in the commit of this turn (keeps I8). */
export function startChild(turn: Turn, fiber: Fiber, wanted: ChildToStart): PendingChild {
  const { state } = turn
  const id = takeId(turn)
  const runId = childRunId(state, id)
  const { step, path, workflow, versionRange, input, attempt, onParentClose, compensationOf } = wanted
  const child: PendingChild = {
    id,
    fiber: fiber.id,
    ...wanted,
    // The tail of the run id is a hash of this run and of the entry: two visits of one step never share an id.
    workflowId: wanted.workflowId ?? `${state.workflow.id}/${path}-${runId.slice(-8)}`,
    runId,
    initiatedAt: state.now,
    started: false,
  }
  state.childrenPending[id] = child
  const said = {
    workflow,
    ...(versionRange !== undefined && { versionRange }),
    workflowId: child.workflowId,
    runId,
  }
  decide(turn, {
    type: 'StartChildWorkflowExecutionInitiated',
    step,
    path,
    childId: id,
    ...said,
    input,
    attempt,
    onParentClose,
    ...(compensationOf !== undefined && { compensationOf }),
  })
  turn.outgoing.push({ kind: 'startChild', childId: id, ...said, input, attempt, initiatedAt: state.now })
  return child
}

/** Undefined where nobody keeps it any more, or where it says what was said before (keeps I4). */
export function childFor(turn: Turn, event: ChildInputEvent): PendingChild | undefined {
  const child = turn.state.childrenPending[event.childId]
  const ofStart =
    event.type === 'ChildWorkflowExecutionStarted' || event.type === 'StartChildWorkflowExecutionFailed'
  return ofStart && child?.started === true ? undefined : child
}

export function childReported(turn: Turn, child: PendingChild, event: ChildInputEvent): void {
  if (event.type === 'StartChildWorkflowExecutionFailed') {
    return endChild(turn, child, { kind: 'throw', error: startError(child, event) })
  }
  // An end may come first: both travel as messages, and a child may be over before its start was read.
  if (!child.started) {
    child.started = true
    noteAttempt(turn, child)
    if (isDetached(turn, child)) return endChild(turn, child, { kind: 'normal', value: idsOf(event) })
  }
  if (event.type === 'ChildWorkflowExecutionStarted') return
  endChild(turn, child, outcomeOf(child, event))
}

/** What a cancellation does to a fiber that waits for a child. */
export function cancelChild(turn: Turn, child: PendingChild): 'unwind' | 'held' {
  // A start that was decided cannot be taken back: what it may do is undone, though nobody will hear of it.
  if (!child.started && child.cancellation !== 'wait') noteAttempt(turn, child)
  // A detached child lives on, whenever the step is canceled: what `wait` waits for is its start alone.
  const isLeftAlone = isDetached(turn, child)
  if (child.cancellation === 'abandon' || (isLeftAlone && child.cancellation === 'try')) {
    child.fiber = null
    return 'unwind'
  }
  if (!isLeftAlone && child.cancelRequested !== true)
    askToEnd(turn, child, 'cancelChild', 'the step that waits for it was canceled')
  if (child.cancellation === 'try') {
    delete turn.state.childrenPending[child.id]
    return 'unwind'
  }
  child.cancelRequested = true
  return 'held'
}

/** The run closes: each pending child by its `onParentClose`; the book is empty afterwards. */
export function closeChildren(turn: Turn): void {
  const { state } = turn
  for (const child of Object.values(state.childrenPending)) {
    if (child.cancelRequested === true || child.onParentClose === 'abandon') continue
    const kind = child.onParentClose === 'cancel' ? 'cancelChild' : 'terminateChild'
    askToEnd(turn, child, kind, 'the workflow that started it has closed')
  }
  state.childrenPending = {}
}

function askToEnd(
  turn: Turn,
  child: PendingChild,
  kind: 'cancelChild' | 'terminateChild',
  reason: string,
): void {
  turn.outgoing.push({ kind, workflowId: child.workflowId, runId: child.runId, reason })
}

/** With `compensateWhen: attempted` the first attempt that starts is undone from then on, whatever comes of it. */
function noteAttempt(turn: Turn, child: PendingChild): void {
  const waiting = waitingFor(turn, child)
  if (waiting === undefined || waiting.step.compensation?.when !== 'attempted') return
  const { fiber, frame, step } = waiting
  frame.compensation ??= pushCompensation(turn, fiber, step, waiting.step.compensation)
}

/** The step that stands and waits for the child. */
function waitingFor(
  turn: Turn,
  child: PendingChild,
): { readonly fiber: Fiber; readonly frame: WorkflowFrame; readonly step: WorkflowStep } | undefined {
  const fiber = child.fiber === null ? undefined : turn.state.fibers[child.fiber]
  const frame = fiber?.frames[fiber.frames.length - 1]
  const step = turn.program.plan.steps[child.step]
  if (fiber === undefined || frame?.kind !== 'step' || frame.verb !== 'workflow') return undefined
  return step?.verb === 'workflow' ? { fiber, frame, step } : undefined
}

function isDetached(turn: Turn, child: PendingChild): boolean {
  const step = turn.program.plan.steps[child.step]
  return step?.verb === 'workflow' && step.detached
}

function idsOf({ workflowId, runId }: ChildWorkflowExecutionStarted | ChildEndEvent) {
  return { workflowId, runId }
}

function endChild(turn: Turn, child: PendingChild, completion: Completion): void {
  delete turn.state.childrenPending[child.id]
  if (completion.kind === 'throw') keepForRetry(turn, child)
  outcomeFor(turn, child.fiber, completion, child.cancelRequested)
}

/** What it was given, rendered once, goes to the step, which may start another: the entry is gone. */
function keepForRetry(turn: Turn, child: PendingChild): void {
  const waiting = waitingFor(turn, child)
  if (waiting === undefined || waiting.step.retry === undefined || waiting.step.retry === false) return
  const { workflowId, input, versionRange } = child
  waiting.frame.again = { workflowId, input, ...(versionRange !== undefined && { versionRange }) }
}

function outcomeOf(child: PendingChild, event: ChildEndEvent): Completion {
  switch (event.type) {
    case 'ChildWorkflowExecutionCompleted':
      return { kind: 'normal', value: event.result }
    case 'ChildWorkflowExecutionCanceled':
      return {
        kind: 'throw',
        error: child.cancelRequested === true ? canceled(child, event.error) : failed(child, event),
      }
    case 'ChildWorkflowExecutionFailed':
    case 'ChildWorkflowExecutionTimedOut':
    case 'ChildWorkflowExecutionTerminated':
      return { kind: 'throw', error: failed(child, event) }
    default:
      return event satisfies never
  }
}

/** It was asked to stop: a run that is canceled closes so, and not as failed. */
function canceled(child: PendingChild, cause: WorkflowError): WorkflowError {
  return engineFault('Canceled', `child workflow \`${child.workflow}\` was canceled`, placeOf(child), {
    cause,
  })
}

function failed(
  child: PendingChild,
  event: Exclude<ChildEndEvent, { type: 'ChildWorkflowExecutionCompleted' }>,
): WorkflowError {
  const { error: cause, workflowId, runId } = event
  const message = `child workflow \`${child.workflow}\` ${endings[event.type]}: ${cause.message}`
  return childFailed(child, message, cause, { workflowId, runId })
}

const endings = {
  ChildWorkflowExecutionFailed: 'failed',
  ChildWorkflowExecutionTimedOut: 'timed out',
  ChildWorkflowExecutionCanceled: 'was canceled',
  ChildWorkflowExecutionTerminated: 'was terminated',
} as const

/** An input that the child's schema does not allow is the child's error; that there is none, or one already, is the step's. */
function startError(child: PendingChild, { error }: StartChildWorkflowExecutionFailed): WorkflowError {
  const own = reportedError(error, placeOf(child))
  if (error.type === 'WorkflowNotFound' || error.type === 'WorkflowAlreadyRunning') return own
  const message = `child workflow \`${child.workflow}\` could not start: ${error.message}`
  return childFailed(child, message, own, { workflowId: child.workflowId })
}

function childFailed(
  child: PendingChild,
  message: string,
  cause: WorkflowError,
  details: { readonly [key: string]: string },
): WorkflowError {
  const error = engineFault('ChildWorkflowFailed', message, placeOf(child), { details, cause })
  return { ...error, retryable: cause.retryable }
}

function placeOf({ step, path, attempt }: PendingChild): { step: string; path: string; attempt: number } {
  return { step, path, attempt }
}
