/**
 * Starting an execution: what is checked before a run exists, its first event, and what the store's answer means.
 * A start is answered when its first turn is written (keeps I5).
 */
import type { WorkflowSignalReceived } from '../interpreter/events.ts'
import type { Program } from '../interpreter/program.ts'
import type { Json } from '../schema/json.ts'
import type { NewRun, TurnRejection } from '../storage/contract.ts'
import type { StartRequest, StartResult } from './contract.ts'
import type { Definitions } from './definitions.ts'
import type { Driver } from './driver.ts'
import { EngineError } from './engine-error.ts'
import type { Birth } from './execution.ts'
import type { QueuedInput } from './input-queue.ts'
import { type Operations, startSignalId } from './operations.ts'
import { checkedInput, checkedPayload, startInput, storablePayload } from './payload-checks.ts'
import { isStateMachine } from './plan-checks.ts'
import { checkDuration, checkId } from './request-texts.ts'
import type { RunIdentity } from './run-activities.ts'
import { newRunId, newWorkflowId } from './run-id.ts'
import { checkValue } from './value-door.ts'
import type { Views } from './views.ts'

/** `terminateExisting` meets a run that another caller starts at the same moment: tried so often. */
const startAttempts = 5
const terminateWaitMs = 10_000

export class Starts {
  readonly #driver: Driver
  readonly #definitions: Definitions
  readonly #operations: Operations
  readonly #views: Views
  readonly #payloadBytes: number

  constructor(parts: {
    readonly driver: Driver
    readonly definitions: Definitions
    readonly operations: Operations
    readonly views: Views
  }) {
    this.#driver = parts.driver
    this.#definitions = parts.definitions
    this.#operations = parts.operations
    this.#views = parts.views
    this.#payloadBytes = parts.driver.firstEvents.payloadBytes
  }

