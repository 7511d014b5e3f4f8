/**
 * Group commit: turns of many runs that are ready at the same moment are written by one call of the store.
 * Owns batching, the number of commits in flight, and the search for the turn that spoils a batch; what a verdict
 * means for a run is `execution.ts`. A batch is never sent twice: when the answer is lost its runs are loaded again.
 */
import type { CommitResult, NodeId, Turn, TurnRejection } from '../../storage/contract.ts'
import { StorageUnavailableError } from '../../storage/contract.ts'
import { asError } from '../as-error.ts'
import { faultPoint } from '../fault-points.ts'
import { bytesOfSends } from '../sends/sends.ts'
import type { EngineSettings } from '../settings.ts'

export type Verdict =
  | { readonly kind: 'committed' }
  | { readonly kind: 'rejected'; readonly rejection: TurnRejection }
  /** What this turn holds cannot be stored. */
  | { readonly kind: 'unstorable'; readonly error: Error }
  /** Whether it was written is not known. */
  | { readonly kind: 'unknown'; readonly error: Error }
  /** Nothing was written, and nothing of this node ever will be. */
  | { readonly kind: 'fenced' }

export interface CommitHost {
  /** Null: not joined. */
  node(): NodeId | null
  fenced(node: NodeId): void
  unreachable(error: Error): void
}

export interface CommitStore {
  commit(node: NodeId, turns: readonly Turn[]): Promise<CommitResult>
}

interface Entry {
  readonly turn: Turn
  readonly bytes: number
  readonly settle: (verdict: Verdict) => void
}

const committed: Verdict = { kind: 'committed' }
const fenced: Verdict = { kind: 'fenced' }

export class Committer {
  readonly #store: CommitStore
  readonly #settings: Pick<EngineSettings, 'commitTurns' | 'commitBytes' | 'commitsInFlight'>
  readonly #host: CommitHost
  #queue: Entry[] = []
  #inFlight = 0
  #scheduled = false
  #whenIdle: (() => void)[] = []

  constructor(
    store: CommitStore,
    settings: Pick<EngineSettings, 'commitTurns' | 'commitBytes' | 'commitsInFlight'>,
    host: CommitHost,
  ) {
    this.#store = store
    this.#settings = settings
    this.#host = host
  }

  /** At most one turn of a run at a time. Never rejects. */
  write(turn: Turn): Promise<Verdict> {
    return new Promise((settle) => {
      const bytes =
        turn.events.length +
        (turn.snapshot?.state.length ?? 0) +
        (turn.sends === undefined ? 0 : bytesOfSends(turn.sends))
      this.#queue.push({ turn, bytes, settle })
      this.#schedule()
    })
  }

  /** Nothing waits and nothing is in flight. */
  idle(): Promise<void> {
    if (this.#inFlight === 0 && this.#queue.length === 0) return Promise.resolve()
    return new Promise((resolve) => this.#whenIdle.push(resolve))
  }

  /**
   * After the current round of I/O, so that all turns it made ready go together; that is no wait when the machine is
   * idle, and it lets timers and requests be served while a store in memory answers at once.
   */
  #schedule(): void {
    if (this.#scheduled || this.#inFlight >= this.#settings.commitsInFlight || this.#queue.length === 0)
      return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      while (this.#inFlight < this.#settings.commitsInFlight && this.#queue.length > 0) {
        void this.#send(this.#nextBatch())
      }
    })
  }

  #nextBatch(): Entry[] {
    const { commitTurns, commitBytes } = this.#settings
    let count = 0
    let bytes = 0
    for (const entry of this.#queue) {
      if (count >= commitTurns || (count > 0 && bytes + entry.bytes > commitBytes)) break
      bytes += entry.bytes
      count += 1
    }
    if (count === this.#queue.length) {
      const all = this.#queue
      this.#queue = []
      return all
    }
    return this.#queue.splice(0, count)
  }

  async #send(batch: readonly Entry[]): Promise<void> {
    this.#inFlight += 1
    const node = this.#host.node()
    try {
      if (node === null) for (const entry of batch) entry.settle(fenced)
      else await this.#commit(node, batch)
    } finally {
      this.#inFlight -= 1
      this.#schedule()
      if (this.#inFlight === 0 && this.#queue.length === 0) {
        const waiting = this.#whenIdle
        this.#whenIdle = []
        for (const resolve of waiting) resolve()
      }
    }
  }

  async #commit(node: NodeId, batch: readonly Entry[]): Promise<void> {
    let result: CommitResult
    try {
      faultPoint('beforeCommit')
      result = await this.#store.commit(
        node,
        batch.map((entry) => entry.turn),
      )
    } catch (thrown) {
      const error = asError(thrown)
      // Any other failure is of what a turn holds, or a bug that one of them meets: it must not stop the rest.
      if (!(error instanceof StorageUnavailableError)) return this.#bisect(node, batch, error)
      this.#host.unreachable(error)
      for (const entry of batch) entry.settle({ kind: 'unknown', error })
      return
    }
    if (result.outcome === 'fenced') {
      this.#host.fenced(node)
      for (const entry of batch) entry.settle(fenced)
      return
    }
    if (result.rejected.length === 0) {
      for (const entry of batch) entry.settle(committed)
      return
    }
    const rejections = new Map(result.rejected.map((rejection) => [rejection.runId, rejection]))
    for (const entry of batch) {
      const rejection = rejections.get(entry.turn.runId)
      entry.settle(rejection === undefined ? committed : { kind: 'rejected', rejection })
    }
  }

  /** The store has written nothing of the batch. Halves are sent one after the other, so a culprit costs 2·log₂(128) calls. */
  async #bisect(node: NodeId, batch: readonly Entry[], error: Error): Promise<void> {
    const [only] = batch
    if (batch.length === 1) return only?.settle({ kind: 'unstorable', error })
    const middle = batch.length >> 1
    await this.#commit(node, batch.slice(0, middle))
    await this.#commit(node, batch.slice(middle))
  }
}
