/**
 * One heap of wake times for all loaded runs behind one timer of the clock. Owns when a run is woken, not why.
 * Each run has its place in the heap, so that a changed time costs a few swaps and leaves nothing behind (a step with
 * a `timeout` of seven days that ends at once would else stay for seven days).
 */
import type { Clock, TimerHandle } from './clock.ts'

export interface Sleeper {
  /** Where it stands in the heap; -1: not in it. Only the heap writes it. */
  heapIndex: number
  heapAt: number
  /** Its time has come. */
  due(): void
}

export class WakeHeap {
  readonly #clock: Clock
  readonly #heap: Sleeper[] = []
  #timer: TimerHandle | null = null
  #timerAt = Number.POSITIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#heap.length
  }

  /** Null: no longer. */
  set(sleeper: Sleeper, at: number | null): void {
    if (at === null) return this.remove(sleeper)
    if (sleeper.heapIndex < 0) {
      sleeper.heapAt = at
      sleeper.heapIndex = this.#heap.length
      this.#heap.push(sleeper)
      this.#up(sleeper)
    } else if (at !== sleeper.heapAt) {
      sleeper.heapAt = at
      this.#up(sleeper)
      this.#down(sleeper)
    }
    if (at < this.#timerAt) this.#arm()
  }

  remove(sleeper: Sleeper): void {
    const index = sleeper.heapIndex
    if (index < 0) return
    sleeper.heapIndex = -1
    const last = this.#heap.pop()
    if (last === undefined || last === sleeper) return
    this.#heap[index] = last
    last.heapIndex = index
    this.#up(last)
    this.#down(last)
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#timerAt = Number.POSITIVE_INFINITY
    for (const sleeper of this.#heap) sleeper.heapIndex = -1
    this.#heap.length = 0
  }

  /** The timer may stand too early (its sleeper went): then it looks again, which is cheaper than moving it each time. */
  #arm(): void {
    const first = this.#heap[0]
    this.#timer?.cancel()
    this.#timer = null
    this.#timerAt = Number.POSITIVE_INFINITY
    if (first === undefined) return
    this.#timerAt = first.heapAt
    this.#timer = this.#clock.schedule(first.heapAt, () => this.#fire())
  }

  #fire(): void {
    this.#timer = null
    this.#timerAt = Number.POSITIVE_INFINITY
    const now = this.#clock.now()
    for (;;) {
      const first = this.#heap[0]
      if (first === undefined || first.heapAt > now) break
      this.remove(first)
      first.due()
    }
    this.#arm()
  }

  #up(sleeper: Sleeper): void {
    let index = sleeper.heapIndex
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = this.#heap[parentIndex]
      if (parent === undefined || parent.heapAt <= sleeper.heapAt) break
      this.#heap[index] = parent
      parent.heapIndex = index
      index = parentIndex
    }
    this.#heap[index] = sleeper
    sleeper.heapIndex = index
  }

  #down(sleeper: Sleeper): void {
    let index = sleeper.heapIndex
    for (;;) {
      let childIndex = 2 * index + 1
      let child = this.#heap[childIndex]
      if (child === undefined) break
      const right = this.#heap[childIndex + 1]
      if (right !== undefined && right.heapAt < child.heapAt) {
        childIndex += 1
        child = right
      }
      if (child.heapAt >= sleeper.heapAt) break
      this.#heap[index] = child
      child.heapIndex = index
      index = childIndex
    }
    this.#heap[index] = sleeper
    sleeper.heapIndex = index
  }
}
