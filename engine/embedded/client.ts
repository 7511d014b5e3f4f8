/**
 * The client of an engine in the same process: the same methods as `PerdureClient` has over HTTP (docs/embedding.md).
 * Owns nothing; every call is one of `contract.ts`.
 */
import { randomUUID } from 'node:crypto'
import type { HistoryEvent } from '../../interpreter/events.ts'
import type { Json } from '../../schema/json.ts'
import type {
  Engine,
  ExecutionDescription,
  ExecutionListItem,
  ExecutionRef,
  Outcome,
  Page,
  StartRequest,
  UpdateAnswer,
  UpdateRequest,
} from '../contract.ts'
import { UpdateFailedError } from './update-failed-error.ts'
import { WorkflowFailedError } from './workflow-failed-error.ts'

export type StartOptions = Omit<StartRequest, 'namespace' | 'workflow'>

export type UpdateOptions = Pick<UpdateRequest, 'updateId' | 'signal'>

/** What one wait asks for; `result()` waits on until the run closes. */
const windowMs = 30_000

export class EmbeddedClient {
  readonly #engine: () => Engine
  readonly #namespace: string

  /** `engine` throws where none is started. */
  constructor(engine: () => Engine, namespace: string) {
    this.#engine = engine
    this.#namespace = namespace
  }

  /** Throws `EngineError` (`WorkflowNotFound`, `InputInvalid`, `WorkflowAlreadyRunning`, …). */
  async start(workflow: string, options: StartOptions = {}): Promise<EmbeddedHandle> {
    const request = { ...options, namespace: this.#namespace, workflow }
    const { workflowId, runId } = await this.#engine().startExecution(request)
    return this.handle(workflowId, runId)
  }

  /** One that runs already, or ran. Without `runId`: whichever run is open, else the latest. */
  handle(workflowId: string, runId?: string): EmbeddedHandle {
    return new EmbeddedHandle(this.#engine, {
      namespace: this.#namespace,
      workflowId,
      ...(runId !== undefined && { runId }),
    })
  }

  list(
    options: { readonly query?: string; readonly limit?: number; readonly cursor?: string } = {},
  ): Promise<Page<ExecutionListItem>> {
    return this.#engine().list(this.#namespace, options)
  }

  count(query?: string): Promise<number> {
    return this.#engine().count(this.#namespace, query)
  }
}

export class EmbeddedHandle {
  readonly workflowId: string
  readonly runId: string | undefined
  readonly #engine: () => Engine
  readonly #ref: ExecutionRef

  constructor(engine: () => Engine, ref: ExecutionRef) {
    this.#engine = engine
    this.#ref = ref
    this.workflowId = ref.workflowId
    this.runId = ref.runId
  }

  /** Waits until the execution closes, however long that takes and however often it continues as new. Throws `WorkflowFailedError` where it did not complete. */
  async result<Result = Json>(options: { readonly signal?: AbortSignal } = {}): Promise<Result> {
    for (let ref = this.#ref; ; ) {
      options.signal?.throwIfAborted()
      const outcome = await this.#engine().result(ref, { ...options, waitMs: windowMs })
      if (outcome.status === 'completed') return outcome.result as Result
      if ('error' in outcome) throw new WorkflowFailedError(outcome)
      // The run that was there when the waiting began, not one that is started after it.
      ref = { ...ref, runId: outcome.runId }
    }
  }

  /**
   * The outcome so far; waits up to `waitMs` for the close. Throws nothing for a run that failed. With `follow: false`
   * it is that of this very run, also where it continued as new.
   */
  outcome(
    options: { readonly waitMs?: number; readonly signal?: AbortSignal; readonly follow?: boolean } = {},
  ): Promise<Outcome> {
    return this.#engine().result(this.#ref, { ...options, waitMs: options.waitMs ?? 0 })
  }

  /** Resolves when the signal is durable. The same request id twice is one signal. */
  signal(name: string, input: Json = null, options: { readonly requestId?: string } = {}): Promise<void> {
    return this.#engine().signal(this.#ref, name, input, options.requestId)
  }

  query<Value = Json>(name: string, input?: Json): Promise<Value> {
    return this.#engine().query(this.#ref, name, input) as Promise<Value>
  }

  /**
   * Sends an update and waits for its answer, however long that takes: the handler's result. Throws
   * `UpdateFailedError` where the handler failed, `EngineError` (`UpdateRejected`, `UpdateInvalid`, …) where it was not
   * accepted.
   */
  async update<Value = Json>(name: string, input?: Json, options: UpdateOptions = {}): Promise<Value> {
    const { signal, updateId = randomUUID() } = options
    for (;;) {
      signal?.throwIfAborted()
      const answer = await this.updateAnswer(name, input, { ...options, updateId, waitMs: windowMs })
      if (answer.status === 'completed') return answer.result as Value
      if (answer.status === 'failed') throw new UpdateFailedError(name, updateId, answer.error)
    }
  }

  /** The answer so far; waits up to `waitMs` for it. Throws nothing for a handler that failed. */
  updateAnswer(
    name: string,
    input?: Json,
    options: UpdateOptions & { readonly waitMs?: number } = {},
  ): Promise<UpdateAnswer> {
    const request = { waitMs: 0, ...options, ...(input !== undefined && { input }) }
    return this.#engine().update(this.#ref, name, request)
  }

  /** Starts nothing new until it is resumed; what comes meanwhile takes effect then. */
  pause(reason?: string): Promise<void> {
    return this.#engine().pause(this.#ref, reason)
  }

  /** `skip`: a compensation that a saga paused at is left as it is; else it is tried again. */
  resume(options: { readonly skip?: boolean; readonly reason?: string } = {}): Promise<void> {
    return this.#engine().resume(this.#ref, options)
  }

  /** Asks it to stop and clean up; `result()` tells when it has. */
  cancel(reason?: string): Promise<void> {
    return this.#engine().cancel(this.#ref, reason)
  }

  /** Ends it at once; undoes nothing. */
  terminate(reason?: string): Promise<void> {
    return this.#engine().terminate(this.#ref, reason)
  }

  describe(): Promise<ExecutionDescription> {
    return this.#engine().describe(this.#ref)
  }

  /** The events so far, in order, read page by page as they are asked for. */
  async *history(options: { readonly after?: number } = {}): AsyncGenerator<HistoryEvent, void, undefined> {
    let after = options.after ?? 0
    for (;;) {
      const { events, cursor } = await this.#engine().history(this.#ref, { after })
      yield* events
      after = events.at(-1)?.eventId ?? after
      if (cursor === null) return
    }
  }
}
