/**
 * The bodies of the API in JSON Schema 2020-12: `components/schemas` of the OpenAPI document. Requests are closed
 * (an unknown key is an error), answers are open to keys that later releases add.
 */
import { longestIdCharacters, longestReasonCharacters } from '../engine-door.ts'
import type { JsonSchemaObject } from './operation.ts'

const text = { type: 'string' } as const
const textOrNull = { type: ['string', 'null'] } as const
const moment = { type: 'string', format: 'date-time' } as const
const momentOrNull = { type: ['string', 'null'], format: 'date-time' } as const
const count = { type: 'integer', minimum: 0 } as const
const anyValue = { $ref: '#/components/schemas/AnyValue' } as const

function ref(name: string): JsonSchemaObject {
  return { $ref: `#/components/schemas/${name}` }
}
function listOf(items: JsonSchemaObject): JsonSchemaObject {
  return { type: 'array', items }
}
/** What a caller sends: closed. */
function request(properties: { [key: string]: JsonSchemaObject }, required: string[] = []): JsonSchemaObject {
  return { type: 'object', properties, required, additionalProperties: false }
}
/** What we answer: all keys are there, but those named as optional. */
function answer(
  properties: { [key: string]: JsonSchemaObject },
  optional: { [key: string]: JsonSchemaObject } = {},
): JsonSchemaObject {
  return {
    type: 'object',
    properties: { ...properties, ...optional },
    required: Object.keys(properties),
  }
}
function page(items: JsonSchemaObject): { [key: string]: JsonSchemaObject } {
  return { items: listOf(items), cursor: textOrNull }
}

const runStatus = {
  enum: ['running', 'completed', 'failed', 'canceled', 'terminated', 'timedOut', 'continuedAsNew'],
}
const definitionSummary = {
  name: text,
  version: text,
  digest: text,
  deployedAt: moment,
  deprecated: { type: 'boolean' },
}
const executionListItem = {
  workflowId: text,
  runId: text,
  workflow: text,
  version: text,
  status: runStatus,
  startedAt: moment,
  closedAt: momentOrNull,
}

