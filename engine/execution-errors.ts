/** The two refusals that every call to an execution may meet. */
import type { ClosedStatus } from '../storage/contract.ts'
import type { ExecutionRef } from './contract.ts'
import { EngineError } from './engine-error.ts'

export function notFoundError(ref: ExecutionRef): EngineError {
  const run = ref.runId === undefined ? '' : ` with the run id '${ref.runId}'`
  return new EngineError(
    'ExecutionNotFound',
    `no execution '${ref.workflowId}'${run} in the namespace '${ref.namespace}'`,
    { suggestion: 'list the executions with `perdure list`; closed ones are deleted after their retention' },
  )
}

export function closedError(ref: ExecutionRef, runId: string, status: ClosedStatus): EngineError {
  return new EngineError('ExecutionClosed', `the execution '${ref.workflowId}' is ${status} (run ${runId})`, {
    details: { workflowId: ref.workflowId, runId, status },
  })
}
