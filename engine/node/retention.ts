/** Deletes closed runs that are older than the retention, in small batches, now and then. On timers of the machine. */
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { EngineSettings } from '../settings.ts'

const dayMs = 24 * 60 * 60 * 1000

export class Retention {
  readonly #expire: (closedBefore: number, limit: number) => Promise<number>
  readonly #clock: Clock
  readonly #settings: EngineSettings
  readonly #log: Log
  #timer: NodeJS.Timeout | null = null
  #running: Promise<number> | null = null

  constructor(
    expire: (closedBefore: number, limit: number) => Promise<number>,
    parts: { readonly clock: Clock; readonly settings: EngineSettings; readonly log: Log },
  ) {
    this.#expire = expire
    this.#clock = parts.clock
    this.#settings = parts.settings
    this.#log = parts.log
  }

  start(): void {
    if (this.#settings.retentionDays <= 0) return
    this.#timer = setInterval(() => void this.run(), this.#settings.retentionIntervalMs)
    this.#timer.unref()
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    await this.#running
  }

  /** Gives how many runs were deleted. */
  run(): Promise<number> {
    this.#running ??= this.#deleteAll().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async #deleteAll(): Promise<number> {
    const closedBefore = this.#clock.now() - this.#settings.retentionDays * dayMs
    let deleted = 0
    try {
      for (;;) {
        const batch = await this.#expire(closedBefore, this.#settings.retentionBatch)
        deleted += batch
        if (batch < this.#settings.retentionBatch) break
      }
    } catch (thrown) {
      this.#log.warn({ error: thrown }, 'could not delete expired runs; tried again later')
    }
    if (deleted > 0) this.#log.info({ deleted }, 'deleted closed runs past their retention')
    return deleted
  }
}