export const schemas: { readonly [name: string]: JsonSchemaObject } = {
  AnyValue: { description: 'Any JSON value.' },
  Empty: request({}),
  EventStream: {
    type: 'string',
    description: 'Messages of `id`, the event id, and `data`, a HistoryEvent as JSON on one line.',
  },
  WorkflowId: {
    type: 'string',
    minLength: 1,
    maxLength: longestIdCharacters,
    not: { enum: ['.', '..'] },
    description: 'Any text. Not `.` or `..`, which no URL can hold as a part of its path.',
  },

  StartBody: request(
    {
      workflow: { type: 'string', minLength: 1, maxLength: 255, description: 'The name of a definition.' },
      version: {
        type: 'string',
        minLength: 1,
        maxLength: 255,
        description: 'An exact version or a range. Default: the highest stable one.',
      },
      workflowId: ref('WorkflowId'),
      input: anyValue,
      taskQueue: { type: 'string', minLength: 1, maxLength: longestIdCharacters },
      timeout: { type: 'string', format: 'perdure-duration', maxLength: 64 },
      idReuse: { enum: ['allow', 'allowFailedOnly', 'reject'], default: 'allow' },
      idConflict: { enum: ['fail', 'useExisting', 'terminateExisting'], default: 'fail' },
      requestId: { type: 'string', minLength: 1, maxLength: longestIdCharacters },
      memo: { type: 'object' },
      searchAttributes: { type: 'object' },
      startDelay: {
        type: 'string',
        format: 'perdure-duration',
        maxLength: 64,
        description: 'The first step begins so much later; the timeout counts from then.',
      },
      signal: {
        ...request({ name: { type: 'string', minLength: 1, maxLength: 255 }, input: anyValue }, ['name']),
        description:
          'Sent to the execution that this start is answered with: a new one has it from its first moment, one that was there gets it under `useExisting`.',
      },
    },
    ['workflow'],
  ),
  SignalBody: request({
    input: anyValue,
    requestId: { type: 'string', minLength: 1, maxLength: longestIdCharacters },
  }),
  QueryBody: request({ input: anyValue }),
  UpdateBody: request({
    input: anyValue,
    updateId: {
      type: 'string',
      minLength: 1,
      maxLength: longestIdCharacters,
      description: 'The handler runs once for it; a second call gets the first answer. Default: a new one.',
    },
    wait: {
      type: 'string',
      format: 'perdure-duration',
      maxLength: 64,
      description:
        'How long to wait for the answer, such as `10s`. Default, and at most: the limit of the server.',
    },
  }),
  ReasonBody: request({ reason: { type: 'string', maxLength: longestReasonCharacters } }),

  ResumeBody: request({
    skip: { type: 'boolean', description: 'What a saga could not undo is left as it is.' },
    reason: { type: 'string', maxLength: longestReasonCharacters },
  }),

  Accepted: answer({ accepted: { const: true } }),
  HealthAnswer: answer({ status: { enum: ['alive', 'ready'] } }),
  CountAnswer: answer({ count }),
  StartAnswer: answer({ workflowId: text, runId: text, version: text }),
  DocumentProblem: answer(
    {
      code: text,
      severity: { enum: ['error', 'warning', 'hint'] },
      message: text,
      path: text,
      line: { type: 'integer', minimum: 1 },
      column: { type: 'integer', minimum: 1 },
      excerpt: text,
    },
    { file: text, suggestion: text },
  ),
  DeployResult: answer({
    outcome: { enum: ['created', 'same'] },
    name: text,
    version: text,
    digest: text,
    problems: listOf(ref('DocumentProblem')),
  }),
  ValidationAnswer: answer({ valid: { type: 'boolean' }, problems: listOf(ref('DocumentProblem')) }),
  DefinitionSummary: answer(definitionSummary),
  DefinitionPage: answer(page(ref('DefinitionSummary'))),
  DefinitionVersions: answer({ name: text, ...page(ref('DefinitionSummary')) }),
  DefinitionView: answer({
    ...definitionSummary,
    format: { enum: ['yaml', 'json'] },
    source: text,
    document: anyValue,
  }),
  DefinitionGraph: answer({
    name: text,
    version: text,
    nodes: listOf(
      answer(
        {
          id: text,
          kind: { enum: ['start', 'end', 'step', 'decision', 'fork', 'join', 'group', 'state'] },
          label: text,
          detail: listOf(text),
        },
        {
          verb: text,
          step: text,
          line: { type: 'integer', minimum: 1 },
          ending: { enum: ['return', 'fail', 'continueAsNew'] },
          parent: text,
        },
      ),
    ),
    edges: listOf(
      answer(
        {
          from: text,
          to: text,
          kind: {
            enum: ['next', 'branch', 'case', 'else', 'loop', 'error', 'compensate', 'transition'],
          },
        },
        { label: text },
      ),
    ),
  }),
  ResolveAnswer: answer({ name: text, version: text, reason: text }),

  WorkflowError: answer({
    type: text,
    message: text,
    details: anyValue,
    retryable: { type: 'boolean' },
    step: textOrNull,
    path: textOrNull,
    attempt: { type: ['integer', 'null'] },
    cause: { anyOf: [ref('WorkflowError'), { type: 'null' }] },
  }),
  RunningOutcome: answer({ workflowId: text, runId: text, status: { const: 'running' } }),
  Outcome: {
    oneOf: [
      answer({ workflowId: text, runId: text, status: { const: 'completed' }, result: anyValue }),
      answer({
        workflowId: text,
        runId: text,
        status: { enum: ['failed', 'canceled', 'terminated', 'timedOut'] },
        error: ref('WorkflowError'),
      }),
      {
        ...answer({ workflowId: text, runId: text, status: { const: 'continuedAsNew' }, newRunId: text }),
        description: 'Of one run, with `follow=false`.',
      },
    ],
  },
  ExecutionListItem: answer(executionListItem),
  ExecutionPage: answer(page(ref('ExecutionListItem'))),
  ExecutionDescription: answer(
    {
      ...executionListItem,
      memo: anyValue,
      searchAttributes: anyValue,
      at: listOf(answer({ step: text, path: text, line: { type: 'integer' } })),
      waitingFor: listOf(
        answer({
          kind: text,
          step: textOrNull,
          path: textOrNull,
          line: { type: ['integer', 'null'] },
          text,
          until: momentOrNull,
        }),
      ),
      pendingActivities: listOf(
        answer({
          activityId: { type: 'integer' },
          step: text,
          path: text,
          activity: text,
          taskQueue: text,
          attempt: { type: 'integer' },
          state: { enum: ['running', 'scheduled', 'backingOff', 'cancelRequested'] },
          scheduledAt: moment,
          nextAttemptAt: momentOrNull,
          lastFailure: { anyOf: [ref('WorkflowError'), { type: 'null' }] },
        }),
      ),
      pendingChildren: listOf(
        answer({
          step: text,
          path: text,
          workflow: text,
          workflowId: text,
          runId: text,
          attempt: { type: 'integer', minimum: 1 },
        }),
      ),
      parent: { anyOf: [answer({ workflowId: text, runId: text }), { type: 'null' }] },
      firstRunId: { ...text, description: 'Of the chain that it belongs to; its own where it is the first.' },
      state: { ...textOrNull, description: 'Of a state machine: where it stands.' },
      paused: {
        anyOf: [answer({ since: moment, reason: textOrNull, step: textOrNull }), { type: 'null' }],
      },
      vars: anyValue,
      parked: textOrNull,
      historyLength: count,
    },
    {
      result: anyValue,
      error: ref('WorkflowError'),
      continuedAs: { ...text, description: 'The run that it continued as.' },
    },
  ),
  UpdatePending: answer({ updateId: text, status: { const: 'pending' } }),
  Delivery: answer({
    deliveryId: text,
    sink: text,
    state: { enum: ['pending', 'dead'] },
    attempts: count,
    dueAt: moment,
    lastError: textOrNull,
    event: { ...anyValue, description: 'The CloudEvent.' },
  }),
  DeliveryPage: answer(page(ref('Delivery'))),
  HistoryEvent: {
    ...answer(
      { eventId: { type: 'integer', minimum: 1 }, timestamp: moment, type: text },
      { step: text, path: text, startedAt: moment, fireAt: moment, willRetryAt: moment, deadlineAt: moment },
    ),
    description: 'What else it holds depends on `type`.',
  },
  HistoryPage: answer({ events: listOf(ref('HistoryEvent')), cursor: textOrNull }),

  RequestFault: answer(
    { in: { enum: ['path', 'query', 'header', 'body'] }, pointer: text, message: text },
    { suggestion: text },
  ),
  ProblemDetails: answer(
    {
      type: { type: 'string', format: 'uri-reference' },
      title: text,
      status: { type: 'integer', minimum: 400, maximum: 599 },
      detail: text,
      instance: { type: 'string', format: 'uri-reference' },
      code: text,
    },
    {
      suggestion: text,
      problems: listOf(ref('DocumentProblem')),
      errors: listOf(ref('RequestFault')),
      details: anyValue,
      error: ref('WorkflowError'),
    },
  ),
}
