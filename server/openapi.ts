/**
 * The OpenAPI 3.1 document, made of the tables in `operations/`. Owns how a table becomes the document and nothing of
 * what is in it. The operations that `mount.ts` serves are the ones that are written here: both read `operations`.
 */
import type { Json } from './api.ts'
import { controlOperations } from './operations/control.ts'
import { definitionOperations } from './operations/definitions.ts'
import { deliveryOperations } from './operations/deliveries.ts'
import { messageOperations } from './operations/messages.ts'
import type { Operation, Operations, RequestBody, ResponseShape } from './operations/operation.ts'
import { plannedOperations } from './operations/planned.ts'
import { anyRefusal } from './operations/responses.ts'
import { schemas } from './operations/schemas.ts'
import { serviceOperations } from './operations/service.ts'
import { workflowOperations } from './operations/workflows.ts'

/** Those with a handler each. */
export const builtOperations = {
  ...serviceOperations,
  ...definitionOperations,
  ...workflowOperations,
  ...messageOperations,
  ...controlOperations,
  ...deliveryOperations,
}
export type BuiltOperationId = keyof typeof builtOperations

export const operations: Operations = { ...builtOperations, ...plannedOperations }

/** What a document may be sent as; `application/yaml` is RFC 9512. */
export const documentContentTypes = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'text/yaml': 'yaml',
  'application/x-yaml': 'yaml',
  'text/x-yaml': 'yaml',
} as const satisfies { [contentType: string]: 'json' | 'yaml' }

function content(types: readonly string[], schema: Json): { readonly [type: string]: Json } {
  return Object.fromEntries(types.map((type) => [type, { schema }]))
}

function responseEntry(shape: ResponseShape): Json {
  const { description, schema, contentTypes, textTypes, headers } = shape
  const head = headers === undefined ? { description } : { description, headers: headerEntries(headers) }
  if (schema === undefined) return head
  const reference = { $ref: `#/components/schemas/${schema}` }
  const bodies = {
    ...content(contentTypes ?? ['application/json'], reference),
    ...content(textTypes ?? [], { type: 'string' }),
  }
  return { ...head, content: bodies }
}

function headerEntries(headers: NonNullable<ResponseShape['headers']>): Json {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  )
}

function bodyEntry(body: RequestBody): Json {
  if (body.kind === 'document')
    return {
      required: true,
      description: 'A workflow document, whose schema is at `/api/v1/workflow.schema.json`.',
      content: content(Object.keys(documentContentTypes), {}),
    }
  return {
    required: body.required,
    content: content(['application/json'], { $ref: `#/components/schemas/${body.schema}` }),
  }
}

function operationEntry(operationId: string, operation: Operation): Json {
  const { tag, summary, description, role, parameters, body, responses, planned } = operation
  return {
    operationId,
    tags: [tag],
    summary: planned ? `Not supported yet: ${summary}.` : summary,
    ...(description === undefined ? {} : { description }),
    'x-perdure-role': role,
    ...(planned ? { 'x-perdure-planned': true } : {}),
    ...(role === 'public' ? { security: [] } : {}),
    parameters: parameters.map(({ name, in: place, required, description: about, schema }) => ({
      name,
      in: place,
      required,
      description: about,
      schema,
    })),
    ...(body === undefined ? {} : { requestBody: bodyEntry(body) }),
    responses: Object.fromEntries(
      [...Object.entries(responses), ['default', anyRefusal] as const].map(([status, shape]) => [
        status,
        responseEntry(shape),
      ]),
    ),
  }
}

function pathEntries(): { [path: string]: { [method: string]: Json } } {
  const paths: { [path: string]: { [method: string]: Json } } = {}
  for (const [operationId, operation] of Object.entries(operations)) {
    const entry = paths[operation.path] ?? {}
    entry[operation.method] = operationEntry(operationId, operation)
    paths[operation.path] = entry
  }
  return paths
}

export const openApiDocument = {
  openapi: '3.1.0',
  info: {
    title: 'Perdure',
    version: '1.0.0',
    description:
      'Durable workflows as versioned YAML. Errors are application/problem+json with a stable `code`.',
  },
  servers: [{ url: '/' }],
  security: [{ bearerKey: [] }, { headerKey: [] }],
  tags: [
    { name: 'service', description: 'Health and self-description.' },
    { name: 'definitions', description: 'Workflow documents and their versions.' },
    { name: 'workflows', description: 'Executions.' },
    { name: 'deliveries', description: 'Events that workflows emit, on their way to their sinks.' },
    { name: 'planned', description: 'Named by the interface, answered with 501.' },
  ],
  paths: pathEntries(),
  components: {
    schemas,
    securitySchemes: {
      bearerKey: {
        type: 'http',
        scheme: 'bearer',
        description: 'Not needed on a loopback server without keys.',
      },
      headerKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
    },
  },
}
