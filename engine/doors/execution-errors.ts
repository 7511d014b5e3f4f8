/** The refusals that a call to an execution may meet, whatever it is. */
import type { ClosedStatus } from '../../storage/contract.ts'
import type { ExecutionRef } from '../contract.ts'
import { EngineError } from '../engine-error.ts'

export function notFoundError(ref: ExecutionRef): EngineError {
  const run = ref.runId === undefined ? '' : ` with the run id '${ref.runId}'`
  return new EngineError(
    'ExecutionNotFound',
    `no execution '${ref.workflowId}'${run} in the namespace '${ref.namespace}'`,
    { suggestion: 'list the executions with `perdure list`; closed ones are deleted after their retention' },
  )
}

/** It has as many messages as it may have. None of those is lost, and what an operator says always gets through. */
export function fullError(workflowId: string, maximum: number): EngineError {
  return new EngineError(
    'LimitExceeded',
    `the execution '${workflowId}' has ${maximum} signals and updates that it has not dealt with (limit pendingMessages)`,
    {
      suggestion: 'send it again when it has taken some, or raise limits.pendingMessages',
      details: { limit: 'pendingMessages', maximum, workflowId },
    },
  )
}

export function closedError(ref: ExecutionRef, runId: string, status: ClosedStatus): EngineError {
  return new EngineError('ExecutionClosed', `the execution '${ref.workflowId}' is ${status} (run ${runId})`, {
    details: { workflowId: ref.workflowId, runId, status },
  })
}
