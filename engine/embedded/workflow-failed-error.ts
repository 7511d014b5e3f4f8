/** Thrown by `handle.result()` of the embedding API for a run that closed without a result. */
import type { WorkflowError } from '../../interpreter/errors/fault.ts'
import type { Outcome } from '../contract.ts'

export type FailedOutcome = Exclude<Outcome, { readonly status: 'running' | 'completed' | 'continuedAsNew' }>

export class WorkflowFailedError extends Error {
  readonly outcome: FailedOutcome
  /** Why: its `type`, `message`, `details`, the `step` and the `cause`. */
  readonly error: WorkflowError

  constructor(outcome: FailedOutcome) {
    const { workflowId, status, error } = outcome
    super(`workflow ${workflowId} ${sentences[status]}: ${error.type}: ${error.message}`)
    this.name = 'WorkflowFailedError'
    this.outcome = outcome
    this.error = error
  }
}

const sentences: { readonly [Status in FailedOutcome['status']]: string } = {
  failed: 'failed',
  canceled: 'was canceled',
  terminated: 'was terminated',
  timedOut: 'timed out',
}
