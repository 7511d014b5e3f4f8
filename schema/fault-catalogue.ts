/**
 * The error types that the engine itself raises inside a workflow (docs/language/errors.md), and whether a group or child
 * that has `retry` tries again after one. An activity's own errors keep their own type. Part of the language: the checks
 * before a run and the interpreter read it here, and docs/errors.md is held equal to it.
 */
export const faults = {
  Timeout: { retryable: true, summary: 'a deadline passed; `details.kind` says which' },
  Canceled: { retryable: false, summary: 'the step, its scope or the run was canceled' },
  Terminated: { retryable: false, summary: 'the run was terminated; nothing was undone' },
  ActivityNotRegistered: { retryable: false, summary: 'no activity of this name is registered' },
  ActivityInputInvalid: { retryable: false, summary: 'the input does not match the schema of the activity' },
  ActivityOutputInvalid: { retryable: false, summary: 'the result of the activity is not valid' },
  WorkflowNotFound: { retryable: false, summary: 'no such definition is deployed' },
  WorkflowAlreadyRunning: { retryable: true, summary: 'an execution has this workflow id' },
  ChildWorkflowFailed: { retryable: true, summary: 'a child workflow failed; `cause` is its error' },
  InputInvalid: { retryable: false, summary: 'the input does not match the schema' },
  OutputInvalid: { retryable: false, summary: 'the result does not match the schema of `output`' },
  TooManyFailures: { retryable: true, summary: 'more items failed than `tolerate` allows' },
  SignalTargetNotFound: { retryable: true, summary: 'no open execution has the workflow id' },
  SignalNotDeclared: { retryable: false, summary: 'the definition declares no such signal' },
  SignalInvalid: { retryable: false, summary: 'the payload does not match the schema of the signal' },
  SignalNotExpected: { retryable: true, summary: 'no transition of the state takes the signal' },
  QueryNotDeclared: { retryable: false, summary: 'the definition declares no such query' },
  QueryInvalid: { retryable: false, summary: 'the payload does not match the schema of the query' },
  UpdateNotDeclared: { retryable: false, summary: 'the definition declares no such update' },
  UpdateInvalid: { retryable: false, summary: 'the payload does not match the schema of the update' },
  UpdateRejected: { retryable: false, summary: '`validate` of the update does not hold' },
  ExecutionPaused: { retryable: true, summary: 'the execution is paused' },
  ExecutionClosed: { retryable: false, summary: 'the execution takes no more updates' },
  ExpressionError: { retryable: false, summary: 'an expression failed, or gave a value that is not allowed' },
  ExpressionUndefined: { retryable: false, summary: 'an expression gave nothing where a value is needed' },
  LimitExceeded: { retryable: false, summary: 'a limit was exceeded; the message names it' },
  CompensationFailed: { retryable: false, summary: 'something could not be undone; `details` list what' },
} as const satisfies { readonly [type: string]: { readonly retryable: boolean; readonly summary: string } }

export type FaultType = keyof typeof faults
