/**
 * Runs whose state was dropped are loaded again; the store is asked with growing pauses while it does not answer.
 * Owns both. A turn that may or may not have been written is never sent again: the run is read, and what its history
 * lacks is fed to it once more.
 */

import type { LoadedRun, NodeId, RunStore } from '../../storage/contract.ts'
import { asError } from '../as-error.ts'
import type { Busy } from '../busy.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Execution } from '../runs/execution.ts'
import type { QueuedInput } from '../runs/input-queue.ts'
import type { EngineSettings } from '../settings.ts'
import type { PollingParts } from './polling-parts.ts'

export interface RecoveryHost {
  node(): NodeId | null
  loaded(runId: string): Execution | undefined
  /** Before the store is asked; goes with what it gives to `restore` (see `mailbox.ts`). */
  mark(): number
  /** Folds it and gives it to the run, or to a new one; parks it where it cannot. */
  restore(
    node: NodeId,
    loaded: LoadedRun,
    run: Execution | null,
    inputs: readonly QueuedInput[],
    mark: number,
  ): Promise<void>
  /** It is not of this node any more, and nobody here was told why. */
  vanished(runId: string): void
  ping(): Promise<void>
  /** The store answers again. */
  reachable(): void
}

interface Lost {
  readonly runId: string
  /** Null: not in memory. */
  readonly execution: Execution | null
  readonly inputs: readonly QueuedInput[]
}

export class Recovery {
  readonly #runs: RunStore
  readonly #clock: Clock
  readonly #busy: Busy
  readonly #settings: EngineSettings
  readonly #log: Log
  readonly #host: RecoveryHost
  #waiting: Lost[] = []
  #loading = 0
  #down = false
  #running = true

  constructor(parts: Omit<PollingParts, 'sole'> & { readonly log: Log }, host: RecoveryHost) {
    this.#runs = parts.runs
    this.#clock = parts.clock
    this.#busy = parts.busy
    this.#settings = parts.settings
    this.#log = parts.log
    this.#host = host
  }

  get down(): boolean {
    return this.#down
  }

  stop(): void {
    this.#running = false
    for (const _ of this.#waiting.splice(0)) this.#busy.leave()
  }

  lost(execution: Execution, inputs: readonly QueuedInput[]): void {
    this.#add({ runId: execution.runId, execution, inputs })
  }

  orphan(runId: string): void {
    if (this.#waiting.some((lost) => lost.runId === runId)) return
    this.#add({ runId, execution: null, inputs: [] })
  }

  /** The store did not answer. Whoever notices says so; one probe goes on until it does. */
  unreachable(error: Error): void {
    if (this.#down || !this.#running) return
    this.#down = true
    this.#log.warn(
      { error },
      'the store cannot be reached; what was not confirmed is loaded again when it answers',
    )
    void this.#busy.during(() => this.#probe())
  }

  async #probe(): Promise<void> {
    let pauseMs = this.#settings.reconnectInitialMs
    while (this.#running) {
      await this.#pause(pauseMs)
      pauseMs = Math.min(pauseMs * 2, this.#settings.reconnectMaximumMs)
      if (!this.#running) return
      try {
        await this.#host.ping()
        await this.#findOrphans()
        break
      } catch {
        // Said once, when it began.
      }
    }
    if (!this.#running) return
    this.#down = false
    this.#log.info({}, 'the store answers again')
    this.#loadNext()
    this.#host.reachable()
  }

  /** A claim or a start may have gone through though its answer was lost: nobody else would take such a run up (keeps I6). */
  async #findOrphans(): Promise<void> {
    const node = this.#host.node()
    if (node === null) return
    for (const runId of await this.#runs.owned(node)) {
      if (this.#host.loaded(runId) === undefined) this.orphan(runId)
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.schedule(this.#clock.now() + ms, resolve))
  }

  #add(lost: Lost): void {
    if (!this.#running) return
    this.#busy.enter()
    this.#waiting.push(lost)
    this.#loadNext()
  }

  #loadNext(): void {
    while (!this.#down && this.#running && this.#loading < this.#settings.loadsInFlight) {
      const lost = this.#waiting.shift()
      if (lost === undefined) return
      this.#loading += 1
      void this.#load(lost).finally(() => {
        this.#loading -= 1
        this.#busy.leave()
        this.#loadNext()
      })
    }
  }

  async #load(lost: Lost): Promise<void> {
    const { runId, execution, inputs } = lost
    const node = this.#host.node()
    if (execution?.phase === 'gone') return
    if (node === null) return execution?.leave()
    try {
      const mark = this.#host.mark()
      // Also one that is parked: the connection may have been lost while it was being closed or parked again.
      const loaded = await this.#runs.claimOne(node, runId, { parked: true })
      if (loaded === null) {
        // Closed, or of another node: nothing of it is ours any more.
        execution?.leave()
        return this.#host.vanished(runId)
      }
      if (execution === null && this.#host.loaded(runId) !== undefined) return
      await this.#host.restore(node, loaded, execution, inputs, mark)
      if (this.#host.loaded(runId) === undefined) this.#host.vanished(runId)
    } catch (thrown) {
      this.#add(lost)
      this.unreachable(asError(thrown))
    }
  }
}
