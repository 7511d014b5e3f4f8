/** One execution, or one run of it, as `PerdureClient` gives it. */
import type {
  Accepted,
  ExecutionDescription,
  HistoryEventView,
  HistoryPage,
  Json,
  Outcome,
  StartAnswer,
  UpdateAnswer,
} from '../server/api.ts'
import { PerdureApiError, UpdateFailedError, WorkflowFailedError } from './errors.ts'
import { paths } from './paths.ts'
import { type ApiRequest, pause, type Transport } from './transport.ts'

export interface Abortable {
  readonly signal?: AbortSignal | undefined
}

export interface Waiting extends Abortable {
  readonly waitMs?: number
  /** Goes on trying for five times the attempts where no server answers: for whoever waits already, while it starts anew. */
  readonly patient?: boolean
}

export interface HistoryPageOptions extends Abortable {
  /** Only events with a greater id. */
  readonly after?: number
  readonly limit?: number
  /** Of the page before, in place of `after`. */
  readonly cursor?: string
  /** How long to wait for an event when there is none yet. */
  readonly waitNewMs?: number
}

export interface HistoryOptions extends Abortable {
  readonly after?: number
  /** Goes on with what is recorded later, until the run closes. */
  readonly follow?: boolean
  /** Events of one request. */
  readonly pageEvents?: number
}

export interface UpdateOptions extends Abortable {
  /** The handler runs once for it, and whoever asks again gets the first answer. Default: a new one. */
  readonly updateId?: string
}

type WaitOptions = Pick<ApiRequest, 'signal' | 'patient'>
type GetOptions = WaitOptions & Pick<ApiRequest, 'waitMs'>
type PostOptions = GetOptions & Pick<ApiRequest, 'repeatable'>

const repeatable = { repeatable: true }
/** A second one would be another event in the history. */
const once = { repeatable: false }

/** What one long poll asks for; the server may have a shorter limit. */
const windowMs = 30_000
/** A server that is stopping answers a long poll at once; it is not asked again at once. */
const shortestWindowMs = 100

function restOfWindow(startedMs: number, signal: AbortSignal | undefined): Promise<void> {
  const leftMs = shortestWindowMs - (performance.now() - startedMs)
  return leftMs > 0 ? pause(leftMs, signal) : Promise.resolve()
}

export class WorkflowHandle {
  readonly workflowId: string
  /** Absent: whichever run is open, else the latest. */
  readonly runId: string | undefined
  readonly #transport: Transport
  readonly #namespace: string | undefined

  constructor(transport: Transport, namespace: string | undefined, workflowId: string, runId?: string) {
    this.#transport = transport
    this.#namespace = namespace
    this.workflowId = workflowId
    this.runId = runId
  }

  /**
   * Waits until the execution closes, however long that takes and however often it continues as new. Throws
   * `WorkflowFailedError` where it did not complete.
   */
  async result<Result = Json>(options?: Abortable): Promise<Result>
  async result(options: Abortable = {}): Promise<Json> {
    let patient = false
    for (let runId = this.runId; ; ) {
      const startedMs = performance.now()
      const outcome = await this.#outcome(windowMs, runId, true, { signal: options.signal, patient })
      if (outcome.status === 'completed') return outcome.result
      if ('error' in outcome) throw new WorkflowFailedError(outcome)
      // The run that was there when the waiting began, not one that is started after it.
      runId = outcome.runId
      patient = true
      await restOfWindow(startedMs, options.signal)
    }
  }

  /**
   * The outcome so far; waits up to `waitMs` for the close. Throws nothing for a run that failed. With `follow: false`
   * it is that of this very run, also where it continued as new.
   */
  outcome(options: Waiting & { readonly follow?: boolean } = {}): Promise<Outcome> {
    const { signal, waitMs = 0, patient = false, follow = true } = options
    return this.#outcome(waitMs, this.runId, follow, { signal, patient })
  }

