/** Events on their way to their sinks, on a map: `OutboxStore`. */
import type { Delivery, Instant, OutboxStore, OutboxWrite } from '../contract.ts'
import { assertStorableText } from '../storable-text.ts'
import type { MemoryData, MemoryDelivery } from './data.ts'

export function memoryOutbox(data: MemoryData): OutboxStore {
  /** Null where it was delivered meanwhile, or where the id is none. */
  const find = (deliveryId: string) => data.outbox.get(Number(deliveryId)) ?? null
  const pending = (sinks: readonly string[]) =>
    [...data.outbox.values()].filter((row) => !row.isDead && sinks.includes(row.write.sink))
  return {
    async claim(sinks, now, leaseUntil, limit) {
      const claimed = pending(sinks)
        .filter((row) => row.dueAt <= now)
        .sort((a, b) => a.dueAt - b.dueAt || a.number - b.number)
        .slice(0, limit)
      for (const row of claimed) row.dueAt = leaseUntil
      return claimed.map(deliveryOf)
    },

    async delivered(deliveryIds) {
      for (const deliveryId of deliveryIds) {
        const row = find(deliveryId)
        if (row !== null) forget(data, row)
      }
    },

    async failed(deliveryId, error, dueAt) {
      assertStorableText(error, 'an error')
      const row = find(deliveryId)
      if (row === null) return
      row.attempts++
      row.lastError = error
      row.isDead = dueAt === null
      row.isUnserved = false
      if (dueAt !== null) row.dueAt = dueAt
    },

    async nextDueAt(sinks) {
      const times = pending(sinks).map((row) => row.dueAt)
      return times.length === 0 ? null : times.reduce((first, time) => Math.min(first, time))
    },

    async list(filter, limit, after) {
      const last = after === null ? Number.POSITIVE_INFINITY : Number(after)
      return [...data.outbox.values()]
        .filter((row) => row.number < last && matches(row, filter))
        .sort((a, b) => b.number - a.number)
        .slice(0, limit)
        .map(deliveryOf)
    },

    async giveUpUnserved(dueBefore, now, reason, limit) {
      assertStorableText(reason, 'a reason')
      const nodes = [...data.nodes.values()]
      if (nodes.some(({ sinks }) => sinks === null)) return []
      const served = new Set(nodes.flatMap(({ sinks }) => sinks ?? []))
      const givenUp = new Map<string, number>()
      const rows = [...data.outbox.values()].filter((row) => !row.isDead && row.dueAt <= dueBefore)
      for (const row of rows.sort((a, b) => a.dueAt - b.dueAt)) {
        const { sink } = row.write
        const before = givenUp.get(sink) ?? 0
        if (served.has(sink) || before >= limit) continue
        givenUp.set(sink, before + 1)
        Object.assign(row, { isDead: true, isUnserved: true, lastError: reason, dueAt: now })
      }
      return [...givenUp].sort().map(([sink, deliveries]) => ({ sink, deliveries }))
    },

    async serve(sinks, now, limit) {
      const rows = [...data.outbox.values()].filter((row) => row.isUnserved && sinks.includes(row.write.sink))
      const served = rows.slice(0, limit)
      for (const row of served)
        Object.assign(row, { isDead: false, isUnserved: false, lastError: null, dueAt: now })
      if (served.length > 0) data.hints.tell({ kind: 'outbox' })
      return served.length
    },

    async revive(namespace, deliveryId, now) {
      const row = find(deliveryId)
      if (row === null || row.write.namespace !== namespace) return false
      row.attempts = 0
      row.isDead = false
      row.isUnserved = false
      row.dueAt = now
      data.hints.tell({ kind: 'outbox' })
      return true
    },
  }
}

/** A second one with the key of one that is still there is dropped. */
export function publish(data: MemoryData, write: OutboxWrite): void {
  if (data.outboxKeys.has(write.key)) return
  const number = ++data.lastDelivery
  data.outboxKeys.add(write.key)
  data.outbox.set(number, {
    number,
    write,
    attempts: 0,
    isDead: false,
    isUnserved: false,
    dueAt: write.dueAt,
    lastError: null,
  })
  data.hints.tell({ kind: 'outbox' })
}

export function forgetDead(data: MemoryData, before: Instant): void {
  for (const row of data.outbox.values()) if (row.isDead && row.dueAt < before) forget(data, row)
}

function forget(data: MemoryData, row: MemoryDelivery): void {
  data.outbox.delete(row.number)
  data.outboxKeys.delete(row.write.key)
}

function matches(row: MemoryDelivery, filter: Parameters<OutboxStore['list']>[0]): boolean {
  return (
    row.write.namespace === filter.namespace &&
    (filter.state === undefined || row.isDead === (filter.state === 'dead')) &&
    (filter.sink === undefined || row.write.sink === filter.sink)
  )
}

function deliveryOf(row: MemoryDelivery): Delivery {
  const { namespace, sink, event } = row.write
  return {
    deliveryId: String(row.number),
    namespace,
    sink,
    event,
    attempts: row.attempts,
    state: row.isDead ? 'dead' : 'pending',
    dueAt: row.dueAt,
    lastError: row.lastError,
  }
}
