/**
 * History, as pages and as a stream. A page or a stream belongs to one run, chosen when it begins: without that, an
 * execution that starts anew between two pages would continue in the middle of another run.
 */
import type { HistoryPage } from '../api.ts'
import { type ExecutionRef, parseDuration } from '../engine-door.ts'
import { RequestError } from '../problems.ts'
import { streamEvents } from '../streams/event-stream.ts'
import { isClosing, shownEvent } from '../streams/event-view.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { type Call, type Handlers, json, reference } from './handler.ts'

/** Events that a stream asks for at once. */
const streamPageEvents = 500

export const historyHandlers: Handlers<'getHistory' | 'streamEvents'> = {
  async getHistory(call) {
    const { engine, input, limits, ended } = call
    const { limit, waitNew } = input.query
    const { run, after } = await startOf(call)
    const waitNewMs = Math.min(parseDuration(waitNew ?? '0s') ?? 0, limits.longPollMs)
    const page = await engine
      .history(run, { after, limit, ...(waitNewMs > 0 ? { waitNewMs, signal: ended } : {}) })
      .catch((error) => {
        if (!ended.aborted) throw error
        return engine.history(run, { after, limit })
      })
    const last = page.events.at(-1)
    const more = page.cursor !== null && last !== undefined
    return json<HistoryPage>(200, {
      events: page.events.map(shownEvent),
      cursor: more ? writeCursor('history', [run.runId, last.eventId]) : null,
    })
  },

  async streamEvents({ engine, input, limits, ended }) {
    const run = await pinned(engine, reference(input))
    const resumedAfter = input.header['last-event-id']
    const after = resumedAfter ?? input.query.after
    const first = await engine.history(run, { after, limit: streamPageEvents })
    // 204 is how an EventSource learns not to come again (HTML, "Server-sent events", processing model).
    const isOver = async () => (await engine.result(run, { waitMs: 0, follow: false })).status !== 'running'
    if (first.events.length === 0 && (await isOver())) {
      const rest = await engine.history(run, { after, limit: 1 })
      if (rest.events.length === 0) return { kind: 'empty', status: 204 }
    }
    return {
      kind: 'stream',
      contentType: 'text/event-stream; charset=utf-8',
      // The last: nginx would hold the stream back otherwise.
      headers: { 'perdure-run-id': run.runId, 'x-accel-buffering': 'no' },
      write: (response) =>
        streamEvents({
          response,
          ended,
          limits,
          first: first.events,
          after,
          next: (position, waitNewMs) =>
            engine.history(run, { after: position, limit: streamPageEvents, waitNewMs, signal: ended }),
          shown: shownEvent,
          isLast: isClosing,
          isOver,
        }),
    }
  },
}

type PinnedRun = ExecutionRef & { readonly runId: string }

async function pinned(engine: Call<'getHistory'>['engine'], ref: ExecutionRef): Promise<PinnedRun> {
  const { runId } = await engine.result(ref, { waitMs: 0, follow: false })
  return { ...ref, runId }
}

async function startOf({ engine, input }: Call<'getHistory'>): Promise<{ run: PinnedRun; after: number }> {
  const ref = reference(input)
  const { cursor, after } = input.query
  if (cursor === undefined) return { run: await pinned(engine, ref), after }
  const [runId, position] = readCursor('history', cursor)
  if (after > 0 || (ref.runId !== undefined && ref.runId !== runId))
    throw new RequestError('RequestInvalid', "'cursor' says already where the page begins", {
      suggestion: "give either 'cursor', or 'after' and 'runId'",
      errors: [{ in: 'query', pointer: '/cursor', message: 'contradicts another parameter' }],
    })
  return { run: { ...ref, runId }, after: Number(position) }
}
