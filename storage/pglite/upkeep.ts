/**
 * What the background processes of a server do, which PGlite does not have: CHECKPOINT (else the WAL grows for ever
 * and a restart replays all of it), VACUUM and ANALYZE. Decides what is due; the worker calls it when it has nothing
 * else to do, or when it was put off for too long.
 */
import type { Row } from '../sql/connection.ts'

/** A restart replays at most about this much WAL. */
const checkpointAfterBytes = 128 * 1024 * 1024
const checkpointAfterMs = 5 * 60_000
/** As autovacuum does it, with a smaller share: `run` and `inbox` churn. */
const deadRowsBase = 1_000
const deadRowsShare = 0.1

/** Counts of dead rows are reported when a statement ends, and late: this makes the next report come at once. */
const reportQuery = 'select pg_stat_force_next_flush()'
const walPositionQuery = "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"
const wornTablesQuery = `
  select format('%I.%I', s.schemaname, s.relname)
  from pg_stat_user_tables s join pg_class c on c.oid = s.relid
  where s.n_dead_tup > ${deadRowsBase} + ${deadRowsShare} * c.reltuples
    or s.n_mod_since_analyze > ${deadRowsBase} + ${deadRowsShare} * c.reltuples
  order by s.n_dead_tup desc`

export class Upkeep {
  readonly #script: (text: string) => Promise<Row[]>
  /** Null before the first step: a start ends with a checkpoint of its own. */
  #checkpointedBytes: number | null = null
  #checkpointedAt: number
  #worn: string[] = []

  constructor(script: (text: string) => Promise<Row[]>, nowMs: number) {
    this.#script = script
    this.#checkpointedAt = nowMs
  }

  /** One piece of work at most; `nowMs` is of a clock that never jumps. */
  async step(nowMs: number): Promise<void> {
    const bytes = await this.#walBytes()
    this.#checkpointedBytes ??= bytes
    const written = bytes - this.#checkpointedBytes
    const isOld = nowMs - this.#checkpointedAt >= checkpointAfterMs
    if (written >= checkpointAfterBytes || (isOld && written > 0)) {
      await this.#script('checkpoint')
      this.#checkpointedBytes = await this.#walBytes()
      this.#checkpointedAt = nowMs
      return
    }
    if (this.#worn.length === 0) {
      await this.#script(reportQuery)
      this.#worn = (await this.#script(wornTablesQuery)).flatMap(([table]) => table ?? [])
    }
    const table = this.#worn.shift()
    // TRUNCATE would give pages back only for the next burst to ask for them again.
    if (table !== undefined) await this.#script(`vacuum (analyze, truncate false) ${table}`)
  }

  async #walBytes(): Promise<number> {
    return Number((await this.#script(walPositionQuery))[0]?.[0] ?? 0)
  }
}
