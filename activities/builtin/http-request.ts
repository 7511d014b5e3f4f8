/**
 * `http.request`: one HTTP request and its response. Owns the exchange: sending, redirects, the timeout, and what
 * becomes an error and of which kind. Network errors, 408, 425, 429 and the server's failures are worth another
 * attempt, other statuses are not; `Retry-After` says when. No secret leaves it (`secrets.ts`).
 */
import type { Json } from '../../schema/json.ts'
import { ApplicationError } from '../application-error.ts'
import type { ActivityContext, ActivityDefinition } from '../contract.ts'
import { defineActivity } from '../define.ts'
import {
  type HttpRequestInput,
  httpInputSchema,
  invalid,
  type PreparedRequest,
  prepareRequest,
} from './http-input.ts'
import { bodyOf, readBytes, selectedHeaders } from './http-response.ts'
import { isExpected, isRedirect, isRetryable, retryAfterMs } from './http-status.ts'
import type { BuiltInOptions } from './index.ts'
import { httpErrorBodyCharacters, httpTimeoutMs } from './limits.ts'
import { isSensitiveHeader, Secrets } from './secrets.ts'

export function httpRequest(options: BuiltInOptions): ActivityDefinition {
  return defineActivity({
    name: 'http.request',
    description: 'Sends an HTTP request and gives { status, headers, body }.',
    input: httpInputSchema,
    async run(input: HttpRequestInput, context): Promise<Json> {
      const secrets = new Secrets(options.environment ?? process.env, [
        ...input.secretQuery,
        ...Object.entries(input.query ?? {}).flatMap(([name, value]) =>
          typeof value === 'object' && value !== null && 'secret' in value ? [name] : [],
        ),
      ])
      warnOfLiteralSecrets(input, context)
      const request = prepareRequest(input, secrets, context.idempotencyKey)
      const deadline = startDeadline(timeoutOf(input, options), context.signal)
      try {
        return await exchange(input, request, secrets, options.fetch ?? fetch, deadline.signal)
      } catch (thrown) {
        if (context.signal.aborted) throw context.signal.reason
        if (deadline.signal.aborted) throw deadline.signal.reason
        throw thrown instanceof ApplicationError ? thrown : networkError(thrown, request, secrets)
      } finally {
        deadline.clear()
      }
    },
  })
}

async function exchange(
  input: HttpRequestInput,
  first: PreparedRequest,
  secrets: Secrets,
  send: typeof globalThis.fetch,
  signal: AbortSignal,
): Promise<Json> {
  let request = first
  for (let redirects = 0; ; redirects++) {
    const response = await send(request.url, {
      method: request.method,
      headers: request.headers,
      body: request.body,
      redirect: 'manual',
      signal,
    })
    const location = response.headers.get('location')
    if (isRedirect(response.status) && location !== null && input.followRedirects > 0) {
      await response.body?.cancel()
      if (redirects >= input.followRedirects)
        throw new ApplicationError(
          `${request.method} ${secrets.url(request.url)}: more than ${input.followRedirects} redirects (followRedirects)`,
          { type: 'HttpTooManyRedirects', retryable: false },
        )
      request = redirected(request, response.status, location)
      continue
    }
    if (!isExpected(response.status, input.expectStatus))
      throw await statusError(response, request, input, secrets)
    const bytes = await readBytes(response, input.maxResponseBytes)
    const { body, encoding } = bodyOf(bytes, response.headers.get('content-type'), input.responseType)
    return {
      status: response.status,
      headers: secrets.json(selectedHeaders(response.headers, input.responseHeaders)),
      body: secrets.json(body),
      ...(encoding === undefined ? {} : { encoding }),
    }
  }
}

