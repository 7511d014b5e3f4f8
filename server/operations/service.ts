/** Operations of the service itself: health and the documents that describe it. Handled in `routes/service.ts`. */
import type { Operations } from './operation.ts'
import { json, refusal } from './responses.ts'

const tag = 'service'

export const serviceOperations = {
  alive: {
    method: 'get',
    path: '/healthz',
    tag,
    summary: 'The process answers.',
    role: 'public',
    parameters: [],
    responses: { 200: json('Alive.', 'HealthAnswer') },
  },
  ready: {
    method: 'get',
    path: '/readyz',
    tag,
    summary: 'The database is reachable, its migrations are done, and the server is not stopping.',
    role: 'public',
    parameters: [],
    responses: { 200: json('Ready.', 'HealthAnswer'), 503: refusal('Not ready: `detail` says why.') },
  },
  getOpenApi: {
    method: 'get',
    path: '/api/v1/openapi.json',
    tag,
    summary: 'This document.',
    role: 'public',
    parameters: [],
    responses: { 200: json('OpenAPI 3.1.', 'AnyValue') },
  },
  getWorkflowSchema: {
    method: 'get',
    path: '/api/v1/workflow.schema.json',
    tag,
    summary: 'The JSON Schema of the language, for editors.',
    role: 'public',
    parameters: [],
    responses: {
      200: {
        description: 'JSON Schema 2020-12.',
        schema: 'AnyValue',
        contentTypes: ['application/schema+json'],
      },
    },
  },
} as const satisfies Operations
