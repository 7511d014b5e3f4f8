/** The words for a start whose workflow id another execution has. */
import type { StartRequest } from '../contract.ts'
import { EngineError } from '../engine-error.ts'

interface Existing {
  readonly workflowId: string
  readonly runId: string
}

export function openIdError({ workflowId, runId }: Existing): EngineError {
  return new EngineError(
    'WorkflowAlreadyRunning',
    `an execution with the workflow id '${workflowId}' is running (run ${runId})`,
    {
      suggestion: 'use another workflow id, or idConflict: useExisting or terminateExisting',
      details: { workflowId, runId },
    },
  )
}

export function closedIdError(
  { workflowId, runId }: Existing,
  idReuse: NonNullable<StartRequest['idReuse']>,
): EngineError {
  return new EngineError(
    'WorkflowAlreadyRunning',
    `an execution with the workflow id '${workflowId}' has run already (run ${runId}), and idReuse is '${idReuse}'`,
    { suggestion: 'use another workflow id, or idReuse: allow', details: { workflowId, runId } },
  )
}
