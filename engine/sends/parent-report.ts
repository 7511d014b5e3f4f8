/** What a parent is told when its child has ended: a message in the commit of the child's close (keeps I8). Pure. */
import type { ChildEndEvent } from '../../interpreter/child-events.ts'
import type { WorkflowError } from '../../interpreter/errors/fault.ts'
import type { Json } from '../../schema/json.ts'
import type { Instant, ParentLink, TurnMessage } from '../../storage/contract.ts'
import { messageText } from '../messages.ts'

interface EndedRun {
  readonly namespace: string
  readonly workflowId: string
  readonly runId: string
}

export type ChildEnd =
  | { readonly kind: 'completed'; readonly result: Json }
  | { readonly kind: 'failed' | 'timedOut' | 'canceled' | 'terminated'; readonly error: WorkflowError }

/** A parent that has closed is not found, and nobody misses the message. */
export function parentReport(run: EndedRun, parent: ParentLink, end: ChildEnd, now: Instant): TurnMessage {
  return {
    namespace: run.namespace,
    workflowId: parent.workflowId,
    runId: parent.runId,
    payload: messageText(eventOf(run, parent.childId, end, now)),
    whenAccepted: null,
    whenNotFound: null,
  }
}

function eventOf(
  { workflowId, runId }: EndedRun,
  childId: number,
  end: ChildEnd,
  timestamp: Instant,
): ChildEndEvent {
  if (end.kind === 'completed') {
    return {
      type: 'ChildWorkflowExecutionCompleted',
      timestamp,
      childId,
      workflowId,
      runId,
      result: end.result,
    }
  }
  return { type: endTypes[end.kind], timestamp, childId, workflowId, runId, error: end.error }
}

const endTypes = {
  failed: 'ChildWorkflowExecutionFailed',
  timedOut: 'ChildWorkflowExecutionTimedOut',
  canceled: 'ChildWorkflowExecutionCanceled',
  terminated: 'ChildWorkflowExecutionTerminated',
} as const
