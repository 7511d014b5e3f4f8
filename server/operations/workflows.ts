/**
 * Executions: start, find, describe, read. What is sent to one is in `messages.ts` and `control.ts`. Handled in
 * `routes/workflows.ts` and `routes/history.ts`.
 */
import type { Operations } from './operation.ts'
import * as parameters from './parameters.ts'
import { executionNotFound, json, refusal } from './responses.ts'

const tag = 'workflows'
const collection = '/api/v1/workflows'
const one = `${collection}/{workflowId}`
const { ofExecution } = parameters

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
      409: refusal(
        'An execution has this workflow id, or `signal` is one that its state machine does not take.',
      ),
      422: refusal(
        'The input or the signal does not match its schema, or the definition declares no such signal.',
      ),
    },
  },
  listWorkflows: {
    method: 'get',
    path: collection,
    tag,
    summary: 'Executions, newest first; a chain of continued runs shows as its last one.',
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
    summary: 'The outcome of an execution; waits for it.',
    description:
      'A run that continued as new is followed to the last run of its chain, unless `follow=false`.',
    role: 'reader',
    parameters: [...ofExecution, parameters.wait, parameters.follow],
    responses: {
      200: json('Closed.', 'Outcome'),
      202: json('Still running.', 'RunningOutcome'),
      404: executionNotFound,
    },
  },
} as const satisfies Operations
