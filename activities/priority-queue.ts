/**
 * A queue that serves higher priorities first, and is fair over keys among equals. Lower ones wait for as long as higher
 * ones come: that is what an author asks for who names a priority.
 * One level for each priority that waits; a process that names none has one, and pays for one.
 */
import { FairQueue } from './fair-queue.ts'

interface Level<Item> {
  readonly priority: number
  readonly queue: FairQueue<Item>
}

export class PriorityQueue<Item> {
  /** From the highest on. One that is empty stays until another is taken from, so that the usual one is not made anew. */
  #levels: Level<Item>[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  put(priority: number, key: string, item: Item): void {
    this.#levelOf(priority).queue.put(key, item)
    this.#size++
  }

  take(): Item | undefined {
    if (this.#size === 0) return undefined
    if (this.#levels.length > 1) this.#levels = this.#levels.filter(({ queue }) => queue.size > 0)
    this.#size--
    return this.#levels[0]?.queue.take()
  }

  remove(priority: number, key: string, item: Item): boolean {
    const level = this.#levels.find((one) => one.priority === priority)
    if (level?.queue.remove(key, item) !== true) return false
    this.#size--
    return true
  }

  #levelOf(priority: number): Level<Item> {
    const at = this.#levels.findIndex((level) => level.priority <= priority)
    const found = this.#levels[at]
    if (found?.priority === priority) return found
    const level: Level<Item> = { priority, queue: new FairQueue() }
    this.#levels.splice(at < 0 ? this.#levels.length : at, 0, level)
    return level
  }
}