  #outcome(
    waitMs: number,
    runId: string | undefined,
    follow: boolean,
    options: GetOptions,
  ): Promise<Outcome> {
    const query = { wait: `${waitMs}ms`, runId, ...(follow ? {} : { follow }) }
    return this.#get('/result', query, { ...options, waitMs })
  }

  /** Resolves when the signal is durable. The same request id twice is one signal. */
  async signal(
    name: string,
    input: Json = null,
    options: { readonly requestId?: string } = {},
  ): Promise<void> {
    const requestId = options.requestId ?? crypto.randomUUID()
    await this.#post<Accepted>(`/signals/${encodeURIComponent(name)}`, { input, requestId }, repeatable)
  }

  query<Value = Json>(name: string, input?: Json): Promise<Value> {
    return this.#post(
      `/queries/${encodeURIComponent(name)}`,
      input === undefined ? {} : { input },
      repeatable,
    )
  }

  /**
   * Sends an update and waits for its answer, however long that takes: the handler's result. Throws
   * `UpdateFailedError` where the handler failed, `PerdureApiError` (`UpdateRejected`, `UpdateInvalid`, …) where it
   * was not accepted.
   */
  async update<Result = Json>(name: string, input?: Json, options?: UpdateOptions): Promise<Result>
  async update(name: string, input?: Json, options: UpdateOptions = {}): Promise<Json> {
    const { signal, updateId = crypto.randomUUID() } = options
    for (let patient = false; ; patient = true) {
      const startedMs = performance.now()
      const answer = await this.#answer(name, input, updateId, windowMs, { signal, patient })
      if (answer.status === 'completed') return answer.result
      if (answer.status === 'failed') throw new UpdateFailedError(name, updateId, answer.error)
      await restOfWindow(startedMs, signal)
    }
  }

  /** The answer so far; waits up to `waitMs` for it. Throws nothing for a handler that failed. */
  updateAnswer(name: string, input?: Json, options: UpdateOptions & Waiting = {}): Promise<UpdateAnswer> {
    const { signal, waitMs = 0, patient = false, updateId = crypto.randomUUID() } = options
    return this.#answer(name, input, updateId, waitMs, { signal, patient })
  }

  async #answer(
    name: string,
    input: Json | undefined,
    updateId: string,
    waitMs: number,
    options: WaitOptions,
  ): Promise<UpdateAnswer> {
    const body = { updateId, wait: `${waitMs}ms`, ...(input === undefined ? {} : { input }) }
    const request = { ...repeatable, ...options, waitMs }
    try {
      const { status, body: answered } = await this.#transport.answer<Json>(
        this.#posting(`/updates/${encodeURIComponent(name)}`, body, request),
      )
      // The body cannot tell: a handler may give any JSON, also what looks like a pending answer.
      if (status === 200) return { updateId, status: 'completed', result: answered }
      return { updateId, status: 'pending' }
    } catch (error) {
      if (!(error instanceof PerdureApiError) || error.workflowError === undefined) throw error
      return { updateId, status: 'failed', error: error.workflowError }
    }
  }

  /** Asks it to stop and clean up; `result()` tells when it has. */
  async cancel(reason?: string): Promise<void> {
    await this.#post<Accepted>('/cancel', reason === undefined ? {} : { reason }, once)
  }

  /** Ends it at once; undoes nothing. */
  async terminate(reason?: string): Promise<void> {
    await this.#post<Accepted>('/terminate', reason === undefined ? {} : { reason }, once)
  }

  /** Starts nothing new until it is resumed; what comes meanwhile takes effect then. */
  async pause(reason?: string): Promise<void> {
    await this.#post<Accepted>('/pause', reason === undefined ? {} : { reason }, once)
  }

  /** `skip`: a compensation that a saga paused at is left as it is; else it is tried again. */
  async resume(options: { readonly skip?: boolean; readonly reason?: string } = {}): Promise<void> {
    const { skip, reason } = options
    const body = { ...(skip === undefined ? {} : { skip }), ...(reason === undefined ? {} : { reason }) }
    await this.#post<Accepted>('/resume', body, once)
  }

  describe(options: Abortable = {}): Promise<ExecutionDescription> {
    return this.#get('', { runId: this.runId }, options)
  }

  historyPage(options: HistoryPageOptions = {}): Promise<HistoryPage> {
    const { after, limit, cursor, waitNewMs = 0, signal } = options
    const waitNew = waitNewMs > 0 ? `${waitNewMs}ms` : undefined
    const query = { after, limit, cursor, waitNew, runId: this.runId }
    return this.#get('/history', query, { waitMs: waitNewMs, signal })
  }

  /** The events in order, read page by page as they are asked for. */
  async *history(options: HistoryOptions = {}): AsyncGenerator<HistoryEventView, void, undefined> {
    const { follow = false, pageEvents: limit, signal } = options
    // Following pins the run: a page that comes back empty brings no cursor that names it.
    const run = follow ? await this.#pinned(signal) : this
    let after = options.after ?? 0
    let cursor: string | undefined
    for (let closed = false; ; ) {
      const startedMs = performance.now()
      const page = await run.historyPage({
        ...(cursor === undefined ? { after } : { cursor }),
        ...(limit === undefined ? {} : { limit }),
        ...(follow && !closed ? { waitNewMs: windowMs } : {}),
        signal,
      })
      yield* page.events
      const last = page.events.at(-1)
      after = last?.eventId ?? after
      cursor = page.cursor ?? undefined
      if (cursor !== undefined) continue
      if (!follow || (last !== undefined && closingTypes.has(last.type))) return
      if (page.events.length > 0) continue
      // Nothing new within the window. A run that closed meanwhile is read once more, for its last events.
      if (closed) return
      closed = (await run.outcome({ signal, follow: false })).status !== 'running'
      if (!closed) await restOfWindow(startedMs, signal)
    }
  }

  async #pinned(signal: AbortSignal | undefined): Promise<WorkflowHandle> {
    if (this.runId !== undefined) return this
    const { runId } = await this.outcome({ signal, follow: false })
    return new WorkflowHandle(this.#transport, this.#namespace, this.workflowId, runId)
  }

  #get<Body>(below: string, query: NonNullable<ApiRequest['query']>, options: GetOptions): Promise<Body> {
    return this.#transport.json<Body>({
      method: 'GET',
      path: `${paths.execution(this.workflowId)}${below}`,
      query: { ...query, namespace: this.#namespace },
      repeatable: true,
      ...options,
    })
  }

  #post<Body>(below: string, body: object, options: PostOptions): Promise<Body> {
    return this.#transport.json<Body>(this.#posting(below, body, options))
  }

  #posting(below: string, body: object, options: PostOptions): ApiRequest {
    return {
      method: 'POST',
      path: `${paths.execution(this.workflowId)}${below}`,
      query: { namespace: this.#namespace, runId: this.runId },
      body,
      ...options,
    }
  }
}

const closingTypes: ReadonlySet<string> = new Set([
  'WorkflowExecutionCompleted',
  'WorkflowExecutionFailed',
  'WorkflowExecutionTimedOut',
  'WorkflowExecutionCanceled',
  'WorkflowExecutionTerminated',
  'WorkflowExecutionContinuedAsNew',
])

/** The handle of a start: knows its run and the version that was chosen. */
export class StartedWorkflow extends WorkflowHandle {
  override readonly runId: string
  readonly version: string

  constructor(transport: Transport, namespace: string | undefined, answer: StartAnswer) {
    super(transport, namespace, answer.workflowId, answer.runId)
    this.runId = answer.runId
    this.version = answer.version
  }
}
