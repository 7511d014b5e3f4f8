/** How a run ended, as callers are told: from a close that was just written, and from what lists keep of it. */
import type { WorkflowError } from '../../interpreter/errors/fault.ts'
import type { Json } from '../../schema/json.ts'
import type { ClosedStatus, ExecutionSummary, RunChange } from '../../storage/contract.ts'
import type { Outcome } from '../contract.ts'

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

/** The next run of the chain; null where it did not continue. */
export function continuedAs(summary: ExecutionSummary): string | null {
  return summary.status === 'continuedAsNew' ? nextRunOf(summary.outcome ?? '{}') : null
}

function outcomeOf({ workflowId, runId }: RunName, status: ClosedStatus, text: string): Outcome {
  switch (status) {
    case 'completed':
      return { workflowId, runId, status, result: JSON.parse(text) as Json }
    case 'continuedAsNew':
      return { workflowId, runId, status, newRunId: nextRunOf(text) }
    case 'failed':
    case 'canceled':
    case 'timedOut':
    case 'terminated':
      return { workflowId, runId, status, error: JSON.parse(text) as WorkflowError }
    default:
      return status satisfies never
  }
}

function nextRunOf(text: string): string {
  const { runId } = JSON.parse(text) as { readonly runId?: string }
  return runId ?? ''
}
