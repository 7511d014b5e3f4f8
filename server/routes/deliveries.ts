/** Events of `emit` on their way to a sink: list, send again. */
import type { Accepted, DeliveryView, Page } from '../api.ts'
import type { deliveryOperations } from '../operations/deliveries.ts'
import { type Handlers, json } from './handler.ts'

export const deliveryHandlers: Handlers<keyof typeof deliveryOperations> = {
  async listDeliveries({ engine, input }) {
    const { namespace, ...options } = input.query
    return json<Page<DeliveryView>>(200, await engine.deliveries(namespace, options))
  },

  async redeliver({ engine, input }) {
    await engine.redeliver(input.query.namespace, input.path.deliveryId)
    return json<Accepted>(202, { accepted: true })
  },
}
