/** What every session of the engine sets, on a server and on PGlite alike. */
import { identifier } from './migrate.ts'

/** A statement that runs longer is given up by the server: its node could not beat meanwhile anyway. */
const statementTimeoutMs = 60_000
const lockTimeoutMs = 20_000

/**
 * Scans, hash and merge joins are off: statistics are stale after growth, and a plan made from them costs 50 ms a
 * batch; every statement here has an index. So are bitmap scans, which meet the entries of dead rows again each time
 * where a plain one marks them: asking for the messages of all runs of a node that starts 15,000/s took 200 ms. JIT
 * costs more than any of them runs.
 */
export function sessionSettings(schema: string | undefined): string {
  const path = schema === undefined ? '' : `set search_path = ${identifier(schema)};`
  return `${path}
    set enable_seqscan = off; set enable_bitmapscan = off; set enable_hashjoin = off;
    set enable_mergejoin = off; set jit = off;
    set default_transaction_isolation = 'read committed'; set synchronous_commit = on;
    set client_min_messages = warning; set timezone = 'UTC'; set lock_timeout = ${lockTimeoutMs};
    set statement_timeout = ${statementTimeoutMs}; set idle_in_transaction_session_timeout = ${statementTimeoutMs}`
}
