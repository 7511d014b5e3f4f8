/**
 * A queue that is fair over keys: each take serves the next key in turn, first in first out within a key. So a run
 * that schedules 10,000 activities at once does not stand before a run that schedules one.
 * Put, take and remove cost the same however long the queue is (remove: linear in its key's own items).
 */
export class FairQueue<Item> {
  /** The order of this map is the order of service: a key that was served goes to its end. */
  readonly #byKey = new Map<string, Line<Item>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  put(key: string, item: Item): void {
    const line = this.#byKey.get(key)
    if (line === undefined) this.#byKey.set(key, { items: [item], head: 0 })
    else line.items.push(item)
    this.#size++
  }

  take(): Item | undefined {
    for (const [key, line] of this.#byKey) {
      const item = line.items[line.head++]
      this.#size--
      this.#byKey.delete(key)
      if (line.head < line.items.length) {
        // Taken items are dropped in halves, so that a long line costs no shift per take.
        if (line.head > 64 && line.head * 2 > line.items.length) {
          line.items.splice(0, line.head)
          line.head = 0
        }
        this.#byKey.set(key, line)
      }
      return item
    }
    return undefined
  }

  remove(key: string, item: Item): boolean {
    const line = this.#byKey.get(key)
    if (line === undefined) return false
    const at = line.items.indexOf(item, line.head)
    if (at < 0) return false
    line.items.splice(at, 1)
    this.#size--
    if (line.head >= line.items.length) this.#byKey.delete(key)
    return true
  }

  clear(): void {
    this.#byKey.clear()
    this.#size = 0
  }
}

interface Line<Item> {
  readonly items: Item[]
  head: number
}
