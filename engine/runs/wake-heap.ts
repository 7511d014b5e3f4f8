/**
 * One heap of wake times for all loaded runs behind one timer of the clock. Owns when a run is woken, not why.
 * Each run has its place in the heap, so that a changed time costs a few swaps and leaves nothing behind (a step with
 * a `timeout` of seven days that ends at once would else stay for seven days).
 */
import { Alarm } from '../alarm.ts'
import type { Clock } from '../clock.ts'

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
  /** It may ring too early (its sleeper went): then the heap looks again, which is cheaper than moving it each time. */
  readonly #alarm: Alarm

  constructor(clock: Clock) {
    this.#clock = clock
    this.#alarm = new Alarm(clock, () => this.#fire())
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
    this.#alarm.by(at)
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
    this.#alarm.stop()
    for (const sleeper of this.#heap) sleeper.heapIndex = -1
    this.#heap.length = 0
  }

  #fire(): void {
    const now = this.#clock.now()
    for (;;) {
      const first = this.#heap[0]
      if (first === undefined || first.heapAt > now) break
      this.remove(first)
      first.due()
    }
    const next = this.#heap[0]
    if (next !== undefined) this.#alarm.by(next.heapAt)
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
