/** An engine without workflows: tests of the server and the client move its runs by hand. */
import type {
  DeliveryView,
  Engine,
  ExecutionDescription,
  ExecutionRef,
  Outcome,
  StartRequest,
  UpdateAnswer,
  UpdateRequest,
} from '../../engine/contract.ts'
import { EngineError } from '../../engine/engine-error.ts'
import type { EngineErrorCode } from '../../engine/error-catalogue.ts'
import { workflowError } from '../../interpreter/errors/fault.ts'
import type { HistoryEvent, StoredEvent } from '../../interpreter/events.ts'
import type { Json } from '../../schema/json.ts'
import { FakeDefinitions, fakeNow } from './fake-definitions.ts'

interface FakeRun {
  readonly workflowId: string
  readonly runId: string
  readonly namespace: string
  readonly workflow: string
  readonly version: string
  readonly requestId: string | undefined
  readonly input: Json
  readonly events: HistoryEvent[]
  readonly firstRunId: string
  readonly updates: Map<string, UpdateAnswer>
  outcome: Outcome
  paused: ExecutionDescription['paused']
}
/** Without an index signature, so that the union of events survives `Omit`. */
type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'timestamp'> : never

export class FakeEngine extends FakeDefinitions implements Engine {
  readonly runs: FakeRun[] = []
  readonly waiting = new Set<() => void>()
  deliveriesKept: DeliveryView[] = []
  notReady: Error | null = null
  /** Longest long poll that is under way; 0 when none is. */
  longPolls = 0

  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  async ready(): Promise<void> {
    if (this.notReady !== null) throw this.notReady
  }

  startIn(_connection: unknown, request: StartRequest) {
    return this.startExecution(request)
  }

  async startExecution(request: StartRequest) {
    this.asked('startExecution', request)
    const { workflow, namespace, requestId } = request
    const seen = this.runs.find((run) => requestId !== undefined && run.requestId === requestId)
    if (seen !== undefined) return { ...idsOf(seen), version: seen.version, created: false }
    const { version } = await this.resolve(namespace, workflow, request.version)
    const runId = `run-${this.runs.length + 1}`
    const workflowId = request.workflowId ?? `generated-${this.runs.length + 1}`
    if (this.#current({ namespace, workflowId })?.outcome.status === 'running')
      throw new EngineError('WorkflowAlreadyRunning', `'${workflowId}' is running`)
    const run: FakeRun = {
      workflowId,
      runId,
      namespace,
      workflow,
      version,
      requestId,
      input: request.input ?? null,
      events: [],
      firstRunId: runId,
      updates: new Map(),
      paused: null,
      outcome: { workflowId, runId, status: 'running' },
    }
    this.runs.push(run)
    this.record(run, {
      type: 'WorkflowExecutionStarted',
      workflowId,
      runId,
      workflow,
      version,
      digest: 'd',
      input: run.input,
      attempt: 1,
      parent: null,
      activities: {},
      limits: {},
      flags: [],
    })
    return { workflowId, runId, version, created: true }
  }

  /** Appends an event and wakes who waits for one. */
  record(run: FakeRun, event: WithoutTime<StoredEvent>): void {
    const eventId = run.events.length + 1
    run.events.push({ timestamp: fakeNow + eventId, ...event, eventId } as HistoryEvent)
    this.#wake()
  }

  complete(workflowId: string, result: Json): void {
    const run = this.#found({ namespace: 'default', workflowId })
    run.outcome = { ...idsOf(run), status: 'completed', result }
    this.record(run, { type: 'WorkflowExecutionCompleted', result })
  }

  /** The execution's open run ends and another one takes its place. Gives the new run id. */
  continueAsNew(workflowId: string, input: Json): string {
    const run = this.#open({ namespace: 'default', workflowId })
    const newRunId = `run-${this.runs.length + 1}`
    run.outcome = { ...idsOf(run), status: 'continuedAsNew', newRunId }
    const next: FakeRun = {
      ...run,
      runId: newRunId,
      input,
      events: [],
      updates: new Map(),
      outcome: { workflowId, runId: newRunId, status: 'running' },
    }
    this.runs.push(next)
    this.record(run, { type: 'WorkflowExecutionContinuedAsNew', newRunId, input })
    this.record(next, {
      type: 'WorkflowExecutionStarted',
      workflowId,
      runId: newRunId,
      workflow: run.workflow,
      version: run.version,
      digest: 'd',
      input,
      attempt: 1,
      parent: null,
      activities: {},
      limits: {},
      flags: [],
      firstRunId: run.firstRunId,
      continuedFrom: run.runId,
      deadlineAt: fakeNow + 60_000,
    })
    return newRunId
  }

  /** Answers an update that waits. */
  answer(workflowId: string, updateId: string, answer: { result: Json } | { type: string; message: string }) {
    const run = this.#found({ namespace: 'default', workflowId })
    run.updates.set(
      updateId,
      'result' in answer
        ? { updateId, status: 'completed', result: answer.result }
        : { updateId, status: 'failed', error: workflowError(answer) },
    )
    this.#wake()
  }

  fail(workflowId: string, type: string, message: string): void {
    const run = this.#found({ namespace: 'default', workflowId })
    const error = workflowError({ type, message })
    run.outcome = { ...idsOf(run), status: 'failed', error }
    this.record(run, { type: 'WorkflowExecutionFailed', error })
  }

  #wake(): void {
    for (const wake of [...this.waiting]) wake()
  }

