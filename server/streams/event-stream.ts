/**
 * A run's history as Server-Sent Events: pages until the run closes, comments as signs of life in between. Nothing is
 * kept for a reader who does not read: the next page is asked for when the socket took the last one, and a reader who
 * takes nothing for `stalledStreamMs` is disconnected.
 */
import type { ServerResponse } from 'node:http'
import type { ServerLimits } from '../settings.ts'

export interface EventSourceOfRun<Event extends { readonly eventId: number }> {
  readonly response: ServerResponse
  readonly ended: AbortSignal
  readonly limits: Pick<ServerLimits, 'heartbeatMs' | 'stalledStreamMs'>
  /** The first page, after the event `after`. */
  readonly first: readonly Event[]
  readonly after: number
  /** Waits up to `waitNewMs` for an event when there is none. */
  readonly next: (after: number, waitNewMs: number) => Promise<{ readonly events: readonly Event[] }>
  readonly shown: (event: Event) => unknown
  readonly isLast: (event: Event) => boolean
  /** Asked when nothing came: a reader may have named an event that its closed run never reached. */
  readonly isOver: () => Promise<boolean>
}

/** Resolves when the run is closed, the reader gone or the server stopping. Ends the response in each case. */
export async function streamEvents<Event extends { readonly eventId: number }>(
  source: EventSourceOfRun<Event>,
): Promise<void> {
  const { response, ended } = source
  let { after } = source
  // The first bytes go out at once, so that a reader of a quiet run knows it is connected.
  await written(source, ': connected\n\n')
  for (let page = source.first; !ended.aborted; page = await nextPage(source, after)) {
    for (const event of page) {
      after = event.eventId
      await written(source, `id: ${event.eventId}\ndata: ${JSON.stringify(source.shown(event))}\n\n`)
    }
    const last = page.at(-1)
    if (last !== undefined && source.isLast(last)) break
    if (last === undefined && page !== source.first) {
      if (await source.isOver()) break
      await written(source, ': heartbeat\n\n')
    }
  }
  response.end()
}

/** Empty when nothing came within a heartbeat. */
async function nextPage<Event extends { readonly eventId: number }>(
  { next, limits, ended }: EventSourceOfRun<Event>,
  after: number,
): Promise<readonly Event[]> {
  const startedMs = performance.now()
  try {
    const { events } = await next(after, limits.heartbeatMs)
    if (events.length === 0) await restOf(limits.heartbeatMs / 10, startedMs, ended)
    return events
  } catch (error) {
    if (ended.aborted) return []
    throw error
  }
}

/** An engine that answers early with nothing (it is stopping, or woke for no event) must not become a busy loop. */
function restOf(leastMs: number, startedMs: number, ended: AbortSignal): Promise<void> {
  const leftMs = leastMs - (performance.now() - startedMs)
  if (leftMs <= 0 || ended.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(done, leftMs)
    function done() {
      clearTimeout(timer)
      ended.removeEventListener('abort', done)
      resolve()
    }
    ended.addEventListener('abort', done)
  })
}

/** Resolves when the socket can take more. */
function written(
  { response, ended, limits }: Pick<EventSourceOfRun<never>, 'response' | 'ended' | 'limits'>,
  text: string,
): Promise<void> {
  if (ended.aborted || response.write(text)) return Promise.resolve()
  return new Promise((resolve) => {
    const stalled = setTimeout(() => {
      response.destroy()
      done()
    }, limits.stalledStreamMs)
    function done() {
      clearTimeout(stalled)
      response.off('drain', done)
      response.off('close', done)
      ended.removeEventListener('abort', done)
      resolve()
    }
    response.once('drain', done)
    response.once('close', done)
    ended.addEventListener('abort', done)
  })
}
