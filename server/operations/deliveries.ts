/** Events of `emit` on their way to a sink. Handled in `routes/deliveries.ts`. */
import type { Operations } from './operation.ts'
import * as parameters from './parameters.ts'
import { accepted, json, refusal } from './responses.ts'

const tag = 'deliveries'
const collection = '/api/v1/event-deliveries'

export const deliveryOperations = {
  listDeliveries: {
    method: 'get',
    path: collection,
    tag,
    summary: 'Events that are on their way to a sink, or that it did not take.',
    description: 'A delivery that succeeded is gone. One that used up its attempts is `dead` and is kept.',
    role: 'reader',
    parameters: [
      parameters.deliveryState,
      parameters.sink,
      parameters.limit,
      parameters.cursor,
      parameters.namespace,
    ],
    responses: { 200: json('A page.', 'DeliveryPage') },
  },
  redeliver: {
    method: 'post',
    path: `${collection}/{deliveryId}/redeliver`,
    tag,
    summary: 'Sends an event again, at once and with all its attempts.',
    role: 'operator',
    parameters: [parameters.deliveryId, parameters.namespace],
    body: { kind: 'json', schema: 'Empty', required: false },
    responses: { 202: accepted, 404: refusal('No such delivery: it was taken by its sink, or never was.') },
  },
} as const satisfies Operations
