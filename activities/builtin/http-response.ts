/** Reads a response within its limit and makes a value of its body. Knows nothing of requests, statuses or retries. */
import type { Json } from '../../schema/json.ts'
import { ApplicationError } from '../application-error.ts'
import type { HttpRequestInput } from './http-input.ts'
import { isSensitiveHeader } from './secrets.ts'

/** Given back without being asked for. */
const usualHeaders = [
  'content-type',
  'content-length',
  'date',
  'etag',
  'last-modified',
  'location',
  'retry-after',
  'x-request-id',
]

export function selectedHeaders(headers: Headers, named: readonly string[]): { [name: string]: string } {
  const selected: { [name: string]: string } = {}
  for (const name of [...usualHeaders, ...named.map((one) => one.toLowerCase())]) {
    const value = isSensitiveHeader(name) ? null : headers.get(name)
    if (value !== null) selected[name] = value
  }
  return selected
}

/** Counts bytes as they come, after decompression, and stops at the limit: a small answer may unpack to gigabytes. */
export async function readBytes(response: Response, limitBytes: number): Promise<Buffer> {
  if (response.body === null) return Buffer.alloc(0)
  const chunks: Uint8Array[] = []
  let bytes = 0
  // Leaving the loop by the throw cancels the stream, and with it the connection.
  for await (const chunk of response.body) {
    bytes += chunk.byteLength
    if (bytes > limitBytes)
      throw new ApplicationError(
        `http.request: the response is larger than ${limitBytes} bytes (maxResponseBytes); name a higher limit, or have the service page its answer`,
        { type: 'HttpResponseTooLarge', retryable: false, details: { maxResponseBytes: limitBytes } },
      )
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

export interface ResponseBody {
  readonly body: Json
  /** Present where the body is given as base64. */
  readonly encoding?: 'base64'
}

export function bodyOf(
  bytes: Buffer,
  contentType: string | null,
  wanted: HttpRequestInput['responseType'],
): ResponseBody {
  if (bytes.length === 0) return { body: null }
  const type = (contentType ?? '').toLowerCase()
  const kind = wanted === 'auto' ? kindOf(type) : wanted
  switch (kind) {
    case 'base64':
      return { body: bytes.toString('base64'), encoding: 'base64' }
    case 'text':
      return { body: textOf(bytes, type) }
    case 'json':
      try {
        const value: Json = JSON.parse(textOf(bytes, type))
        return { body: value }
      } catch (cause) {
        throw new ApplicationError(
          `http.request: the response is not JSON (${cause instanceof Error ? cause.message : cause}); ask for it with responseType: text`,
          { type: 'HttpResponseInvalid', retryable: false },
        )
      }
  }
}

function kindOf(type: string): 'json' | 'text' | 'base64' {
  if (/^application\/([\w.-]+\+)?json\b/.test(type)) return 'json'
  return type === '' || /^text\/|[/+]xml\b|javascript|x-www-form-urlencoded|yaml|csv/.test(type)
    ? 'text'
    : 'base64'
}

function textOf(bytes: Buffer, type: string): string {
  const charset = /charset="?([\w-]+)"?/.exec(type)?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    return new TextDecoder().decode(bytes)
  }
}
