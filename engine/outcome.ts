/** How a run ended, as callers are told: from a close that was just written, and from what lists keep of it. */
import type { WorkflowError } from '../interpreter/fault.ts'
import type { Json } from '../schema/json.ts'
import type { ClosedStatus, ExecutionSummary, RunChange } from '../storage/contract.ts'
import type { Outcome } from './contract.ts'

interface RunName {
  readonly workflowId: string
  readonly runId: string
}

export function outcomeOfClose(run: RunName, close: RunChange & { readonly kind: 'close' }): Outcome {
  return outcomeOf(run, close.status, close.outcome)
}

export function outcomeOfSummary(summary: ExecutionSummary): Outcome {
  if (summary.status === 'running') {
    return { workflowId: summary.workflowId, runId: summary.runId, status: 'running' }
  }
  return outcomeOf(summary, summary.status, summary.outcome ?? 'null')
}

function outcomeOf({ workflowId, runId }: RunName, status: ClosedStatus, text: string): Outcome {
  const value: unknown = JSON.parse(text)
  return status === 'completed'
    ? { workflowId, runId, status, result: value as Json }
    : { workflowId, runId, status, error: value as WorkflowError }
}