  #current(ref: ExecutionRef): FakeRun | undefined {
    return this.runs
      .filter((run) => run.namespace === ref.namespace && run.workflowId === ref.workflowId)
      .filter((run) => ref.runId === undefined || run.runId === ref.runId)
      .at(-1)
  }

  #found(ref: ExecutionRef): FakeRun {
    const run = this.#current(ref)
    if (run === undefined)
      throw new EngineError('ExecutionNotFound', `no execution '${ref.workflowId}' in '${ref.namespace}'`)
    return run
  }

  #open(ref: ExecutionRef): FakeRun {
    const run = this.#found(ref)
    if (run.outcome.status !== 'running')
      throw new EngineError('ExecutionClosed', `'${ref.workflowId}' is ${run.outcome.status}`)
    return run
  }

  async signal(ref: ExecutionRef, name: string, input: Json, requestId?: string) {
    this.asked('signal', ref, name, input, requestId)
    const run = this.#open(ref)
    if (name === 'undeclared') throw new EngineError('SignalNotDeclared', `no signal '${name}' is declared`)
    if (name === 'unexpected')
      throw new EngineError('SignalNotExpected', "state 'draft' takes no signal 'unexpected'", {
        suggestion: 'it takes submit, discard',
        details: { state: 'draft', expected: ['submit', 'discard'] },
      })
    this.record(run, {
      type: 'WorkflowSignalReceived',
      signal: name,
      input,
      ...(requestId === undefined ? {} : { requestId }),
    })
  }

  async query(ref: ExecutionRef, name: string, input?: Json): Promise<Json> {
    this.asked('query', ref, name, input)
    const run = this.#found(ref)
    if (name === 'undeclared') throw new EngineError('QueryNotDeclared', `no query '${name}' is declared`)
    return name === 'text' ? 'just text' : { input: input ?? null, events: run.events.length }
  }

  /** `slow` waits for `answer`; `refused…` are refused; all others echo. */
  async update(ref: ExecutionRef, name: string, request: UpdateRequest): Promise<UpdateAnswer> {
    const { signal: _, ...asked } = request
    this.asked('update', ref, name, asked)
    const run = this.#found(ref)
    const { updateId = 'generated', input = null, waitMs, signal } = request
    const refused = refusedUpdates[name]
    if (refused !== undefined) throw new EngineError(refused, `update '${name}' is refused`)
    if (!run.updates.has(updateId)) {
      if (run.paused !== null) throw new EngineError('ExecutionPaused', `'${ref.workflowId}' is paused`)
      this.#open(ref)
      const done = name !== 'slow'
      run.updates.set(
        updateId,
        done ? { updateId, status: 'completed', result: { echo: input } } : { updateId, status: 'pending' },
      )
      this.record(run, { type: 'WorkflowUpdateAccepted', update: name, updateId, input })
    }
    const current = () => run.updates.get(updateId) ?? { updateId, status: 'pending' as const }
    await this.#until(() => current().status !== 'pending', waitMs ?? 60_000, signal)
    return current()
  }

  async pause(ref: ExecutionRef, reason?: string) {
    this.asked('pause', ref, reason)
    const run = this.#open(ref)
    run.paused = { since: new Date(fakeNow).toISOString(), reason: reason ?? null, step: null }
    this.record(run, { type: 'WorkflowExecutionPaused', reason: reason ?? null })
  }

  async resume(ref: ExecutionRef, options: { skip?: boolean; reason?: string } = {}) {
    this.asked('resume', ref, options)
    const run = this.#open(ref)
    run.paused = null
    const skip = options.skip === true ? { skip: true as const } : {}
    this.record(run, { type: 'WorkflowExecutionResumed', reason: options.reason ?? null, ...skip })
  }

  async deliveries(
    namespace: string,
    options: { state?: string; sink?: string; limit?: number; cursor?: string },
  ) {
    this.asked('deliveries', namespace, options)
    const { state, sink, limit = 100, cursor } = options
    const all = this.deliveriesKept.filter(
      (one) => (state === undefined || one.state === state) && (sink === undefined || one.sink === sink),
    )
    const first = Number(cursor ?? 0)
    return {
      items: all.slice(first, first + limit),
      cursor: first + limit < all.length ? String(first + limit) : null,
    }
  }

  async redeliver(namespace: string, deliveryId: string) {
    this.asked('redeliver', namespace, deliveryId)
    if (!this.deliveriesKept.some((one) => one.deliveryId === deliveryId))
      throw new EngineError('DeliveryNotFound', `there is no delivery '${deliveryId}'`)
  }

  async cancel(ref: ExecutionRef, reason?: string) {
    this.asked('cancel', ref, reason)
    this.record(this.#open(ref), { type: 'WorkflowExecutionCancelRequested', reason: reason ?? null })
  }

  async terminate(ref: ExecutionRef, reason?: string) {
    this.asked('terminate', ref, reason)
    const run = this.#open(ref)
    run.outcome = {
      ...idsOf(run),
      status: 'terminated',
      error: workflowError({ type: 'Terminated', message: reason ?? '' }),
    }
    this.record(run, { type: 'WorkflowExecutionTerminated', reason: reason ?? null })
  }

  async describe(ref: ExecutionRef): Promise<ExecutionDescription> {
    this.asked('describe', ref)
    const run = this.#found(ref)
    const { outcome } = run
    return {
      ...this.#item(run),
      memo: null,
      searchAttributes: null,
      at: [{ step: 'approval', path: 'approval', line: 12 }],
      waitingFor: [
        { kind: 'signal', step: 'approval', path: 'approval', line: 12, text: 'the signal', until: null },
      ],
      pendingActivities: [],
      pendingChildren: [
        {
          step: 'ship',
          path: 'ship',
          workflow: 'shipping',
          workflowId: `${run.workflowId}-ship`,
          runId: 'child-1',
          attempt: 1,
        },
      ],
      parent: null,
      firstRunId: run.firstRunId,
      state: null,
      paused: run.paused,
      ...(outcome.status === 'continuedAsNew' ? { continuedAs: outcome.newRunId } : {}),
      vars: {},
      ...('result' in outcome ? { result: outcome.result } : {}),
      ...('error' in outcome ? { error: outcome.error } : {}),
      parked: null,
      historyLength: run.events.length,
    }
  }

  #item(run: FakeRun) {
    const { workflowId, runId, workflow, version, outcome } = run
    const startedAt = new Date(fakeNow).toISOString()
    return { workflowId, runId, workflow, version, status: outcome.status, startedAt, closedAt: null }
  }

  async list(namespace: string, options: { query?: string; limit?: number; cursor?: string }) {
    this.asked('list', namespace, options)
    if (options.query === 'nonsense')
      throw new EngineError('RequestInvalid', "the query is wrong at 'nonsense'")
    const all = this.runs.filter((run) => run.namespace === namespace)
    const first = Number(options.cursor ?? 0)
    const limit = options.limit ?? 100
    const cursor = first + limit < all.length ? String(first + limit) : null
    return { items: all.slice(first, first + limit).map((run) => this.#item(run)), cursor }
  }

  async count(namespace: string, query?: string) {
    this.asked('count', namespace, query)
    return this.runs.filter((run) => run.namespace === namespace).length
  }

  async result(
    ref: ExecutionRef,
    options: { waitMs?: number; signal?: AbortSignal; follow?: boolean } = {},
  ): Promise<Outcome> {
    this.asked('result', ref, options.waitMs, options.follow)
    let run = this.#found(ref)
    const last = () => {
      while (options.follow !== false && run.outcome.status === 'continuedAsNew')
        run = this.#found({ ...ref, runId: run.outcome.newRunId })
      return run.outcome
    }
    await this.#until(() => last().status !== 'running', options.waitMs ?? 0, options.signal)
    return last()
  }

  async history(
    ref: ExecutionRef,
    options: { after?: number; limit?: number; waitNewMs?: number; signal?: AbortSignal },
  ) {
    this.asked('history', ref, options)
    const run = this.#found(ref)
    const { after = 0, limit = 100 } = options
    await this.#until(() => run.events.length > after, options.waitNewMs ?? 0, options.signal)
    const events = run.events.slice(after, after + limit)
    return { events, cursor: after + limit < run.events.length ? String(after + limit) : null }
  }

  /** Resolves when the condition holds or the time is up; rejects when aborted. */
  async #until(condition: () => boolean, waitMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (condition() || waitMs === 0) return
    this.longPolls += 1
    try {
      await new Promise<void>((resolve, reject) => {
        const finish = (then: () => void) => {
          clearTimeout(timer)
          this.waiting.delete(look)
          signal?.removeEventListener('abort', aborted)
          then()
        }
        const look = () => condition() && finish(resolve)
        const aborted = () => finish(() => reject(signal?.reason))
        const timer = setTimeout(() => finish(resolve), waitMs)
        this.waiting.add(look)
        signal?.addEventListener('abort', aborted)
        if (signal?.aborted) aborted()
      })
    } finally {
      this.longPolls -= 1
    }
  }

  onEvents(): () => void {
    return () => {}
  }
}

const refusedUpdates: { readonly [name: string]: EngineErrorCode } = {
  refusedByValidate: 'UpdateRejected',
  refusedInvalid: 'UpdateInvalid',
  refusedUndeclared: 'UpdateNotDeclared',
  refusedPaused: 'ExecutionPaused',
  refusedClosed: 'ExecutionClosed',
}

function idsOf({ workflowId, runId }: FakeRun) {
  return { workflowId, runId }
}
