/**
 * Brings published events to their sinks, at least once: claims what is due under a lease, POSTs it as a CloudEvent in
 * structured mode, forgets what was taken. Owns when the store is asked and what an answer means; that two nodes do
 * not send one event at once is the lease's, which outlasts the POST. What fails waits longer each time (or as long as
 * the sink asks), and is dead after its last attempt, until an operator revives it.
 */
import type { Delivery, Instant, OutboxStore } from '../../storage/contract.ts'
import { Alarm } from '../alarm.ts'
import { asError } from '../as-error.ts'
import type { Busy } from '../busy.ts'
import type { Clock } from '../clock.ts'
import { faultPoint } from '../fault-points.ts'
import type { Log } from '../log.ts'
import type { EngineSettings } from '../settings.ts'
import { within } from '../within.ts'
import type { WholeSink } from './event-sinks.ts'
import { type PostAnswer, postEvent } from './post-event.ts'
import { UnservedSinks } from './unserved-sinks.ts'

export interface OutboxSenderParts {
  readonly store: OutboxStore
  readonly sinks: readonly WholeSink[]
  readonly clock: Clock
  readonly busy: Busy
  readonly settings: EngineSettings
  /** Nobody else writes to this store: what is due is known without polling. */
  readonly sole: boolean
  readonly log: Log
}

/** The lease outlasts the POST by so much: time to say that it went through. */
const leaseMarginMs = 10_000
/** A sink that asks for a longer pause is asked again after this one. */
const longestRetryAfterMs = 24 * 60 * 60_000

export class OutboxSender {
  readonly #lanes: readonly SinkLane[]
  readonly #unserved: UnservedSinks

  constructor(parts: OutboxSenderParts, unreachable: (error: Error) => void) {
    const { store, clock, log } = parts
    this.#lanes = parts.sinks.map((sink) => new SinkLane(parts, sink, unreachable))
    const sinks = parts.sinks.map(({ name }) => name)
    const afterMs = parts.settings.unservedSinkMs
    this.#unserved = new UnservedSinks({ store, sinks, clock, afterMs, log }, unreachable)
  }

  start(): void {
    for (const lane of this.#lanes) lane.start()
    this.#unserved.start(() => this.poke())
  }

  /** This node lives again, under a new id. */
  joined(): void {
    this.#unserved.joined()
  }

  /** Something may be due. */
  poke(): void {
    for (const lane of this.#lanes) lane.poke()
  }

  /** Sends nothing new, waits for what is under way at most so long, then gives it up: it is sent again later. */
  async stop(graceMs: number): Promise<void> {
    await Promise.all([this.#unserved.stop(), ...this.#lanes.map((lane) => lane.stop(graceMs))])
  }
}

/** One sink: one that is slow or down holds up no other. */
class SinkLane {
  readonly #parts: OutboxSenderParts
  readonly #sink: WholeSink
  readonly #unreachable: (error: Error) => void
  readonly #abort = new AbortController()
  readonly #sending = new Set<Promise<void>>()
  #running = false
  #asking = false
  #again = false
  readonly #alarm: Alarm

  constructor(parts: OutboxSenderParts, sink: WholeSink, unreachable: (error: Error) => void) {
    this.#parts = parts
    this.#sink = sink
    this.#unreachable = unreachable
    this.#alarm = new Alarm(parts.clock, () => this.poke())
  }

  start(): void {
    this.#running = true
    this.poke()
  }

  async stop(graceMs: number): Promise<void> {
    this.#running = false
    this.#alarm.stop()
    if (this.#sending.size > 0) await within(graceMs, Promise.all(this.#sending))
    this.#abort.abort()
  }

  poke(): void {
    if (!this.#running) return
    this.#again = true
    if (this.#asking) return
    this.#asking = true
    void this.#parts.busy.during(() => this.#ask())
  }

  /** Claims no more than can be sent at once: what waits here would outlive its lease. */
  async #ask(): Promise<void> {
    const { store, clock, settings, sole } = this.#parts
    try {
      while (this.#again && this.#running) {
        this.#again = false
        const room = settings.eventSendsInFlight - this.#sending.size
        if (room <= 0) return
        const now = clock.now()
        const leaseUntil = now + this.#sink.timeoutMs + leaseMarginMs
        const claimed = await store.claim([this.#sink.name], now, leaseUntil, room)
        for (const delivery of claimed) this.#begin(delivery)
        // Each one that ends asks again; where none was there, time or a poke does.
        if (claimed.length > 0) continue
        const next = await store.nextDueAt([this.#sink.name])
        if (next !== null) this.#wakeBy(Math.max(next, now + 1))
      }
    } catch (thrown) {
      this.#unreachable(asError(thrown))
    } finally {
      // In the same step as the last look at `#again`: a poke after it begins anew.
      this.#asking = false
      if (!sole) this.#wakeBy(clock.now() + settings.pollIntervalMs)
    }
  }

  #begin(delivery: Delivery): void {
    const sent = this.#parts.busy
      .during(() => this.#send(delivery))
      .finally(() => {
        this.#sending.delete(sent)
        this.poke()
      })
    this.#sending.add(sent)
  }

  async #send(delivery: Delivery): Promise<void> {
    const { store, log } = this.#parts
    const { deliveryId } = delivery
    const answer = await postEvent(this.#sink, delivery.event, this.#abort.signal)
    try {
      if (answer.kind === 'taken') {
        faultPoint('afterPostBeforeDelivered')
        await store.delivered([deliveryId])
        return
      }
      // Given up by `stop`: that is no failure of the sink, and the lease ends by itself.
      if (this.#abort.signal.aborted) return
      const dueAt = this.#nextAttemptAt(delivery, answer)
      await store.failed(deliveryId, answer.error, dueAt)
      const about = { sink: this.#sink.name, deliveryId, attempt: delivery.attempts + 1, error: answer.error }
      if (dueAt === null) log.error(about, 'gave up an event: it is dead until it is delivered anew')
      else {
        log.warn(about, 'a sink did not take an event')
        this.#wakeBy(dueAt)
      }
    } catch (thrown) {
      // What became of it is not written: it is sent again when its lease is over.
      this.#unreachable(asError(thrown))
    }
  }

  /** Null: it was the last. */
  #nextAttemptAt(delivery: Delivery, answer: PostAnswer & { kind: 'refused' }): Instant | null {
    const { maximumAttempts, initialIntervalMs, maximumIntervalMs } = this.#sink
    const failed = delivery.attempts + 1
    if (failed >= maximumAttempts) return null
    const now = this.#parts.clock.now()
    if (answer.retryAfterMs !== null) return now + Math.min(answer.retryAfterMs, longestRetryAfterMs)
    // Beyond 2^30 no interval is shorter than the maximum.
    return now + Math.min(maximumIntervalMs, initialIntervalMs * 2 ** Math.min(delivery.attempts, 30))
  }

  #wakeBy(at: Instant): void {
    if (this.#running) this.#alarm.by(at)
  }
}
