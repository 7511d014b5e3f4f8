/**
 * Brings messages from the inbox to the runs that are loaded here. Owns when the store is asked: at once for a message
 * that this process sent or a hint named, and by polling for all others. Messages to other runs come with their claim.
 */

import type { NodeId, RunStore } from '../../storage/contract.ts'
import { asError } from '../as-error.ts'
import type { Busy } from '../busy.ts'
import type { Clock, TimerHandle } from '../clock.ts'
import { messageInput } from '../messages.ts'
import type { Execution } from '../runs/execution.ts'
import type { EngineSettings } from '../settings.ts'
import type { PollingParts } from './polling-parts.ts'

export interface MailboxHost {
  node(): NodeId | null
  loaded(runId: string): Execution | undefined
  /** This node owns the run, and it is not in memory: its claim or start went through unnoticed. */
  orphan(runId: string): void
  unreachable(error: Error): void
}

export class Mailbox {
  readonly #runs: RunStore
  readonly #clock: Clock
  readonly #busy: Busy
  readonly #settings: EngineSettings
  readonly #sole: boolean
  readonly #host: MailboxHost
  /** Runs that may have a message; those that are not loaded yet stay until they are. */
  readonly #wanted = new Set<string>()
  readonly #expected = new Set<string>()
  /**
   * Counts messages that may be for a run of this node which is on its way into memory: its row may have been read
   * before them. Who claims looks at the count before it asks the store, and again when the run has arrived.
   */
  #passedBy = 0
  #running = false
  #asking = false
  #timer: TimerHandle | null = null

  constructor(parts: PollingParts, host: MailboxHost) {
    this.#runs = parts.runs
    this.#clock = parts.clock
    this.#busy = parts.busy
    this.#settings = parts.settings
    this.#sole = parts.sole
    this.#host = host
  }

  start(): void {
    this.#running = true
    if (!this.#sole) this.#next()
  }

  stop(): void {
    this.#running = false
    this.#timer?.cancel()
    this.#timer = null
  }

  /** `owned`: this node owns the run, so where it is not in memory yet it is about to be. */
  poke(runId: string, owned: boolean): void {
    if (!this.#running) return
    if (this.#host.loaded(runId) === undefined) {
      if (owned) this.#expected.add(runId)
      // With several nodes a hint may be for any of them, and polling finds what it was for.
      else if (this.#sole) this.passBy()
      return
    }
    this.#wanted.add(runId)
    this.ask()
  }

  /** A message was written for a run that is not in memory here; who owns it is not known. */
  passBy(): void {
    this.#passedBy += 1
  }

  /** Taken before a run is claimed, and given back to `arrived`. */
  get mark(): number {
    return this.#passedBy
  }

  /** The run came into memory: a message may have been sent after its row was read. */
  arrived(runId: string, mark: number): void {
    if (this.#expected.delete(runId) || mark !== this.#passedBy) this.poke(runId, true)
  }

  /** Asks for all that are wanted in one call. */
  ask(): void {
    if (this.#asking || this.#wanted.size === 0) return
    this.#asking = true
    this.#busy.enter()
    void this.#askAll().finally(() => this.#busy.leave())
  }

  /** The messages of one run, now. */
  async fetch(execution: Execution): Promise<void> {
    const node = this.#host.node()
    if (node === null) return
    const { runId, lastMessage } = execution
    try {
      const [found] = await this.#runs.pollInbox(node, [{ runId, after: lastMessage }])
      for (const row of found?.rows ?? []) execution.feed(messageInput(row, this.#clock.now()))
    } catch (thrown) {
      this.#wanted.add(runId)
      this.#host.unreachable(asError(thrown))
    }
  }

  async #askAll(): Promise<void> {
    try {
      while (this.#wanted.size > 0) {
        const node = this.#host.node()
        const runs = [...this.#wanted].flatMap((runId) => this.#host.loaded(runId) ?? [])
        this.#wanted.clear()
        if (node === null || runs.length === 0) return
        const wanted = runs.map(({ runId, lastMessage }) => ({ runId, after: lastMessage }))
        try {
          this.#feed(await this.#runs.pollInbox(node, wanted))
        } catch (thrown) {
          // Asked again when the store answers.
          for (const { runId } of runs) this.#wanted.add(runId)
          return this.#host.unreachable(asError(thrown))
        }
      }
    } finally {
      // In the same step as the last look at what is wanted: who wants something after it asks anew.
      this.#asking = false
    }
  }

  #next(): void {
    if (!this.#running) return
    this.#timer = this.#clock.schedule(this.#clock.now() + this.#settings.pollIntervalMs, () => {
      void this.#pollAll().finally(() => this.#next())
    })
  }

  async #pollAll(): Promise<void> {
    const node = this.#host.node()
    if (node === null) return
    try {
      const found = await this.#runs.pollInbox(node, 'all')
      this.#feed(found)
      for (const { runId } of found) if (this.#host.loaded(runId) === undefined) this.#host.orphan(runId)
    } catch (thrown) {
      this.#host.unreachable(asError(thrown))
    }
  }

  #feed(found: Awaited<ReturnType<RunStore['pollInbox']>>): void {
    const now = this.#clock.now()
    for (const { runId, rows } of found) {
      const execution = this.#host.loaded(runId)
      if (execution !== undefined) for (const row of rows) execution.feed(messageInput(row, now))
    }
  }
}
