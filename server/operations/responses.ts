/** The answers that operations share. */
import type { ResponseShape } from './operation.ts'

const problemTypes = ['application/problem+json']

export function json(description: string, schema: string): ResponseShape {
  return { description, schema }
}
export function refusal(description: string): ResponseShape {
  return { description, schema: 'ProblemDetails', contentTypes: problemTypes }
}
/** What any call may meet; `openapi.ts` adds these to each operation. */
export const anyRefusal = refusal(
  'Refused: see `code`. 400 for a request that is not well formed, 401 and 403 for access, 413 for a body over its limit, 415 for its content type, 503 while stopping or without a database.',
)
export const accepted = json('Durable; its effect follows.', 'Accepted')
export const executionNotFound = refusal('No such execution.')
export const executionClosed = refusal('The execution is closed.')
export const definitionNotFound = refusal('No such definition.')
