/** The events of a run, page by page, and those that are still to come. Owns the paging of turns and the wait for news. */
import type { HistoryEvent, StoredEvent } from '../../interpreter/events.ts'
import type { ExecutionRef } from '../contract.ts'
import type { Driver } from '../driver.ts'
import { findRun } from '../waiting/chains.ts'
import { waitUntil } from '../waiting/wait-until.ts'
import { pageLimit, wholeNumber } from './paging.ts'

export class Histories {
  readonly #driver: Driver

  constructor(driver: Driver) {
    this.#driver = driver
  }

  async history(
    ref: ExecutionRef,
    options: {
      readonly after?: number
      readonly limit?: number
      readonly waitNewMs?: number
      readonly signal?: AbortSignal
    },
  ): Promise<{ readonly events: readonly HistoryEvent[]; readonly cursor: string | null }> {
    const after = wholeNumber('after', options.after ?? 0, 0, Number.MAX_SAFE_INTEGER)
    const limit = pageLimit(options.limit)
    const { settings, storage } = this.#driver.parts
    const { runId, status } = await findRun(storage.visibility, ref)
    const page = await this.#events(runId, after, limit)
    const waitMs = options.waitNewMs ?? 0
    if (page.events.length > 0 || waitMs <= 0 || status !== 'running') return page
    return waitUntil({
      waitMs,
      signal: options.signal,
      otherwise: page,
      pollMs: settings.pollIntervalMs,
      pollFirst: true,
      listen: (_found, again, giveUp) => {
        const { watchers } = this.#driver
        return [watchers.onNews(runId, again), watchers.onEnd(giveUp)]
      },
      poll: async () => {
        const news = await this.#events(runId, after, limit)
        if (news.events.length > 0) return news
        const isClosed = (await findRun(storage.visibility, { ...ref, runId })).status !== 'running'
        return isClosed ? this.#events(runId, after, limit) : null
      },
    })
  }

  async #events(
    runId: string,
    after: number,
    limit: number,
  ): Promise<{ readonly events: readonly HistoryEvent[]; readonly cursor: string | null }> {
    // One more than asked for says whether there is a next page.
    const turns = await this.#driver.parts.storage.visibility.history(runId, after, limit + 1)
    const events: HistoryEvent[] = []
    for (const turn of turns) {
      const stored = JSON.parse(turn.events) as readonly StoredEvent[]
      for (const [index, event] of stored.entries()) {
        const eventId = turn.firstEventId + index
        if (eventId > after) events.push({ eventId, ...event })
      }
    }
    const page = events.slice(0, limit)
    const more = events.length > limit
    return { events: page, cursor: more ? String(page.at(-1)?.eventId ?? after) : null }
  }
}
