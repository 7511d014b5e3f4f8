/** What the documents of these tests may know around them: activities `known.*` and the workflows `known-child`. */
import type { KnownActivities } from '../../../schema/known-activities.ts'
import { type KnownWorkflows, knownWorkflows } from '../../../schema/known-workflows.ts'

export const activities: KnownActivities = new Map([
  ['known.list', { input: { type: 'object', properties: { rows: { type: 'array' } } } }],
  [
    'known.charge',
    {
      input: { type: 'object', required: ['id'], properties: { id: { type: 'number' } } },
      output: {
        type: 'object',
        properties: {
          paymentId: { type: 'string' },
          card: { type: 'object', properties: { last4: { type: 'string' } } },
        },
        additionalProperties: false,
      },
    },
  ],
])

export const workflows: KnownWorkflows = knownWorkflows([
  {
    name: 'known-child',
    version: '1.2.0',
    input: {
      type: 'object',
      required: ['orderId'],
      properties: { orderId: { type: 'string' }, qty: { type: 'integer' }, rows: { type: 'array' } },
    },
    output: { type: 'object', properties: { tracking: { type: 'string' } }, additionalProperties: false },
  },
  { name: 'known-child', version: '2.0.0', input: { type: 'object' } },
])

/** Only a document that names one of them knows them all, so that the others are not told of theirs. */
export function contextOf(text: string): {
  readonly activities?: KnownActivities
  readonly workflows?: KnownWorkflows
} {
  return {
    ...(/activity: .?known\./.test(text) ? { activities } : {}),
    ...(/workflow: .?known-/.test(text) ? { workflows } : {}),
  }
}
