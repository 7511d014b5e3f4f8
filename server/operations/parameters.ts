/** The parameters that several operations share, each once. */
import type { Parameter } from './operation.ts'

const workflowName = '^[a-z][a-z0-9]*([-.][a-z0-9]+)*$'
const word = '^[A-Za-z_][A-Za-z0-9_]*$'

function path(name: string, description: string, schema: Parameter['schema']): Parameter {
  return { name, in: 'path', required: true, description, schema }
}
function query(name: string, description: string, schema: Parameter['schema']): Parameter {
  return { name, in: 'query', required: false, description, schema }
}

export const namespace = query('namespace', 'Default: `default`.', {
  type: 'string',
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
  default: 'default',
})
export const name = path('name', 'The name of a definition.', {
  type: 'string',
  pattern: workflowName,
  maxLength: 255,
})
export const version = path('version', 'An exact semantic version.', {
  type: 'string',
  minLength: 5,
  maxLength: 255,
})
export const workflowId = path('workflowId', 'The id of an execution.', {
  $ref: '#/components/schemas/WorkflowId',
})
export const runId = query('runId', 'One run of the execution. Default: the open one, else the latest.', {
  type: 'string',
  minLength: 1,
  maxLength: 64,
})
/** Which execution. */
export const ofExecution = [workflowId, runId, namespace] as const
export const messageName = path('name', 'The name of a signal, query or update of the definition.', {
  type: 'string',
  pattern: word,
  maxLength: 255,
})
export const dryRun = query('dryRun', 'Says what would happen and deploys nothing.', {
  type: 'boolean',
  default: false,
})
export const graphFormat = query('format', 'Default: as `Accept` says, else `json`.', {
  enum: ['json', 'mermaid', 'svg'],
})
export const versionRange = query(
  'version',
  'An exact version or a range. Default: the highest stable one.',
  {
    type: 'string',
    minLength: 1,
    maxLength: 255,
  },
)
export const workflowIdQuery = query('workflowId', 'Decides between the weights of a rollout.', {
  $ref: '#/components/schemas/WorkflowId',
})
export const cursor = query('cursor', 'Of the page before. Opaque.', {
  type: 'string',
  minLength: 1,
  maxLength: 2000,
})
export const limit = query('limit', 'Items of a page at most.', {
  type: 'integer',
  minimum: 1,
  maximum: 1000,
  default: 100,
})
export const listQuery = query(
  'query',
  "Which executions, such as `status = 'running' and workflowId starts with 'o-'`: comparisons of `status`, `workflow`, `version`, `workflowId`, `startedAt` (`>`, `>=`, `<`, `<=`), `parentRunId` (the children of a run). A chain of runs shows as its last one; `runs = 'all'` shows them all.",
  { type: 'string', maxLength: 10_000 },
)
export const after = query('after', 'Only events with a greater event id.', {
  type: 'integer',
  minimum: 0,
  default: 0,
})
export const waitNew = query(
  'waitNew',
  'A duration such as `10s`: how long to wait for an event when there is none yet.',
  { type: 'string', format: 'perdure-duration', maxLength: 64 },
)
export const wait = query(
  'wait',
  'A duration such as `30s`: how long to wait for the end. The server may answer 202 sooner.',
  { type: 'string', format: 'perdure-duration', maxLength: 64 },
)
export const follow = query(
  'follow',
  'Whether a run that continued as new is followed to the last run of its chain.',
  { type: 'boolean', default: true },
)
export const deliveryId = path('deliveryId', 'As the list gives it.', {
  type: 'string',
  minLength: 1,
  maxLength: 255,
})
export const deliveryState = query('state', '`dead` ones are not tried again by themselves. Default: all.', {
  enum: ['pending', 'dead'],
})
export const sink = query('sink', 'The name of one event sink.', {
  type: 'string',
  minLength: 1,
  maxLength: 255,
})
export const lastEventId: Parameter = {
  name: 'last-event-id',
  in: 'header',
  required: false,
  description: 'The last event id that the reader has; wins over `after`.',
  schema: { type: 'integer', minimum: 0 },
}
