/**
 * Events for a sink that was taken out of the settings: no node sends them, and nobody would see it. Owns giving them
 * up with a reason, and taking them up again where this node has the sink: nodes that are restarted one by one have
 * different settings for a while, so what was given up comes back by itself. On timers of the machine.
 */
import type { OutboxStore } from '../../storage/contract.ts'
import { asError } from '../as-error.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'

export interface UnservedSinksParts {
  readonly store: Pick<OutboxStore, 'giveUpUnserved' | 'serve'>
  readonly sinks: readonly string[]
  readonly clock: Clock
  /** `EngineSettings.unservedSinkMs`. */
  readonly afterMs: number
  readonly log: Log
}

/** Rows that one call changes, of each sink. */
const batch = 500
const reason =
  'no node has an event sink of this name in its settings; it is sent when one has, and deleted with the retention'

export class UnservedSinks {
  readonly #parts: UnservedSinksParts
  readonly #unreachable: (error: Error) => void
  #timer: NodeJS.Timeout | null = null
  #served: () => void = () => {}
  #working: Promise<void> = Promise.resolve()

  constructor(parts: UnservedSinksParts, unreachable: (error: Error) => void) {
    this.#parts = parts
    this.#unreachable = unreachable
  }

  /** `served`: there is something to send that was given up before. */
  start(served: () => void): void {
    this.#served = served
    this.joined()
    this.#timer = setInterval(() => {
      // A node that gave up while this one joined did not know of it yet.
      this.joined()
      this.#after(() => this.#giveUp())
    }, this.#parts.afterMs)
    this.#timer.unref()
  }

  /** Resolves when nothing of it is under way. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    await this.#working
  }

  /** This node lives, under a new id: before, others may have given up what it serves. */
  joined(): void {
    this.#after(() => this.#takeUp())
  }

  /** One after the other. */
  #after(work: () => Promise<void>): void {
    this.#working = this.#working.then(work).catch((thrown: unknown) => {
      this.#unreachable(asError(thrown))
    })
  }

  async #takeUp(): Promise<void> {
    const { store, sinks, clock } = this.#parts
    if (sinks.length === 0) return
    for (let served = batch; served >= batch; ) {
      served = await store.serve(sinks, clock.now(), batch)
      if (served > 0) this.#served()
    }
  }

  async #giveUp(): Promise<void> {
    const { store, clock, afterMs, log } = this.#parts
    for (let isMore = true; isMore && this.#timer !== null; ) {
      const now = clock.now()
      const given = await store.giveUpUnserved(now - afterMs, now, reason, batch)
      for (const { sink, deliveries } of given) {
        log.error({ sink, deliveries }, 'gave up events: no node has their sink in its settings')
      }
      isMore = given.some(({ deliveries }) => deliveries >= batch)
    }
  }
}
