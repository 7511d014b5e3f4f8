/**
 * Waiting for the answer to a message: told at once by this process, asked of the store now and then for a run of
 * another node, in one question for all who wait. Owns the waiting; what an answer means is `updates.ts` and
 * `operations.ts`.
 */
import type { Answer } from '../../interpreter/outgoing.ts'
import { type MessageStore, StorageUnavailableError } from '../../storage/contract.ts'
import type { Driver } from '../driver.ts'
import { Gathering } from '../waiting/gathering.ts'
import { firstRemotePollMs, waitUntil } from '../waiting/wait-until.ts'

export interface Awaited {
  readonly runId: string
  readonly firstRunId: string
  readonly messageId: string
}

/** `lost`: the run ended without one. `none`: not in time. */
export type AnswerState = Answer | { readonly kind: 'lost' } | { readonly kind: 'none' }

/** One wait of `waitUntil`; waiting without an end is many. */
const windowMs = 60 * 60_000

export class Answers {
  readonly #driver: Driver
  readonly #known: Gathering<
    Pick<Awaited, 'firstRunId' | 'messageId'>,
    globalThis.Awaited<ReturnType<MessageStore['answers']>>[number]
  >

  constructor(driver: Driver) {
    this.#driver = driver
    this.#known = new Gathering((asked) => driver.parts.storage.messages.answers(asked))
  }

  /** `waitMs` absent: until it comes, the caller hangs up or this process stops. */
  async wait(
    awaited: Awaited,
    options: { readonly waitMs?: number | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<AnswerState> {
    if (options.waitMs !== undefined) return this.#wait(awaited, options.waitMs, options.signal)
    for (;;) {
      const state = await this.#wait(awaited, windowMs, options.signal)
      const isOver = options.signal?.aborted === true || this.#driver.phase !== 'running'
      if (state.kind !== 'none' || isOver) return state
    }
  }

  #wait(awaited: Awaited, waitMs: number, signal: AbortSignal | undefined): Promise<AnswerState> {
    const { runId, firstRunId, messageId } = awaited
    const { settings } = this.#driver.parts
    const isLocal = this.#driver.runs.get(runId) !== undefined
    return waitUntil<AnswerState>({
      waitMs,
      signal,
      otherwise: { kind: 'none' },
      pollMs: settings.pollIntervalMs,
      firstPollMs: isLocal ? settings.pollIntervalMs : firstRemotePollMs,
      // It may be an answer of long ago.
      pollFirst: true,
      listen: (found, again, giveUp) => {
        const { watchers } = this.#driver
        return [
          watchers.onAnswer(firstRunId, messageId, found),
          watchers.onClose(runId, again),
          watchers.onVanished(runId, again),
          watchers.onEnd(giveUp),
        ]
      },
      poll: async () => {
        try {
          const found = await this.#known.ask({ firstRunId, messageId })
          if (found === null || found.state === 'lost') return { kind: 'lost' }
          return found.state === 'answered' ? (JSON.parse(found.answer) as Answer) : null
        } catch (thrown) {
          // Whoever waits is not told of an outage that passes while it waits.
          if (thrown instanceof StorageUnavailableError) return null
          throw thrown
        }
      },
    })
  }
}
