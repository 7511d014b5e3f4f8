/** Messages to executions: signals, queries, updates. Handled in `routes/messages.ts`. */
import type { Operations } from './operation.ts'
import * as parameters from './parameters.ts'
import { accepted, executionNotFound, json, refusal } from './responses.ts'

const tag = 'workflows'
const one = '/api/v1/workflows/{workflowId}'
const { ofExecution } = parameters

/** A body of 200 is the bare result, so what is said beside it goes here. */
export const updateIdHeader = 'Perdure-Update-Id'
const updateHeaders = {
  [updateIdHeader]: 'The update id, percent-encoded where it is not visible ASCII; `%` is `%25`.',
}

export const messageOperations = {
  signalWorkflow: {
    method: 'post',
    path: `${one}/signals/{name}`,
    tag,
    summary: 'Sends a signal.',
    description:
      'A state machine is asked first: a signal that no transition of its current state takes is refused with `SignalNotExpected`, which names the ones that would be taken.',
    role: 'operator',
    parameters: [...ofExecution, parameters.messageName],
    body: { kind: 'json', schema: 'SignalBody', required: false },
    responses: {
      202: accepted,
      404: executionNotFound,
      409: refusal('The execution is closed, or is a state machine that does not take the signal now.'),
      422: refusal('The definition declares no such signal, or the payload does not match its schema.'),
    },
  },
  queryWorkflow: {
    method: 'post',
    path: `${one}/queries/{name}`,
    tag,
    summary: 'Evaluates a query; changes nothing, and works on closed runs.',
    role: 'reader',
    parameters: [...ofExecution, parameters.messageName],
    body: { kind: 'json', schema: 'QueryBody', required: false },
    responses: {
      200: json('The value itself.', 'AnyValue'),
      404: refusal('No such execution, or no such query.'),
      422: refusal('The payload does not match, or the query could not be evaluated.'),
    },
  },
  updateWorkflow: {
    method: 'post',
    path: `${one}/updates/{name}`,
    tag,
    summary: 'Sends an update and waits for its answer.',
    description:
      'The handler runs exactly once per update id: a second call with the same id gets the answer of the first, also when the execution has closed since. What is refused (`UpdateRejected`, `UpdateInvalid`, …) leaves no trace.',
    role: 'operator',
    parameters: [...ofExecution, parameters.messageName],
    body: { kind: 'json', schema: 'UpdateBody', required: false },
    responses: {
      200: { ...json('The result itself.', 'AnyValue'), headers: updateHeaders },
      202: {
        ...json('No answer within `wait`: the same call with this `updateId` waits on.', 'UpdatePending'),
        headers: updateHeaders,
      },
      404: refusal('No such execution, or the definition declares no such update.'),
      409: refusal('The execution is closed or paused.'),
      422: refusal(
        'The payload does not match its schema, the update was rejected, or its handler failed: then the code is `UpdateFailed` and `error` is what the handler failed with.',
      ),
    },
  },
} as const satisfies Operations
