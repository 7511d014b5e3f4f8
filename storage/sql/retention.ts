/** The end of old runs, and the partitions that history goes into. What they lock is in migrations/0006. */
import type { Instant } from '../contract.ts'
import { numberOf, type SqlDatabase, type Statement } from './connection.ts'

const expireRunsStatement: Statement = { name: 'perdure_expire_runs', text: 'select expire_runs($1, $2)' }
const maintainHistoryStatement: Statement = {
  name: 'perdure_maintain_history',
  text: 'select maintain_history()',
}

export async function expireRuns(
  database: SqlDatabase,
  closedBefore: Instant,
  limit: number,
): Promise<number> {
  const expired = numberOf((await database.query(expireRunsStatement, [closedBefore, limit]))[0]?.[0])
  await maintainHistory(database)
  return expired
}

/** Called when a store opens and whenever runs expire, which is often enough for partitions of four weeks. */
export async function maintainHistory(database: SqlDatabase): Promise<void> {
  await database.query(maintainHistoryStatement, [])
}
