/**
 * What the engine refuses, by code: the message, the HTTP status that the server answers with, and whether the same
 * call may succeed later. docs/errors.md is held equal to this table by a test.
 */
export const engineErrors = {
  DefinitionInvalid: { status: 422, retryable: false, summary: 'the document has errors' },
  DefinitionConflict: {
    status: 409,
    retryable: false,
    summary: 'another content is deployed under this version',
  },
  WorkflowNotFound: {
    status: 404,
    retryable: false,
    summary: 'no definition of this name and version is deployed',
  },
  WorkflowAlreadyRunning: { status: 409, retryable: false, summary: 'an execution has this workflow id' },
  ExecutionNotFound: {
    status: 404,
    retryable: false,
    summary: 'no execution has this workflow id or run id',
  },
  ExecutionClosed: { status: 409, retryable: false, summary: 'the execution is closed' },
  ExecutionPaused: {
    status: 409,
    retryable: false,
    summary: 'the execution is paused: it takes no update, and a state machine no signal',
  },
  InputInvalid: { status: 422, retryable: false, summary: 'the input does not match the schema' },
  SignalNotDeclared: { status: 422, retryable: false, summary: 'the definition declares no such signal' },
  SignalInvalid: {
    status: 422,
    retryable: false,
    summary: 'the payload does not match the schema of the signal',
  },
  SignalNotExpected: {
    status: 409,
    retryable: false,
    summary: 'no transition of the current state takes the signal',
  },
  QueryNotDeclared: { status: 404, retryable: false, summary: 'the definition declares no such query' },
  QueryInvalid: {
    status: 422,
    retryable: false,
    summary: 'the payload does not match the schema of the query',
  },
  ExpressionUndefined: {
    status: 422,
    retryable: false,
    summary: 'an expression of the query evaluates to nothing as the execution stands',
  },
  ExpressionError: { status: 422, retryable: false, summary: 'an expression of the query fails' },
  QueryFailed: { status: 422, retryable: false, summary: 'the execution cannot be looked at' },
  UpdateNotDeclared: { status: 404, retryable: false, summary: 'the definition declares no such update' },
  UpdateInvalid: {
    status: 422,
    retryable: false,
    summary: 'the payload does not match the schema of the update',
  },
  UpdateRejected: { status: 422, retryable: false, summary: 'the update was refused by its `validate`' },
  DeliveryNotFound: {
    status: 404,
    retryable: false,
    summary: 'no event on its way to a sink has this delivery id',
  },
  RequestInvalid: { status: 400, retryable: false, summary: 'the request is not well formed' },
  LimitExceeded: { status: 413, retryable: false, summary: 'a limit was exceeded' },
  NotSupported: { status: 501, retryable: false, summary: 'not supported yet' },
  Draining: { status: 503, retryable: true, summary: 'this node is stopping' },
  Unavailable: { status: 503, retryable: true, summary: 'the database cannot be reached' },
} as const satisfies { [code: string]: { status: number; retryable: boolean; summary: string } }

export type EngineErrorCode = keyof typeof engineErrors
