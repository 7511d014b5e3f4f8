/**
 * Group send: messages that callers bring at the same moment go to the store in one call. Owns batching and the search
 * for the message that spoils a batch. A thousand signals to one run in as many transactions would wait for one lock
 * on as many connections, and every commit of this node that needs the lock, or a connection, would wait with them.
 */
import {
  type Instant,
  type MessageStore,
  type OutgoingMessage,
  type SendResult,
  StorageUnavailableError,
} from '../../storage/contract.ts'

interface Entry {
  readonly message: OutgoingMessage
  resolve(result: SendResult): void
  reject(error: unknown): void
}

const sendsInFlight = 2
const mostMessages = 128
/** Unless one message alone is larger. */
const mostBytes = 4 * 1024 * 1024

export class Posting {
  readonly #store: Pick<MessageStore, 'send'>
  readonly #now: () => Instant
  #queue: Entry[] = []
  #inFlight = 0
  #scheduled = false

  constructor(store: Pick<MessageStore, 'send'>, now: () => Instant) {
    this.#store = store
    this.#now = now
  }

  /** Resolves when it is durable (keeps I5). Rejects as the store does for this message alone. */
  send(message: OutgoingMessage): Promise<SendResult> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ message, resolve, reject })
      this.#schedule()
    })
  }

  /** After the current round of I/O, as commits are gathered: no wait when the machine is idle. */
  #schedule(): void {
    if (this.#scheduled || this.#inFlight >= sendsInFlight || this.#queue.length === 0) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      while (this.#inFlight < sendsInFlight && this.#queue.length > 0) {
        this.#inFlight += 1
        void this.#send(this.#nextBatch()).finally(() => {
          this.#inFlight -= 1
          this.#schedule()
        })
      }
    })
  }

  #nextBatch(): Entry[] {
    let count = 0
    let bytes = 0
    for (const { message } of this.#queue) {
      if (count >= mostMessages || (count > 0 && bytes + message.payload.length > mostBytes)) break
      bytes += message.payload.length
      count += 1
    }
    if (count < this.#queue.length) return this.#queue.splice(0, count)
    const all = this.#queue
    this.#queue = []
    return all
  }

  /** Never rejects. */
  async #send(batch: readonly Entry[]): Promise<void> {
    try {
      const messages = batch.map(({ message }) => message)
      const results = await this.#store.send(messages, this.#now())
      batch.forEach(({ resolve, reject }, place) => {
        const result = results[place]
        if (result === undefined) reject(new Error('the store gave no answer to a message'))
        else resolve(result)
      })
    } catch (thrown) {
      if (thrown instanceof StorageUnavailableError || batch.length === 1) {
        for (const { reject } of batch) reject(thrown)
        return
      }
      // Nothing of it was written, for the sake of one.
      const middle = batch.length >> 1
      await this.#send(batch.slice(0, middle))
      await this.#send(batch.slice(middle))
    }
  }
}