/** As browsers do it: 303, and 301 or 302 after a POST, go on as GET; another origin gets no secrets. */
function redirected(request: PreparedRequest, status: number, location: string): PreparedRequest {
  let url: URL
  try {
    url = new URL(location, request.url)
  } catch {
    throw invalid('the service redirects to something that is not a URL')
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw invalid(`the service redirects to the scheme ${url.protocol}, which is not followed`)
  const headers = new Headers(request.headers)
  if (url.origin !== request.url.origin)
    for (const name of [...headers.keys()]) if (isSensitiveHeader(name)) headers.delete(name)
  const becomesGet =
    (status === 303 && request.method !== 'HEAD') || (status < 303 && request.method === 'POST')
  if (!becomesGet) return { ...request, url, headers }
  headers.delete('content-type')
  headers.delete('idempotency-key')
  return { method: 'GET', url, headers, body: null }
}

async function statusError(
  response: Response,
  request: PreparedRequest,
  input: HttpRequestInput,
  secrets: Secrets,
): Promise<ApplicationError> {
  const { status } = response
  const retryable = isRetryable(status)
  const delay = retryable ? retryAfterMs(response.headers.get('retry-after'), Date.now()) : undefined
  const phrase = response.statusText === '' ? '' : ` ${response.statusText}`
  return new ApplicationError(
    `${request.method} ${secrets.url(request.url)} answered ${status}${secrets.text(phrase)}`,
    {
      type: 'HttpStatusError',
      retryable,
      details: {
        status,
        headers: secrets.json(selectedHeaders(response.headers, input.responseHeaders)),
        body: secrets.text(await bodyExcerpt(response, input.maxResponseBytes)),
      },
      ...(delay === undefined ? {} : { retryAfterMs: delay }),
    },
  )
}

/** The status says what went wrong; that the body cannot be read as well must not hide it. */
async function bodyExcerpt(response: Response, limitBytes: number): Promise<string> {
  try {
    const bytes = await readBytes(response, limitBytes)
    const { body } = bodyOf(bytes, response.headers.get('content-type'), 'text')
    return String(body ?? '')
      .replaceAll('\0', '')
      .slice(0, httpErrorBodyCharacters)
  } catch {
    return ''
  }
}

/** `fetch failed` says nothing: its cause does. One without a code is a request that can never be sent. */
function networkError(thrown: unknown, request: PreparedRequest, secrets: Secrets): ApplicationError {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined
  const message = cause instanceof Error && cause.message !== '' ? cause.message : String(code ?? cause)
  return new ApplicationError(secrets.text(`${request.method} ${secrets.url(request.url)}: ${message}`), {
    type: 'HttpNetworkError',
    retryable: code !== undefined,
    details: { code: typeof code === 'string' ? code : null },
  })
}

function timeoutOf(input: HttpRequestInput, options: BuiltInOptions): number {
  if (input.timeout === undefined) return httpTimeoutMs
  const ms = options.parseDuration(input.timeout)
  if (ms === null || ms === 0)
    throw invalid(`timeout ${JSON.stringify(input.timeout)} is not a duration such as 10s or 500ms`)
  return ms
}

/** Aborts with the attempt, or with an error of its own when the time is over. */
function startDeadline(ms: number, outer: AbortSignal): { readonly signal: AbortSignal; clear(): void } {
  const controller = new AbortController()
  const stop = () => controller.abort(outer.reason)
  if (outer.aborted) stop()
  outer.addEventListener('abort', stop, { once: true })
  const timer = setTimeout(
    () =>
      controller.abort(
        new ApplicationError(`http.request: no whole response within ${ms} ms (timeout)`, {
          type: 'HttpTimeout',
          details: { timeoutMs: ms },
        }),
      ),
    Math.min(ms, 2 ** 31 - 1),
  )
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer)
      outer.removeEventListener('abort', stop)
    },
  }
}

/** The input stands in the history as it was given; only a reference keeps the value out of it. */
function warnOfLiteralSecrets(input: HttpRequestInput, context: ActivityContext): void {
  const literal = Object.entries(input.headers ?? {})
    .filter(([name, value]) => isSensitiveHeader(name) && typeof value !== 'object')
    .map(([name]) => name)
  if (literal.length > 0)
    context.log.warn(
      `http.request: the value of ${literal.join(', ')} stands in the history of the run; write { secret: NAME } and set PERDURE_SECRET_NAME`,
    )
}
