/** One POST of one CloudEvent (structured mode), and what its answer means. Never rejects. */
import type { WholeSink } from './event-sinks.ts'

export type PostAnswer =
  | { readonly kind: 'taken' }
  /** `retryAfterMs`: the sink asked for that pause. */
  | { readonly kind: 'refused'; readonly error: string; readonly retryAfterMs: number | null }

/** Of an answer that is no success, so much is read and kept for whoever looks for the cause. */
const keptBytes = 500

export async function postEvent(sink: WholeSink, event: string, stop: AbortSignal): Promise<PostAnswer> {
  try {
    const response = await fetch(sink.url, {
      method: 'POST',
      headers: { ...sink.headers, 'content-type': 'application/cloudevents+json; charset=utf-8' },
      body: event,
      // A redirect would turn the POST into a GET, or send the headers to somebody else.
      redirect: 'manual',
      signal: AbortSignal.any([stop, AbortSignal.timeout(sink.timeoutMs)]),
    })
    if (response.ok) {
      await response.body?.cancel()
      return { kind: 'taken' }
    }
    const said = printable(await beginningOf(response))
    return {
      kind: 'refused',
      error: `HTTP ${response.status}${said === '' ? '' : `: ${said}`}`,
      retryAfterMs: readRetryAfter(response.headers.get('retry-after')),
    }
  } catch (thrown) {
    return { kind: 'refused', error: printable(reasonOf(thrown, sink)), retryAfterMs: null }
  }
}

async function beginningOf(response: Response): Promise<string> {
  const reader = response.body?.getReader()
  if (reader === undefined) return ''
  const parts: Uint8Array[] = []
  let bytes = 0
  while (bytes < keptBytes) {
    const { done, value } = await reader.read()
    if (done) break
    parts.push(value)
    bytes += value.length
  }
  await reader.cancel()
  return Buffer.concat(parts).subarray(0, keptBytes).toString()
}

/** Seconds, or a date. */
function readRetryAfter(text: string | null): number | null {
  if (text === null) return null
  if (/^\d+$/.test(text.trim())) return Number(text) * 1000
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now())
}

function reasonOf(thrown: unknown, sink: WholeSink): string {
  if (!(thrown instanceof Error)) return String(thrown)
  if (thrown.name === 'TimeoutError') return `no answer within ${sink.timeoutMs} ms`
  // `fetch failed` alone says nothing.
  return thrown.cause instanceof Error ? `${thrown.message}: ${thrown.cause.message}` : thrown.message
}

/** The database takes neither of these. */
function printable(text: string): string {
  return text.replaceAll('\u0000', '').replace(/\p{Surrogate}/gu, '\ufffd')
}
