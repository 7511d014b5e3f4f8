/**
 * Writes starts and heartbeats of long attempts beside the history, in batches, so that the next attempt has them
 * after a crash. On timers of the machine, not of the engine's clock: a virtual clock must not wait for them.
 */
import type { ActivityExecutor } from '../../activities/contract.ts'
import type { AttemptRecord, AttemptStore, NodeId } from '../../storage/contract.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Execution } from './execution.ts'

export interface AttemptFlushHost {
  node(): NodeId | null
  loaded(runId: string): Execution | undefined
}

type Row = AttemptRecord & { readonly runId: string }

export class AttemptFlush {
  readonly #executor: ActivityExecutor
  readonly #store: AttemptStore
  readonly #clock: Clock
  readonly #log: Log
  readonly #host: AttemptFlushHost
  /** The latest of each attempt that is not written. */
  #unsaved = new Map<string, Row>()
  #saving: Promise<void> | null = null
  #timer: NodeJS.Timeout | null = null

  constructor(
    parts: {
      readonly executor: ActivityExecutor
      readonly store: AttemptStore
      readonly clock: Clock
      readonly log: Log
    },
    host: AttemptFlushHost,
  ) {
    this.#executor = parts.executor
    this.#store = parts.store
    this.#clock = parts.clock
    this.#log = parts.log
    this.#host = host
  }

  start(intervalMs: number): void {
    this.#timer = setInterval(() => void this.flush(), intervalMs)
    this.#timer.unref()
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  /** What the executor has heard since the last call, for the next attempt in this process. */
  drain(): void {
    for (const row of this.#executor.drainAttempts(this.#clock.now())) {
      this.#host.loaded(row.runId)?.activities.remember(row)
      this.#unsaved.set(`${row.runId}/${row.activityId}`, row)
    }
  }

  /** One write at a time; what comes meanwhile goes with the next. */
  flush(): Promise<void> {
    this.drain()
    this.#saving ??= this.#save().finally(() => {
      this.#saving = null
    })
    return this.#saving
  }

  async #save(): Promise<void> {
    const node = this.#host.node()
    if (node === null || this.#unsaved.size === 0) return
    const rows = this.#unsaved
    this.#unsaved = new Map()
    try {
      await this.#store.save(node, [...rows.values()])
    } catch (thrown) {
      for (const [key, row] of rows) if (!this.#unsaved.has(key)) this.#unsaved.set(key, row)
      this.#log.warn({ error: thrown, attempts: rows.size }, 'could not write the heartbeats of activities')
    }
  }
}
