/**
 * Takes up runs that are due and have no owner. Owns when the store is asked; hints make it sooner, polling makes it
 * certain. What is claimed goes through `admission.ts` into memory.
 */

import {
  type Instant,
  type LoadedRun,
  type NodeId,
  type RunStore,
  suspectTakeovers,
} from '../../storage/contract.ts'
import { Alarm } from '../alarm.ts'
import { asError } from '../as-error.ts'
import type { Busy } from '../busy.ts'
import type { Clock, TimerHandle } from '../clock.ts'
import type { EngineSettings } from '../settings.ts'
import type { PollingParts } from './polling-parts.ts'

export interface ClaimsHost {
  node(): NodeId | null
  mayAct(): boolean
  /** How many more runs may be loaded. */
  room(): number
  loaded(runId: string): boolean
  /** Before the store is asked; goes with what it gives to `admit` (see `mailbox.ts`). */
  mark(): number
  /** Loads and keeps it, or parks it. Rejects where the store cannot be reached. */
  admit(node: NodeId, loaded: LoadedRun, mark: number): Promise<void>
  unreachable(error: Error): void
}

export class Claims {
  readonly #runs: RunStore
  readonly #clock: Clock
  readonly #busy: Busy
  readonly #settings: EngineSettings
  readonly #sole: boolean
  readonly #host: ClaimsHost
  #running = false
  #polling = false
  #again = false
  readonly #alarm: Alarm
  /** There was work and no room for it: asked again when a run leaves. */
  #starved = false
  /**
   * Runs with three takeovers or more, when nothing else is due: one alone. When it has gone, or this
   * node outlived it by a lease, twice as many, and so on: a thousand long activities that were restarted three times
   * must not wait for one another.
   */
  readonly #suspects = new Map<string, TimerHandle>()
  #suspectsAtOnce = 1

  constructor(parts: PollingParts, host: ClaimsHost) {
    this.#runs = parts.runs
    this.#clock = parts.clock
    this.#busy = parts.busy
    this.#settings = parts.settings
    this.#sole = parts.sole
    this.#host = host
    this.#alarm = new Alarm(parts.clock, () => this.poke())
  }

  start(): void {
    this.#running = true
    this.poke()
  }

  stop(): void {
    this.#running = false
    this.#alarm.stop()
    for (const timer of this.#suspects.values()) timer.cancel()
    this.#suspects.clear()
  }

  /** Something may be due. Many pokes while the store is asked are one more question. */
  poke(): void {
    if (!this.#running) return
    this.#again = true
    if (this.#polling) return
    this.#polling = true
    this.#busy.enter()
    void this.#poll().finally(() => this.#busy.leave())
  }

  /** A run left memory; one that was released is due again at `wakeAt`. */
  left(runId: string, wakeAt: Instant | null): void {
    if (wakeAt !== null) this.#wakeBy(wakeAt)
    this.#outlived(runId)
    if (this.#starved && this.#host.room() > 0) {
      this.#starved = false
      this.poke()
    }
  }

  async #poll(): Promise<void> {
    try {
      let next: Instant | null = null
      // A poke may come while the store says when the next one is due: that answer may not know of it.
      while (this.#again && this.#running) {
        this.#again = false
        await this.#claim()
        if (!this.#again && this.#running) next = await this.#runs.nextWakeAt()
      }
      if (!this.#running) return
      const now = this.#clock.now()
      // What is due and was not taken is another node's by now, or a suspect that waits for its turn.
      if (next !== null && next > now) this.#wakeBy(next)
      else if (next !== null) this.#starved = true
    } catch (thrown) {
      this.#host.unreachable(asError(thrown))
    } finally {
      // In the same step as the last look at `#again`: a poke after it begins anew.
      this.#polling = false
      if (!this.#sole) this.#wakeBy(this.#clock.now() + this.#settings.pollIntervalMs)
    }
  }

  async #claim(): Promise<void> {
    const node = this.#host.node()
    if (node === null || !this.#host.mayAct()) return
    const limit = Math.min(this.#settings.claimBatch, this.#host.room())
    if (limit === 0) {
      this.#starved = true
      return
    }
    const mark = this.#host.mark()
    const claimed = await this.#runs.claim(node, this.#clock.now(), limit, { alone: false })
    if (claimed.length > 0) {
      await Promise.all(claimed.map((loaded) => this.#host.admit(node, loaded, mark)))
      // A batch that was not full may have met rows that others held for a moment.
      this.#again = true
      return
    }
    await this.#claimParked(node, limit)
    if (this.#suspects.size === 0) await this.#claimSuspects(node, Math.min(limit, this.#suspectsAtOnce))
  }

  /** Those that a message may end. All others are parked again at once. */
  async #claimParked(node: NodeId, limit: number): Promise<void> {
    const mark = this.#host.mark()
    const parked = await this.#runs.claimParked(node, limit)
    if (parked.length === 0) return
    this.#again = true
    for (const loaded of parked) await this.#host.admit(node, loaded, mark)
  }

  async #claimSuspects(node: NodeId, limit: number): Promise<void> {
    for (let n = 0; n < limit; n += 1) {
      const mark = this.#host.mark()
      const [run] = await this.#runs.claim(node, this.#clock.now(), 1, { alone: true })
      if (run === undefined) return
      this.#again = true
      const { runId } = run
      const isSuspect = run.takeovers >= suspectTakeovers
      if (isSuspect) {
        const until = this.#clock.now() + this.#settings.leaseTtlMs
        this.#suspects.set(
          runId,
          this.#clock.schedule(until, () => this.#outlived(runId)),
        )
      }
      await this.#host.admit(node, run, mark)
      if (!this.#host.loaded(runId)) this.#outlived(runId)
      if (!isSuspect) return
    }
  }

  #outlived(runId: string): void {
    const timer = this.#suspects.get(runId)
    if (timer === undefined) return
    timer.cancel()
    this.#suspects.delete(runId)
    if (this.#suspects.size > 0) return
    this.#suspectsAtOnce = Math.min(this.#suspectsAtOnce * 2, this.#settings.claimBatch)
    this.poke()
  }

  #wakeBy(at: Instant): void {
    if (this.#running) this.#alarm.by(at)
  }
}
