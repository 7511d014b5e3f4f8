/** Events on their way to their sinks: `OutboxStore`. Its tables and functions are in migrations/0007 and 0012. */
import type { Delivery, Hint, OutboxStore } from '../contract.ts'
import {
  booleanOf,
  numberOf,
  numberOrNull,
  type Parameter,
  type Row,
  type SqlDatabase,
  type Statement,
  textOf,
} from './connection.ts'

const claimStatement: Statement = {
  name: 'perdure_claim_deliveries',
  text: `
    select delivery_id, namespace, sink, event, attempts, is_dead, due_at, last_error
    from claim_deliveries(array(select json_array_elements_text($1::json)), $2, $3, $4)`,
}
const deliveredStatement: Statement = {
  name: 'perdure_delivered',
  text: 'delete from outbox where delivery_id = any ($1::bigint[])',
}
const failedStatement: Statement = {
  name: 'perdure_delivery_failed',
  text: `
    update outbox set
      attempts = attempts + 1, last_error = $2,
      is_dead = $3::double precision is null, is_unserved = false, due_at = coalesce(to_time($3), due_at)
    where delivery_id = $1`,
}
const nextDueStatement: Statement = {
  name: 'perdure_next_delivery',
  text: `
    select to_milliseconds(min(l.due_at))
    from json_array_elements_text($1::json) s(sink),
      lateral (
        select o.due_at from outbox o where o.sink = s.sink and not o.is_dead order by o.due_at limit 1) l`,
}
const reviveStatement: Statement = {
  name: 'perdure_revive_delivery',
  text: `
    update outbox set attempts = 0, is_dead = false, is_unserved = false, due_at = to_time($3)
    where delivery_id = $2 and namespace = $1
    returning 1`,
}
const giveUpUnservedStatement: Statement = {
  name: 'perdure_give_up_unserved',
  text: 'select sink, deliveries from give_up_unserved($1, $2, $3, $4)',
}
const serveStatement: Statement = {
  name: 'perdure_serve_sinks',
  text: `
    update outbox set is_dead = false, is_unserved = false, last_error = null, due_at = to_time($2)
    where is_unserved and delivery_id = any (array(
      select o.delivery_id
      from json_array_elements_text($1::json) s(sink),
        lateral (
          select outbox.delivery_id from outbox where outbox.sink = s.sink and outbox.is_unserved
          order by outbox.delivery_id limit $3) o
      limit $3))
    returning 1`,
}

export function sqlOutbox(database: SqlDatabase, tell: (hint: Hint) => void): OutboxStore {
  return {
    async claim(sinks, now, leaseUntil, limit) {
      if (sinks.length === 0) return []
      const rows = await database.query(claimStatement, [JSON.stringify(sinks), now, leaseUntil, limit])
      return rows.map(deliveryOf)
    },

    async delivered(deliveryIds) {
      const known = deliveryIds.filter(isDeliveryId)
      if (known.length > 0) await database.query(deliveredStatement, [`{${known.join(',')}}`])
    },

    async failed(deliveryId, error, dueAt) {
      if (isDeliveryId(deliveryId)) await database.query(failedStatement, [deliveryId, error, dueAt])
    },

    async nextDueAt(sinks) {
      if (sinks.length === 0) return null
      return numberOrNull((await database.query(nextDueStatement, [JSON.stringify(sinks)]))[0]?.[0])
    },

    async list(filter, limit, after) {
      if (after !== null && !isDeliveryId(after)) return []
      const { statement, parameters } = listOf(filter, limit, after)
      return (await database.query(statement, parameters)).map(deliveryOf)
    },

    async giveUpUnserved(dueBefore, now, reason, limit) {
      const rows = await database.query(giveUpUnservedStatement, [dueBefore, now, reason, limit])
      return rows.map((row) => ({ sink: textOf(row[0]), deliveries: numberOf(row[1]) }))
    },

    async serve(sinks, now, limit) {
      if (sinks.length === 0) return 0
      const rows = await database.query(serveStatement, [JSON.stringify(sinks), now, limit])
      if (rows.length > 0) tell({ kind: 'outbox' })
      return rows.length
    },

    async revive(namespace, deliveryId, now) {
      if (!isDeliveryId(deliveryId)) return false
      const rows = await database.query(reviveStatement, [namespace, deliveryId, now])
      if (rows.length > 0) tell({ kind: 'outbox' })
      return rows.length > 0
    },
  }
}

/** One letter names a condition in the statement's name, so each combination is prepared once. */
function listOf(
  { namespace, state, sink }: Parameters<OutboxStore['list']>[0],
  limit: number,
  after: string | null,
): { readonly statement: Statement; readonly parameters: readonly Parameter[] } {
  const parameters: Parameter[] = [namespace, limit]
  let name = ''
  let where = 'namespace = $1'
  if (state !== undefined) {
    name += state === 'dead' ? 'd' : 'p'
    where += state === 'dead' ? ' and is_dead' : ' and not is_dead'
  }
  if (sink !== undefined) {
    parameters.push(sink)
    name += 's'
    where += ` and sink = $${parameters.length}`
  }
  if (after !== null) {
    parameters.push(after)
    name += 'a'
    where += ` and delivery_id < $${parameters.length}`
  }
  const text = `
    select delivery_id, namespace, sink, event, attempts, is_dead, to_milliseconds(due_at), last_error
    from outbox where ${where} order by delivery_id desc limit $2`
  return { statement: { name: `perdure_list_deliveries_${name}`, text }, parameters }
}

/** Ids come from users too. */
function isDeliveryId(text: string): boolean {
  return /^[1-9]\d{0,17}$/.test(text)
}

function deliveryOf(row: Row): Delivery {
  return {
    deliveryId: textOf(row[0]),
    namespace: textOf(row[1]),
    sink: textOf(row[2]),
    event: textOf(row[3]),
    attempts: numberOf(row[4]),
    state: booleanOf(row[5]) ? 'dead' : 'pending',
    dueAt: numberOf(row[6]),
    lastError: row[7] ?? null,
  }
}
