/**
 * Time that stands still until nothing else can happen, and then skips to the next timer: a wait of thirty days
 * takes none. Owns the order in which what is due at one instant happens. The driver (`drive.ts`, `TestEngine`)
 * advances it, one callback at a time, and only while the engine is quiet, so every run of a scenario goes the same way.
 */
import type { Clock, TimerHandle } from '../engine/index.ts'
import { TimerHeap } from './timer-heap.ts'

/**
 * What goes first at one instant: results of activities, then the timers of the engine (which feeds waits before the
 * deadlines of steps), then the deadlines of attempts. What is done from outside (`at`) comes after all of these.
 */
const ranks = { result: 0, engine: 1, attemptDeadline: 2 } as const
export type TimerRank = keyof typeof ranks

/** 2026-01-01T00:00:00Z: fixed, so that times in results and histories can be expected literally. */
export const virtualStart = 1_767_225_600_000

export interface VirtualTimer extends TimerHandle {
  readonly order: number
}

interface Timer {
  readonly at: number
  readonly rank: number
  readonly sequence: number
  readonly callback: () => void | Promise<void>
  canceled: boolean
}

export class VirtualClock {
  readonly startedAt: number
  #now: number
  #sequence = 0
  readonly #timers = new TimerHeap<Timer>(
    (one, other) => one.at - other.at || one.rank - other.rank || one.sequence - other.sequence,
  )

  constructor(startedAt: number = virtualStart) {
    this.startedAt = startedAt
    this.#now = startedAt
  }

  now(): number {
    return this.#now
  }

  /**
   * A time in the past is due now. The callback is never called inside this call. `order` is that of an earlier timer
   * in whose place this one stands among those of one instant; absent: after all others of its rank.
   */
  schedule(at: number, rank: TimerRank, callback: Timer['callback'], order?: number): VirtualTimer {
    const timer: Timer = {
      at: Math.max(at, this.#now),
      rank: ranks[rank],
      sequence: order ?? this.#sequence++,
      callback,
      canceled: false,
    }
    this.#timers.push(timer)
    return {
      order: timer.sequence,
      cancel: () => {
        timer.canceled = true
      },
    }
  }

  /** The time of the next timer, null when there is none. */
  nextAt(): number | null {
    return this.#peek()?.at ?? null
  }

  /** Skips to the next timer and calls back; false when there is none. */
  async fireNext(): Promise<boolean> {
    const timer = this.#peek()
    if (timer === undefined) return false
    this.#timers.pop()
    this.#now = Math.max(this.#now, timer.at)
    await timer.callback()
    return true
  }

  /** Moves time on without firing what comes later than `at`. */
  advanceTo(at: number): void {
    const next = this.nextAt()
    if (next !== null && next < at)
      throw new Error('a timer is due before the time to advance to: fire it first')
    this.#now = Math.max(this.#now, at)
  }

  #peek(): Timer | undefined {
    for (;;) {
      const timer = this.#timers.peek()
      if (timer === undefined || !timer.canceled) return timer
      this.#timers.pop()
    }
  }
}

/**
 * The clock as one life of an engine sees it. After `retire` nothing calls into that engine any more, as nothing
 * calls into a process that was killed.
 */
export class EngineClock implements Clock {
  readonly #clock: VirtualClock
  #alive = true

  constructor(clock: VirtualClock) {
    this.#clock = clock
  }

  now(): number {
    return this.#clock.now()
  }

  monotonic(): number {
    return this.#clock.now()
  }

  schedule(at: number, callback: () => void): TimerHandle {
    return this.#clock.schedule(at, 'engine', () => {
      if (this.#alive) callback()
    })
  }

  retire(): void {
    this.#alive = false
  }
}
