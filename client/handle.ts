/** One execution, or one run of it, as `PerdureClient` gives it. */
import type {
  Accepted,
  ExecutionDescription,
  HistoryEventView,
  HistoryPage,
  Json,
  Outcome,
  StartAnswer,
} from '../server/api.ts'
import { WorkflowFailedError } from './errors.ts'
import { paths } from './paths.ts'
import { type ApiRequest, pause, type Transport } from './transport.ts'

export interface Abortable {
  readonly signal?: AbortSignal | undefined
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

type GetOptions = Pick<ApiRequest, 'waitMs' | 'signal' | 'patient'>

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

  /** Waits until the run closes, however long that takes. Throws `WorkflowFailedError` where it did not complete. */
  async result<Result = Json>(options?: Abortable): Promise<Result>
  async result(options: Abortable = {}): Promise<Json> {
    let patient = false
    for (let runId = this.runId; ; ) {
      const startedMs = performance.now()
      const outcome = await this.#outcome(windowMs, runId, { signal: options.signal, patient })
      if (outcome.status === 'completed') return outcome.result
      if (outcome.status !== 'running') throw new WorkflowFailedError(outcome)
      // The run that was there when the waiting began, not one that is started after it.
      runId = outcome.runId
      patient = true
      await restOfWindow(startedMs, options.signal)
    }
  }

  /** The outcome so far; waits up to `waitMs` for the close. Throws nothing for a run that failed. */
  outcome(options: Abortable & { readonly waitMs?: number } = {}): Promise<Outcome> {
    return this.#outcome(options.waitMs ?? 0, this.runId, options)
  }

  #outcome(waitMs: number, runId: string | undefined, options: GetOptions): Promise<Outcome> {
    return this.#get('/result', { wait: `${waitMs}ms`, runId }, { ...options, waitMs })
  }

  /** Resolves when the signal is durable. The same request id twice is one signal. */
  async signal(
    name: string,
    input: Json = null,
    options: { readonly requestId?: string } = {},
  ): Promise<void> {
    const requestId = options.requestId ?? crypto.randomUUID()
    await this.#post<Accepted>(`/signals/${encodeURIComponent(name)}`, { input, requestId }, true)
  }

  query<Value = Json>(name: string, input?: Json): Promise<Value> {
    return this.#post(`/queries/${encodeURIComponent(name)}`, input === undefined ? {} : { input }, true)
  }

  /** Asks it to stop and clean up; `result()` tells when it has. */
  async cancel(reason?: string): Promise<void> {
    await this.#post<Accepted>('/cancel', reason === undefined ? {} : { reason }, false)
  }

  /** Ends it at once; undoes nothing. */
  async terminate(reason?: string): Promise<void> {
    await this.#post<Accepted>('/terminate', reason === undefined ? {} : { reason }, false)
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
      closed = (await run.outcome({ signal })).status !== 'running'
      if (!closed) await restOfWindow(startedMs, signal)
    }
  }

  async #pinned(signal: AbortSignal | undefined): Promise<WorkflowHandle> {
    if (this.runId !== undefined) return this
    const { runId } = await this.outcome({ signal })
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

  #post<Body>(below: string, body: object, repeatable: boolean): Promise<Body> {
    return this.#transport.json<Body>({
      method: 'POST',
      path: `${paths.execution(this.workflowId)}${below}`,
      query: { namespace: this.#namespace, runId: this.runId },
      body,
      repeatable,
    })
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
