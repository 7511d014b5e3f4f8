/** A binary heap: the least item first, in O(log n). Owned and used by `virtual-clock.ts` alone. */
export class TimerHeap<T> {
  readonly #items: T[] = []
  readonly #compare: (one: T, other: T) => number

  constructor(compare: (one: T, other: T) => number) {
    this.#compare = compare
  }

  peek(): T | undefined {
    return this.#items[0]
  }

  push(item: T): void {
    const items = this.#items
    let index = items.length
    items.push(item)
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = items[parentIndex]
      if (parent === undefined || this.#compare(parent, item) <= 0) break
      items[index] = parent
      index = parentIndex
    }
    items[index] = item
  }

  pop(): T | undefined {
    const items = this.#items
    const first = items[0]
    const last = items.pop()
    if (last === undefined || items.length === 0) return first
    let index = 0
    for (;;) {
      const left = items[2 * index + 1]
      const right = items[2 * index + 2]
      if (left === undefined) break
      const useRight = right !== undefined && this.#compare(right, left) < 0
      const child = useRight ? right : left
      if (this.#compare(last, child) <= 0) break
      items[index] = child
      index = 2 * index + (useRight ? 2 : 1)
    }
    items[index] = last
    return first
  }
}
