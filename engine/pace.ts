/**
 * The pace of long evaluations in this process: after each slice of time one waits until the event loop has been
 * round, and of those that hold much memory one runs at a time, in the order in which they asked. Owns these two
 * queues; where an evaluation may stop is the interpreter's (`interpreter/expressions/pace.ts`).
 *
 * Without it a loop of expensive expressions held the event loop for as long as it ran: no heartbeat (so its node was
 * taken for dead), no answer to anybody.
 */
import type { Pace } from '../interpreter/expressions/pace.ts'

/** Longest time that an evaluation runs at a stretch; a round of an idle event loop costs some 10 µs. */
const sliceMs = 20

export class EventLoopPace implements Pace {
  readonly #now: () => number
  #sliceBegan = Number.NEGATIVE_INFINITY
  readonly #waiting: (() => void)[] = []
  #longRuns = false
  readonly #longWaiting: (() => void)[] = []

  /** `now`: milliseconds of a monotonic clock. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  breathe(): Promise<void> | undefined {
    if (this.#now() - this.#sliceBegan < sliceMs) return undefined
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) setImmediate(this.#nextSlice)
    })
  }

  beginLong(): Promise<void> | undefined {
    if (this.#longRuns) return new Promise((resolve) => this.#longWaiting.push(resolve))
    this.#longRuns = true
    return undefined
  }

  endLong(): void {
    const next = this.#longWaiting.shift()
    if (next === undefined) this.#longRuns = false
    else next()
  }

  /** One a round, however many wait: the others of the process come between any two of them. */
  readonly #nextSlice = (): void => {
    const goOn = this.#waiting.shift()
    if (this.#waiting.length > 0) setImmediate(this.#nextSlice)
    this.#sliceBegan = this.#now()
    goOn?.()
  }
}
