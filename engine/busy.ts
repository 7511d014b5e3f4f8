/**
 * Counts what the engine has under way, so that a virtual clock knows when nothing else can happen.
 * Owns the count. Activities are not in it: a scripted executor counts its own work.
 */
export class Busy {
  #count = 0
  #waiting: (() => void)[] = []

  enter(): void {
    this.#count += 1
  }

  leave(): void {
    this.#count -= 1
    if (this.#count === 0 && this.#waiting.length > 0) this.#settle()
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.enter()
    try {
      return await work()
    } finally {
      this.leave()
    }
  }

  get idle(): boolean {
    return this.#count === 0
  }

  /** Resolves when nothing is under way, and nothing was begun by what has just ended. */
  quiet(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      if (this.#count === 0) this.#settle()
    })
  }

  /** A hint of the store is told by a `setImmediate`, and what it starts by another: three in a row must be idle. */
  #settle(rounds = 3): void {
    setImmediate(() => {
      if (this.#count > 0) return
      if (rounds > 1) return this.#settle(rounds - 1)
      const waiting = this.#waiting
      this.#waiting = []
      for (const resolve of waiting) resolve()
    })
  }
}
