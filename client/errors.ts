/** What a call of the client may throw: refused by the server, never answered, or a run that did not complete. */
import type { Json, Outcome, Problem, ProblemDetails, RequestFault, WorkflowError } from '../server/api.ts'

/** The server refused. `code` is stable and listed in docs/errors.md. */
export class PerdureApiError extends Error {
  readonly code: string
  readonly status: number
  readonly detail: string
  readonly suggestion: string | undefined
  /** Problems of a document. */
  readonly problems: readonly Problem[]
  /** Faults of the request, with JSON pointers. */
  readonly errors: readonly RequestFault[]
  readonly details: Json | undefined
  /** Of `UpdateFailed`: what the handler failed with. */
  readonly workflowError: WorkflowError | undefined

  constructor(problem: Pick<ProblemDetails, 'code' | 'status' | 'detail'> & Partial<ProblemDetails>) {
    super(problem.suggestion === undefined ? problem.detail : `${problem.detail}: ${problem.suggestion}`)
    this.name = 'PerdureApiError'
    this.code = problem.code
    this.status = problem.status
    this.detail = problem.detail
    this.suggestion = problem.suggestion
    this.problems = problem.problems ?? []
    this.errors = problem.errors ?? []
    this.details = problem.details
    this.workflowError = problem.error
  }
}

/** No answer came, also not to the repetitions where a repetition is safe. `cause` is the last failure. */
export class PerdureConnectionError extends Error {
  readonly server: string
  constructor(server: string, message: string, cause: unknown) {
    super(message, { cause })
    this.name = 'PerdureConnectionError'
    this.server = server
  }
}

export type FailedOutcome = Extract<Outcome, { readonly error: WorkflowError }>

/** The run closed without a result. */
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

/** The handler of an update failed; the execution goes on. */
export class UpdateFailedError extends Error {
  readonly update: string
  readonly updateId: string
  readonly error: WorkflowError
  constructor(update: string, updateId: string, error: WorkflowError) {
    super(`update ${update} failed: ${error.type}: ${error.message}`)
    this.name = 'UpdateFailedError'
    this.update = update
    this.updateId = updateId
    this.error = error
  }
}
