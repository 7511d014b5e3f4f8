/** Operations on executions. Handled in `routes/workflows.ts`, `routes/history.ts` and `routes/messages.ts`. */
import type { Operations } from './operation.ts'
import * as parameters from './parameters.ts'
import { accepted, executionClosed, executionNotFound, json, refusal } from './responses.ts'

const tag = 'workflows'
const collection = '/api/v1/workflows'
const one = `${collection}/{workflowId}`
const ofExecution = [parameters.workflowId, parameters.runId, parameters.namespace] as const

export const workflowOperations = {
  startWorkflow: {
    method: 'post',
    path: collection,
    tag,
    summary: 'Starts an execution.',
    role: 'operator',
    parameters: [parameters.namespace],
    body: { kind: 'json', schema: 'StartBody', required: true },
    responses: {
      200: json('Answered with a run that was there already.', 'StartAnswer'),
      201: json('Started.', 'StartAnswer'),
      404: refusal('No such definition is deployed.'),
      409: refusal('An execution has this workflow id.'),
      422: refusal('The input does not match the schema of the definition.'),
      501: refusal('`startDelay` or `signal`: not supported yet.'),
    },
  },
  listWorkflows: {
    method: 'get',
    path: collection,
    tag,
    summary: 'Executions, newest first.',
    role: 'reader',
    parameters: [parameters.listQuery, parameters.limit, parameters.cursor, parameters.namespace],
    responses: { 200: json('A page.', 'ExecutionPage') },
  },
  countWorkflows: {
    method: 'get',
    path: `${collection}/count`,
    tag,
    summary: 'How many executions.',
    description:
      'An execution whose id is `count` is described at `/api/v1/workflows/%63ount`, since paths match before they are decoded.',
    role: 'reader',
    parameters: [parameters.listQuery, parameters.namespace],
    responses: { 200: json('The number.', 'CountAnswer') },
  },
  describeWorkflow: {
    method: 'get',
    path: one,
    tag,
    summary: 'Where an execution stands and what it waits for.',
    role: 'reader',
    parameters: ofExecution,
    responses: { 200: json('The description.', 'ExecutionDescription'), 404: executionNotFound },
  },
  getHistory: {
    method: 'get',
    path: `${one}/history`,
    tag,
    summary: 'The events of a run, in order.',
    role: 'reader',
    parameters: [...ofExecution, parameters.after, parameters.limit, parameters.cursor, parameters.waitNew],
    responses: { 200: json('A page.', 'HistoryPage'), 404: executionNotFound },
  },
  streamEvents: {
    method: 'get',
    path: `${one}/events`,
    tag,
    summary: 'The events of a run as Server-Sent Events, to its end.',
    description:
      'Each message has the event id as its `id` and the event as its data. The run is chosen once, when the stream begins; the header `perdure-run-id` names it. A reader that comes back with the last event of a closed run gets 204, which tells it to stay away.',
    role: 'reader',
    parameters: [...ofExecution, parameters.after, parameters.lastEventId],
    responses: {
      200: {
        description: 'The stream.',
        schema: 'EventStream',
        contentTypes: ['text/event-stream'],
      },
      204: { description: 'The run is closed and the reader has its last event.' },
      404: executionNotFound,
    },
  },
  getResult: {
    method: 'get',
    path: `${one}/result`,
    tag,
    summary: 'The outcome of a run; waits for it.',
    role: 'reader',
    parameters: [...ofExecution, parameters.wait],
    responses: {
      200: json('The run is closed.', 'Outcome'),
      202: json('Still running.', 'RunningOutcome'),
      404: executionNotFound,
    },
  },
  signalWorkflow: {
    method: 'post',
    path: `${one}/signals/{name}`,
    tag,
    summary: 'Sends a signal.',
    role: 'operator',
    parameters: [...ofExecution, parameters.messageName],
    body: { kind: 'json', schema: 'SignalBody', required: false },
    responses: {
      202: accepted,
      404: executionNotFound,
      409: executionClosed,
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
  cancelWorkflow: {
    method: 'post',
    path: `${one}/cancel`,
    tag,
    summary: 'Asks an execution to stop and clean up.',
    role: 'operator',
    parameters: ofExecution,
    body: { kind: 'json', schema: 'ReasonBody', required: false },
    responses: { 202: accepted, 404: executionNotFound, 409: executionClosed },
  },
  terminateWorkflow: {
    method: 'post',
    path: `${one}/terminate`,
    tag,
    summary: 'Ends an execution at once; undoes nothing.',
    role: 'operator',
    parameters: ofExecution,
    body: { kind: 'json', schema: 'ReasonBody', required: false },
    responses: { 202: accepted, 404: executionNotFound, 409: executionClosed },
  },
} as const satisfies Operations
