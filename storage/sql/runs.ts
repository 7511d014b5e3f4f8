/** Claims, inbox polls and parking: `RunStore`. The locks are in migrations/0003 and 0011. */
import type { InboxRow, RunStore } from '../contract.ts'
import {
  booleanOf,
  isRunId,
  numberOf,
  numberOrNull,
  type Row,
  type SqlDatabase,
  type Statement,
  textOf,
} from './connection.ts'
import { loadRuns } from './load.ts'

const claimRunsStatement: Statement = {
  name: 'perdure_claim_runs',
  text: 'select claim_runs($1, $2, $3, $4)',
}
const claimRunStatement: Statement = {
  name: 'perdure_claim_run',
  text: 'select claim_run($1, $2, $3)',
}
const ownedRunsStatement: Statement = {
  name: 'perdure_owned_runs',
  text: 'select run_id from run where owner = $1',
}
/** Costs a look per run that the node owns, so nothing on an idle one. */
const pollAllStatement: Statement = {
  name: 'perdure_poll_all',
  text: `
    select i.run_id, i.seq, i.payload
    from (select run_id from run where owner = $1 offset 0) o,
      lateral (select * from inbox where inbox.run_id = o.run_id order by inbox.seq offset 0) i`,
}
const pollRunsStatement: Statement = {
  name: 'perdure_poll_runs',
  text: `
    select i.run_id, i.seq, i.payload
    from json_to_recordset($2::json) x(r uuid, a integer),
      lateral (select run.owner from run where run.run_id = x.r offset 0) o,
      lateral (
        select * from inbox where inbox.run_id = x.r and inbox.seq > x.a order by inbox.seq offset 0) i
    where o.owner = $1`,
}
const claimParkedStatement: Statement = {
  name: 'perdure_claim_parked_runs',
  text: 'select claim_parked_runs($1, $2)',
}
const parkRunStatement: Statement = {
  name: 'perdure_park_run',
  text: 'select park_run($1, $2, $3, $4)',
}
/**
 * Not `min(wake_at)`: a plan made while the table was small reads the whole index for that, 200 ms at 1,000,000 runs.
 * In the order of the index the first is the answer, whatever the statistics say.
 */
const nextWakeAtStatement: Statement = {
  name: 'perdure_next_wake_at',
  text: `
    select to_milliseconds(least(
      (select wake_at from run
        where owner is null and status = 0 and parked is null and takeovers < 3 and wake_at is not null
        order by wake_at limit 1),
      (select wake_at from run
        where owner is null and status = 0 and parked is null and takeovers >= 3 and wake_at is not null
        order by wake_at limit 1)))`,
}

export function sqlRuns(database: SqlDatabase): RunStore {
  return {
    async claim(node, now, limit, { alone }) {
      const rows = await database.query(claimRunsStatement, [node, now, limit, alone])
      const runIds = rows.map((row) => textOf(row[0]))
      return loadRuns(database, runIds, false)
    },

    async claimOne(node, runId, options) {
      if (!isRunId(runId)) return null
      const rows = await database.query(claimRunStatement, [node, runId, options?.parked ?? false])
      if (!booleanOf(rows[0]?.[0])) return null
      return (await loadRuns(database, [runId], false))[0] ?? null
    },

    async claimParked(node, limit) {
      const rows = await database.query(claimParkedStatement, [node, limit])
      return loadRuns(
        database,
        rows.map((row) => textOf(row[0])),
        false,
      )
    },

    async owned(node) {
      return (await database.query(ownedRunsStatement, [node])).map((row) => textOf(row[0]))
    },

    async load(runId, options) {
      if (!isRunId(runId)) return null
      return (await loadRuns(database, [runId], options?.fromStart ?? false))[0] ?? null
    },

    async pollInbox(node, runs) {
      if (runs === 'all') return byRun(await database.query(pollAllStatement, [node]))
      const wanted = runs.filter(({ runId }) => isRunId(runId))
      if (wanted.length === 0) return []
      const list = JSON.stringify(wanted.map(({ runId, after }) => ({ r: runId, a: after })))
      return byRun(await database.query(pollRunsStatement, [node, list]))
    },

    async park(node, runId, reason, seenMessage = 0) {
      if (isRunId(runId)) await database.query(parkRunStatement, [node, runId, reason, seenMessage])
    },

    async nextWakeAt() {
      return numberOrNull((await database.query(nextWakeAtStatement, []))[0]?.[0])
    },
  }
}

function byRun(rows: readonly Row[]): { readonly runId: string; readonly rows: readonly InboxRow[] }[] {
  const found = new Map<string, InboxRow[]>()
  for (const row of rows) {
    const runId = textOf(row[0])
    const message = { seq: numberOf(row[1]), payload: textOf(row[2]) }
    const before = found.get(runId)
    if (before === undefined) found.set(runId, [message])
    else before.push(message)
  }
  for (const messages of found.values()) messages.sort((a, b) => a.seq - b.seq)
  return [...found].map(([runId, messages]) => ({ runId, rows: messages }))
}
