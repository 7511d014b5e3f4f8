/** Operations on definitions. Handled in `routes/definitions.ts`. */
import type { Operations } from './operation.ts'
import * as parameters from './parameters.ts'
import { definitionNotFound, json, refusal } from './responses.ts'

/** What a graph is sent as where it is not JSON. */
export const graphTextTypes = { mermaid: 'text/vnd.mermaid', svg: 'image/svg+xml' } as const

const tag = 'definitions'
const collection = '/api/v1/definitions'
const one = `${collection}/{name}/versions/{version}`

export const definitionOperations = {
  deployDefinition: {
    method: 'post',
    path: collection,
    tag,
    summary: 'Deploys a workflow document under its own name and version.',
    role: 'author',
    parameters: [parameters.namespace, parameters.dryRun],
    body: { kind: 'document' },
    responses: {
      200: json('The same content was deployed before, or this is a dry run.', 'DeployResult'),
      201: json('Deployed.', 'DeployResult'),
      409: refusal('Another content is deployed under this version.'),
      422: refusal('The document has errors: all of them are in `problems`.'),
    },
  },
  validateDefinition: {
    method: 'post',
    path: `${collection}/validate`,
    tag,
    summary: 'The problems of a document.',
    role: 'reader',
    parameters: [parameters.namespace],
    body: { kind: 'document' },
    responses: { 200: json('All problems; an empty list is a clean document.', 'ValidationAnswer') },
  },
  listDefinitions: {
    method: 'get',
    path: collection,
    tag,
    summary: 'All deployed versions of all definitions.',
    role: 'reader',
    parameters: [parameters.namespace, parameters.limit, parameters.cursor],
    responses: { 200: json('A page.', 'DefinitionPage') },
  },
  listDefinitionVersions: {
    method: 'get',
    path: `${collection}/{name}`,
    tag,
    summary: 'The deployed versions of one definition.',
    role: 'reader',
    parameters: [parameters.name, parameters.namespace, parameters.limit, parameters.cursor],
    responses: { 200: json('A page.', 'DefinitionVersions'), 404: definitionNotFound },
  },
  getDefinition: {
    method: 'get',
    path: one,
    tag,
    summary: 'One definition: as JSON, or its text as deployed with `Accept: application/yaml`.',
    role: 'reader',
    parameters: [parameters.name, parameters.version, parameters.namespace],
    responses: {
      200: {
        description: 'The definition.',
        schema: 'DefinitionView',
        textTypes: ['application/yaml'],
      },
      404: definitionNotFound,
    },
  },
  graphDefinition: {
    method: 'get',
    path: `${one}/graph`,
    tag,
    summary: 'One definition as a graph: its nodes and edges, Mermaid text, or a picture.',
    description: 'Without `format` the `Accept` header decides.',
    role: 'reader',
    parameters: [parameters.name, parameters.version, parameters.graphFormat, parameters.namespace],
    responses: {
      200: { description: 'The graph.', schema: 'DefinitionGraph', textTypes: Object.values(graphTextTypes) },
      404: definitionNotFound,
    },
  },
  deprecateDefinition: {
    method: 'post',
    path: `${one}/deprecate`,
    tag,
    summary: 'Ranges and new starts without a version pass it over from now on.',
    role: 'author',
    parameters: [parameters.name, parameters.version, parameters.namespace],
    body: { kind: 'json', schema: 'Empty', required: false },
    responses: { 200: json('As it is now.', 'DefinitionSummary'), 404: definitionNotFound },
  },
  undeprecateDefinition: {
    method: 'post',
    path: `${one}/undeprecate`,
    tag,
    summary: 'Takes a deprecation back.',
    role: 'author',
    parameters: [parameters.name, parameters.version, parameters.namespace],
    body: { kind: 'json', schema: 'Empty', required: false },
    responses: { 200: json('As it is now.', 'DefinitionSummary'), 404: definitionNotFound },
  },
  resolveDefinition: {
    method: 'get',
    path: `${collection}/{name}/resolve`,
    tag,
    summary: 'Which version a start would get, and why.',
    role: 'reader',
    parameters: [parameters.name, parameters.versionRange, parameters.workflowIdQuery, parameters.namespace],
    responses: { 200: json('The version.', 'ResolveAnswer'), 404: definitionNotFound },
  },
} as const satisfies Operations
