/**
 * One timer of the clock that is only ever moved nearer: for who must look again at some time at the latest, and may
 * look sooner. Owns that rule; what there is to look at is the caller's.
 */
import type { Clock, TimerHandle } from './clock.ts'

export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #timer: TimerHandle | null = null
  #at = Number.POSITIVE_INFINITY

  /** `ring` is called once for all that was asked of it, and never inside `by`. */
  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** Rings at this time at the latest. */
  by(at: number): void {
    if (at >= this.#at) return
    this.#timer?.cancel()
    this.#at = at
    this.#timer = this.#clock.schedule(at, () => {
      this.#timer = null
      this.#at = Number.POSITIVE_INFINITY
      this.#ring()
    })
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#at = Number.POSITIVE_INFINITY
  }
}
