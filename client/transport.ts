/**
 * One request over HTTP: address, key, bounded repetition, and errors. Knows no route. Uses nothing of Node, so that
 * the web page can use it too.
 */
import type { ProblemDetails } from '../server/api.ts'
import { PerdureApiError, PerdureConnectionError } from './errors.ts'

export interface TransportOptions {
  /** Such as `http://127.0.0.1:7400`; may have a path before `/api`. */
  readonly server: string
  readonly apiKey?: string | undefined
  readonly fetch?: typeof fetch | undefined
  /** How long one try may take beyond the wait that it asks for. Default 30 s. */
  readonly requestTimeoutMs?: number | undefined
  /** Tries of a request that is safe to repeat. Default 5: with the pauses, about 3 s. */
  readonly maximumAttempts?: number | undefined
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST'
  /** Below the server, such as `/api/v1/workflows`; encoded already. */
  readonly path: string
  readonly query?: { readonly [name: string]: string | number | boolean | undefined }
  /** Sent as JSON. */
  readonly body?: object
  /** Sent as it is, in place of `body`. */
  readonly document?: { readonly text: string; readonly contentType: string }
  /** Doing it twice is the same as once. A request that never left is repeated in any case. */
  readonly repeatable: boolean
  /** Goes on for longer: somebody waits already for what this asks again, and the server may be starting anew. */
  readonly patient?: boolean
  /** Added to the timeout of a try. */
  readonly waitMs?: number
  readonly signal?: AbortSignal | undefined
}

export interface ApiResponse {
  readonly status: number
  readonly text: string
}

const firstPauseMs = 100
const longestPauseMs = 2_000
/** How many times the attempts; of three, as the command line has them, it makes 20 s with the pauses. */
const patience = 5

export class Transport {
  readonly server: string
  readonly #options: TransportOptions

  constructor(options: TransportOptions) {
    this.server = serverAddress(options.server)
    this.#options = options
  }

  async json<Body>(request: ApiRequest): Promise<Body> {
    return (await this.answer<Body>(request)).body
  }

  /** For a route whose statuses of success differ in what their bodies are. */
  async answer<Body>(request: ApiRequest): Promise<{ readonly status: number; readonly body: Body }> {
    const response = await this.send(request)
    return { status: response.status, body: parsed<Body>(response, this.server) }
  }

  async send(request: ApiRequest): Promise<ApiResponse> {
    const attempts = (this.#options.maximumAttempts ?? 5) * (request.patient === true ? patience : 1)
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#try(request)
      if (outcome.kind === 'answered') return outcome.response
      const last = attempt >= attempts || !(request.repeatable || outcome.neverLeft)
      if (last) throw outcome.error
      await pause(Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1)), request.signal)
    }
  }

  /** An answer, or a failure that another try may mend. Throws what none can. */
  async #try(request: ApiRequest): Promise<Try> {
    const { signal, waitMs = 0 } = request
    signal?.throwIfAborted()
    const timeoutMs = waitMs + (this.#options.requestTimeoutMs ?? 30_000)
    const deadline = new Deadline(timeoutMs, signal)
    let response: ApiResponse
    let contentType: string
    try {
      const answer = await (this.#options.fetch ?? fetch)(this.#url(request), {
        method: request.method,
        headers: this.#headers(request),
        signal: deadline.signal,
        ...bodyOf(request),
      })
      contentType = answer.headers.get('content-type') ?? ''
      response = { status: answer.status, text: await answer.text() }
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      return { kind: 'lost', neverLeft: neverLeft(error), error: this.#noAnswer(error, deadline) }
    } finally {
      deadline.end()
    }
    if (response.status < 400) return { kind: 'answered', response }
    const refusal = apiError(response, contentType, this.server)
    if (response.status === 503) return { kind: 'lost', neverLeft: false, error: refusal }
    throw refusal
  }

  #url({ path, query = {} }: ApiRequest): string {
    const url = new URL(`${this.server}${path}`)
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value))
    return url.href
  }

  #headers({ body, document }: ApiRequest): { [name: string]: string } {
    const { apiKey } = this.#options
    const contentType = document?.contentType ?? (body === undefined ? undefined : 'application/json')
    return {
      accept: 'application/json',
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    }
  }

  #noAnswer(error: unknown, deadline: Deadline): PerdureConnectionError {
    const reason = deadline.passed ? `no answer within ${deadline.ms} ms` : reasonOf(error)
    const message = `no Perdure server answers at ${this.server} (${reason}): is it running there? \`perdure serve\` starts one`
    return new PerdureConnectionError(this.server, message, error)
  }
}

/**
 * Aborts a try when its time is up or its caller gives up. Not `AbortSignal.timeout` and `any`: their timers and
 * dependents stay behind when the try is over.
 */
class Deadline {
  readonly ms: number
  passed = false
  readonly #controller = new AbortController()
  readonly #timer: ReturnType<typeof setTimeout>
  readonly #caller: AbortSignal | undefined
  readonly #gaveUp = () => this.#controller.abort(this.#caller?.reason)

  constructor(ms: number, caller: AbortSignal | undefined) {
    this.ms = ms
    this.#caller = caller
    caller?.addEventListener('abort', this.#gaveUp)
    this.#timer = setTimeout(() => {
      this.passed = true
      this.#controller.abort()
    }, ms)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#caller?.removeEventListener('abort', this.#gaveUp)
  }
}

type Try =
  | { readonly kind: 'answered'; readonly response: ApiResponse }
  | { readonly kind: 'lost'; readonly neverLeft: boolean; readonly error: Error }

function serverAddress(server: string): string {
  const url = URL.canParse(server) ? new URL(server) : null
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new TypeError(`'${server}' is not the address of a server: write one such as http://127.0.0.1:7400`)
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

function bodyOf({ body, document }: ApiRequest): { body?: string } {
  if (document !== undefined) return { body: document.text }
  return body === undefined ? {} : { body: JSON.stringify(body) }
}

/** The connection was never made, so the server has seen nothing. */
function neverLeft(error: unknown): boolean {
  const code = causeCode(error)
  return code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EHOSTUNREACH'
}

function causeCode(error: unknown): string | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code
    // A name with several addresses fails with the failures of all.
    if (at instanceof AggregateError && at.errors.length > 0) return causeCode(at.errors[0])
  }
  return null
}

function reasonOf(error: unknown): string {
  return causeCode(error) ?? (error instanceof Error ? error.message : String(error))
}

function apiError({ status, text }: ApiResponse, contentType: string, server: string): PerdureApiError {
  if (contentType.startsWith('application/problem+json')) {
    const problem = problemIn(text)
    if (problem !== null) return new PerdureApiError(problem)
  }
  return new PerdureApiError({
    code: 'NotPerdure',
    status,
    detail: `${server} answered ${status} with ${contentType === '' ? 'no content type' : contentType}, which a Perdure server does not`,
    suggestion: 'check the address, and what stands between',
  })
}

function problemIn(text: string): ProblemDetails | null {
  try {
    const problem: ProblemDetails | null = JSON.parse(text)
    return typeof problem?.code === 'string' && typeof problem.detail === 'string' ? problem : null
  } catch {
    return null
  }
}

function parsed<Body>({ status, text }: ApiResponse, server: string): Body {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new PerdureConnectionError(
      server,
      `${server} answered ${status} with something that is not JSON`,
      error,
    )
  }
}

/** Rejects with the reason of the signal. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', aborted)
      resolve()
    }, ms)
    function aborted() {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', aborted, { once: true })
  })
}
