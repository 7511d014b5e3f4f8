/**
 * This process as a node: joins, says that it lives, watches the others, and knows whether it may act.
 * Owns the lease; what becomes of runs is told through `OwnershipEvents`. The fence itself is in the store: every
 * write holds the node's row (keeps I10), so a node that wakes late can change nothing whatever it believes here.
 */
import type { NodeId, NodeStore } from '../../storage/contract.ts'
import { asError } from '../as-error.ts'
import type { Clock, TimerHandle } from '../clock.ts'
import type { Log } from '../log.ts'
import type { EngineSettings } from '../settings.ts'

export interface OwnershipEvents {
  /** This node was declared dead: abort everything, drop everything. It joins again by itself. */
  fenced(): void
  /** Under a new id, after `fenced`. */
  joined(): void
  /** Runs of a dead node are due now. */
  takenOver(runs: number): void
  unreachable(error: Error): void
  /** A beat went through after the lease had been stale: what was held may go. */
  fresh(): void
}

export class Ownership {
  readonly #nodes: NodeStore
  readonly #clock: Clock
  readonly #settings: EngineSettings
  readonly #name: string
  readonly #sinks: readonly string[]
  readonly #sole: boolean
  readonly #log: Log
  readonly #events: OwnershipEvents
  #node: NodeId | null = null
  #lastBeat = 0
  #timer: TimerHandle | null = null
  #running = false
  /** Counter of each other node, and since when it stands still, by this process's own monotonic clock. */
  readonly #observed = new Map<NodeId, { beats: number; since: number }>()

  constructor(
    parts: {
      readonly nodes: NodeStore
      readonly clock: Clock
      readonly settings: EngineSettings
      readonly name: string
      /** Names of the event sinks that this node serves. */
      readonly sinks: readonly string[]
      readonly sole: boolean
      readonly log: Log
    },
    events: OwnershipEvents,
  ) {
    this.#nodes = parts.nodes
    this.#clock = parts.clock
    this.#settings = parts.settings
    this.#name = parts.name
    this.#sinks = parts.sinks
    this.#sole = parts.sole
    this.#log = parts.log
    this.#events = events
  }

  /** Null before `start`, and between a fence and the next join. */
  get node(): NodeId | null {
    return this.#node
  }

  async start(): Promise<void> {
    this.#running = true
    await this.#join()
    if (this.#sole) await this.#takeAll()
    else this.#next()
  }

  stop(): void {
    this.#running = false
    this.#timer?.cancel()
    this.#timer = null
  }

  /** Its runs go to the others, no takeover is counted. */
  async leave(): Promise<void> {
    const node = this.#node
    this.#node = null
    if (node !== null) await this.#nodes.leave(node, this.#clock.now())
  }

  /** False when the last beat is older than half a TTL: another node may be taking over at this moment. */
  mayAct(): boolean {
    if (this.#node === null) return false
    return this.#sole || this.#clock.monotonic() - this.#lastBeat < this.#settings.leaseTtlMs / 2
  }

  /** After a lost connection nothing is known of the others: else one outage makes every node kill every other. */
  forgetObservations(): void {
    this.#observed.clear()
  }

  /** Told by the committer or a beat; twice for one id is once. */
  fenced(node: NodeId): void {
    if (node !== this.#node) return
    this.#node = null
    this.#log.warn({ node }, 'this node was declared dead; it drops its runs and joins again')
    this.#events.fenced()
    if (this.#running) void this.#rejoin()
  }

  async #join(): Promise<void> {
    const before = this.#clock.monotonic()
    this.#node = await this.#nodes.join(this.#name, this.#sinks)
    this.#lastBeat = before
    this.#observed.clear()
    this.#log.debug({ node: this.#node, name: this.#name }, 'joined')
  }

  async #rejoin(): Promise<void> {
    let pauseMs = this.#settings.reconnectInitialMs
    while (this.#running && this.#node === null) {
      try {
        await this.#join()
        this.#events.joined()
      } catch (thrown) {
        this.#log.warn({ error: thrown }, 'could not join again; trying on')
        await new Promise<void>((resolve) => this.#clock.schedule(this.#clock.now() + pauseMs, resolve))
        pauseMs = Math.min(pauseMs * 2, this.#settings.reconnectMaximumMs)
      }
    }
  }

  #next(): void {
    if (!this.#running) return
    this.#timer = this.#clock.schedule(this.#clock.now() + this.#settings.heartbeatIntervalMs, () => {
      void this.#tick().finally(() => this.#next())
    })
  }

  async #tick(): Promise<void> {
    const node = this.#node
    if (node === null) return
    try {
      const before = this.#clock.monotonic()
      const wasStale = !this.mayAct()
      if ((await this.#nodes.beat(node)) === 'fenced') return this.fenced(node)
      // Counted from before the call: the observer may have seen the counter advance at any moment since.
      this.#lastBeat = before
      if (wasStale && this.mayAct()) this.#events.fresh()
      await this.#observe(node)
    } catch (thrown) {
      this.forgetObservations()
      this.#events.unreachable(asError(thrown))
    }
  }

  async #observe(self: NodeId): Promise<void> {
    const others = (await this.#nodes.observe()).filter(({ node }) => node !== self)
    const now = this.#clock.monotonic()
    const seen = new Set(others.map(({ node }) => node))
    for (const node of this.#observed.keys()) if (!seen.has(node)) this.#observed.delete(node)
    for (const { node, beats } of others) {
      const known = this.#observed.get(node)
      if (known === undefined || known.beats !== beats) {
        this.#observed.set(node, { beats, since: now })
      } else if (now - known.since >= this.#settings.leaseTtlMs) {
        this.#observed.delete(node)
        await this.#takeOver(node, beats)
      }
    }
  }

  async #takeAll(): Promise<void> {
    for (const { node, beats } of await this.#nodes.observe()) {
      if (node !== this.#node) await this.#takeOver(node, beats)
    }
  }

  async #takeOver(node: NodeId, beats: number): Promise<void> {
    const runs = await this.#nodes.takeOver(node, beats, this.#clock.now())
    if (runs === null) return
    this.#log.info({ dead: node, runs }, 'took over the runs of a dead node')
    this.#events.takenOver(runs)
  }
}
