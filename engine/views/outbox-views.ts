/** Events on their way to a sink, as operators see them, and another try for one that was given up. */
import type { Json } from '../../schema/json.ts'
import type { Delivery, OutboxStore } from '../../storage/contract.ts'
import type { Clock } from '../clock.ts'
import type { DeliveryView, Page } from '../contract.ts'
import { EngineError } from '../engine-error.ts'
import { pageLimit, readCursor, writeCursor } from './paging.ts'

export class OutboxViews {
  readonly #store: OutboxStore
  readonly #clock: Clock
  readonly #poke: () => void

  constructor(store: OutboxStore, clock: Clock, poke: () => void) {
    this.#store = store
    this.#clock = clock
    this.#poke = poke
  }

  async deliveries(
    namespace: string,
    options: {
      readonly state?: 'pending' | 'dead'
      readonly sink?: string
      readonly limit?: number
      readonly cursor?: string
    },
  ): Promise<Page<DeliveryView>> {
    const { state, sink } = options
    const limit = pageLimit(options.limit)
    const after = options.cursor === undefined ? null : readCursor('delivery', options.cursor, /^[\w-]+$/)
    const filter = { namespace, ...(state !== undefined && { state }), ...(sink !== undefined && { sink }) }
    const found = await this.#store.list(filter, limit + 1, after)
    const items = found.slice(0, limit)
    const last = items.at(-1)
    return {
      items: items.map(viewOf),
      cursor: found.length > limit && last !== undefined ? writeCursor('delivery', last.deliveryId) : null,
    }
  }

  /** Throws `DeliveryNotFound`: there is none such, or it was delivered. */
  async redeliver(namespace: string, deliveryId: string): Promise<void> {
    if (!(await this.#store.revive(namespace, deliveryId, this.#clock.now()))) {
      throw new EngineError('DeliveryNotFound', `no event waits for delivery under the id '${deliveryId}'`, {
        suggestion: 'list them; what was delivered is deleted',
      })
    }
    this.#poke()
  }
}

function viewOf(delivery: Delivery): DeliveryView {
  const { deliveryId, sink, state, attempts, dueAt, lastError, event } = delivery
  return {
    deliveryId,
    sink,
    state,
    attempts,
    dueAt: new Date(dueAt).toISOString(),
    lastError,
    event: JSON.parse(event) as Json,
  }
}