  async start(request: StartRequest): Promise<StartResult> {
    this.#driver.assertServing()
    const { namespace, workflow } = request
    const workflowId =
      request.workflowId === undefined ? newWorkflowId() : checkId('the workflow id', request.workflowId)
    if (request.requestId !== undefined) checkId('the request id', request.requestId)
    const timeoutMs = request.timeout === undefined ? undefined : checkDuration('timeout', request.timeout)
    const { version } = await this.#definitions.resolve(namespace, workflow, request.version)
    const { program } = await this.#driver.programs.get(namespace, workflow, version)
    const { input, bytes } = checkedInput(program, startInput(program, request.input), this.#payloadBytes)
    const startDelayMs =
      request.startDelay === undefined ? 0 : checkDuration('startDelay', request.startDelay)
    const signal = this.#signalOf(program, request)
    const memo = this.#text('memo', request.memo)
    const searchAttributes = this.#text('searchAttributes', request.searchAttributes)
    for (let attempt = 1; ; attempt += 1) {
      const startedAt = this.#driver.parts.clock.now()
      const runId = newRunId(startedAt)
      const identity: RunIdentity = { namespace, workflowId, runId, workflow, version, firstRunId: runId }
      const started = this.#driver.firstEvents.of(program, {
        workflowId,
        runId,
        timestamp: startedAt,
        input,
        attempt: 1,
        parent: null,
        ...(request.taskQueue !== undefined && { taskQueue: checkId('the task queue', request.taskQueue) }),
        ...(timeoutMs !== undefined && { timeoutMs }),
        ...(startDelayMs > 0 && { startDelayMs }),
        ...(request.memo !== undefined && { memo: request.memo }),
        ...(request.searchAttributes !== undefined && { searchAttributes: request.searchAttributes }),
      })
      const inputs: QueuedInput[] = [{ event: started, bytes, seq: null }]
      if (signal !== null)
        inputs.push({ ...signal, event: { ...signal.event, timestamp: startedAt }, seq: null })
      const birth = await this.#bear(identity, program, inputs, {
        namespace,
        workflowId,
        workflow,
        version,
        startedAt,
        owned: this.#driver.runs.room > 0,
        idReuse: request.idReuse ?? 'allow',
        requestId: request.requestId ?? null,
        memo,
        searchAttributes,
        firstRunId: null,
        parent: null,
      })
      if (birth.kind === 'committed') {
        const { replyTo } = signal?.event ?? {}
        if (replyTo?.kind === 'caller') {
          const awaited = { runId, firstRunId: runId, messageId: replyTo.messageId }
          await this.#operations.signalAnswered({ namespace, workflowId, runId }, awaited)
        }
        return { workflowId, runId, version, created: true }
      }
      if (birth.kind !== 'rejected') throw notBorn(birth)
      const existing = await this.#existing(request, workflowId, birth.rejection, attempt)
      if (existing !== null) return existing
    }
  }

  #bear(
    identity: RunIdentity,
    program: Program,
    inputs: readonly QueuedInput[],
    start: NewRun,
  ): Promise<Birth> {
    const { runs } = this.#driver
    return new Promise((resolve) => {
      const execution = runs.create(identity, program)
      execution.bear(start, inputs, (birth) => {
        if (birth.kind === 'committed' && execution.phase !== 'gone') runs.open(execution)
        resolve(birth)
      })
    })
  }

  /** What a new run takes in its first turn, so that it is never without it. */
  #signalOf(
    program: Program,
    { signal, requestId }: StartRequest,
  ): { readonly event: WorkflowSignalReceived; readonly bytes: number } | null {
    if (signal === undefined) return null
    const payload = storablePayload('signal', signal.input ?? null, this.#payloadBytes)
    const event: WorkflowSignalReceived = {
      type: 'WorkflowSignalReceived',
      timestamp: 0,
      signal: signal.name,
      input: checkedPayload(program, 'signal', signal.name, payload),
      ...(requestId !== undefined && { requestId }),
      ...(isStateMachine(program) && {
        replyTo: { kind: 'caller', messageId: startSignalId(requestId) },
      }),
    }
    return { event, bytes: JSON.stringify(event).length }
  }

  /** The answer with a run that was there, or null: try again. */
  async #existing(
    request: StartRequest,
    workflowId: string,
    rejection: TurnRejection,
    attempt: number,
  ): Promise<StartResult | null> {
    const { namespace } = request
    if (rejection.reason === 'duplicateRequest') {
      const run = await this.#driver.parts.storage.runs.load(rejection.existing)
      if (run === null) throw unavailable('the run that this request started is not there any more')
      return { workflowId: run.workflowId, runId: run.runId, version: run.version, created: false }
    }
    if (rejection.reason !== 'exists') {
      if (attempt < startAttempts) return null
      throw unavailable('the start met another writer')
    }
    const runId = rejection.existing
    const idConflict = request.idConflict ?? 'fail'
    if (!rejection.open) {
      throw new EngineError(
        'WorkflowAlreadyRunning',
        `an execution with the workflow id '${workflowId}' has run already (run ${runId}), and idReuse is '${request.idReuse ?? 'allow'}'`,
        { suggestion: 'use another workflow id, or idReuse: allow', details: { workflowId, runId } },
      )
    }
    if (idConflict === 'useExisting') {
      const summary = await this.#driver.parts.storage.visibility.find(namespace, workflowId, runId)
      if (summary === null || !(await this.#signaled(request, { namespace, workflowId, runId }, attempt)))
        return null
      return { workflowId, runId, version: summary.version, created: false }
    }
    if (idConflict === 'terminateExisting' && attempt < startAttempts) {
      await this.#terminate({ namespace, workflowId, runId })
      return null
    }
    throw new EngineError(
      'WorkflowAlreadyRunning',
      `an execution with the workflow id '${workflowId}' is running (run ${runId})`,
      {
        suggestion: 'use another workflow id, or idConflict: useExisting or terminateExisting',
        details: { workflowId, runId },
      },
    )
  }

  /** False: the run has closed since, and the start is tried again. */
  async #signaled(
    { signal, requestId }: StartRequest,
    ref: { namespace: string; workflowId: string; runId: string },
    attempt: number,
  ): Promise<boolean> {
    if (signal === undefined) return true
    try {
      await this.#operations.signalOfStart(ref, signal.name, signal.input ?? null, requestId)
      return true
    } catch (thrown) {
      const isClosed = thrown instanceof EngineError && thrown.code === 'ExecutionClosed'
      if (isClosed && attempt < startAttempts) return false
      throw thrown
    }
  }

  async #terminate(ref: { namespace: string; workflowId: string; runId: string }): Promise<void> {
    try {
      await this.#operations.terminate(ref, 'another execution was started in its place')
    } catch (thrown) {
      if (thrown instanceof EngineError && thrown.code === 'ExecutionClosed') return
      throw thrown
    }
    await this.#views.result(ref, { waitMs: terminateWaitMs })
  }

  #text(what: string, value: Json | undefined): string | null {
    if (value === undefined) return null
    const checked = checkValue(value, this.#payloadBytes)
    if (checked.problem === null) return JSON.stringify(checked.value)
    const code = checked.problem.kind === 'size' ? 'LimitExceeded' : 'RequestInvalid'
    throw new EngineError(code, `${what} ${checked.problem.message}`)
  }
}

function unavailable(detail: string): EngineError {
  return new EngineError('Unavailable', detail, {
    suggestion: 'start again with the same requestId: it starts at most one run',
  })
}

function notBorn(birth: Exclude<Birth, { kind: 'committed' | 'rejected' }>): Error {
  switch (birth.kind) {
    case 'unstorable':
      return new EngineError('InputInvalid', `the database refused the start: ${birth.error.message}`)
    case 'unknown':
      return unavailable(`whether the run was started is not known: ${birth.error.message}`)
    case 'fenced':
      return unavailable('this node lost its lease and joins again')
    case 'failed':
      return birth.error instanceof Error ? birth.error : new Error(String(birth.error))
    default:
      return birth satisfies never
  }
}
