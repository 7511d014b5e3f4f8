/**
 * Ownerless runs by the time at which they are due: a binary heap whose stale entries are dropped when they surface.
 * Owns the order alone; whether an entry still holds is asked of the run (`isCurrent`).
 */
import type { Instant } from '../contract.ts'

export interface DueRun {
  readonly runId: string
  /** The time at which it may be claimed, or null when it may not. */
  dueAt(): Instant | null
}

interface Entry {
  readonly at: Instant
  readonly order: number
  readonly run: DueRun
}

export class DueQueue<R extends DueRun> {
  readonly #heap: (Entry & { readonly run: R })[] = []
  #order = 0

  /** Called whenever `dueAt` of the run changes to a time; the entry of the time before becomes stale by itself. */
  add(run: R): void {
    const at = run.dueAt()
    if (at === null) return
    this.#heap.push({ at, order: this.#order++, run })
    this.#rise(this.#heap.length - 1)
  }

  /** The first run that is due, which stays in the queue. */
  peek(): R | null {
    for (;;) {
      const first = this.#heap[0]
      if (first === undefined) return null
      if (first.run.dueAt() === first.at) return first.run
      this.#removeFirst()
    }
  }

  /** Takes the first run out. Who does not claim it adds it again. */
  take(): R | null {
    const run = this.peek()
    if (run !== null) this.#removeFirst()
    return run
  }

  #removeFirst(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    this.#sink(0)
  }

  #rise(start: number): void {
    let index = start
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!this.#before(index, parent)) return
      this.#swap(index, parent)
      index = parent
    }
  }

  #sink(start: number): void {
    let index = start
    for (;;) {
      const left = 2 * index + 1
      const smaller = this.#before(left + 1, left) ? left + 1 : left
      if (!this.#before(smaller, index)) return
      this.#swap(smaller, index)
      index = smaller
    }
  }

  #before(one: number, other: number): boolean {
    const a = this.#heap[one]
    const b = this.#heap[other]
    if (a === undefined || b === undefined) return false
    return a.at < b.at || (a.at === b.at && a.order < b.order)
  }

  #swap(one: number, other: number): void {
    const a = this.#heap[one]
    const b = this.#heap[other]
    if (a === undefined || b === undefined) return
    this.#heap[one] = b
    this.#heap[other] = a
  }
}
