/**
 * Starting an execution: its birth, and what the store's answer means. What is checked before is `asked-start.ts`'s.
 * A start is answered when its first turn is written (keeps I5).
 */
import type { Program } from '../../interpreter/program.ts'
import type { TurnRejection } from '../../storage/contract.ts'
import type { StartRequest, StartResult } from '../contract.ts'
import type { Driver } from '../driver.ts'
import { EngineError } from '../engine-error.ts'
import type { Birth } from '../runs/execution.ts'
import type { RunIdentity } from '../runs/run-activities.ts'
import type { Results } from '../views/results.ts'
import { type AskedStart, askedStart, type Unborn } from './asked-start.ts'
import type { Definitions } from './definitions.ts'
import type { Operations } from './operations.ts'
import { closedIdError, openIdError } from './start-errors.ts'

/** `terminateExisting` meets a run that another caller starts at the same moment: tried so often. */
const startAttempts = 5
const terminateWaitMs = 10_000

export class Starts {
  readonly #driver: Driver
  readonly #definitions: Definitions
  readonly #operations: Operations
  readonly #results: Results

  constructor(parts: {
    readonly driver: Driver
    readonly definitions: Definitions
    readonly operations: Operations
    readonly results: Results
  }) {
    this.#driver = parts.driver
    this.#definitions = parts.definitions
    this.#operations = parts.operations
    this.#results = parts.results
  }

  async start(request: StartRequest): Promise<StartResult> {
    this.#driver.assertServing()
    const asked = await askedStart(request, { definitions: this.#definitions, driver: this.#driver })
    const { workflowId, version } = asked
    for (let attempt = 1; ; attempt += 1) {
      const unborn = asked.unborn(this.#driver.parts.clock.now(), this.#driver.runs.room > 0)
      const birth = await this.#bear(unborn, asked.program)
      if (birth.kind === 'committed') {
        const { runId } = unborn.identity
        await this.#signalAnswered(unborn.identity, asked)
        return { workflowId, runId, version, created: true }
      }
      if (birth.kind !== 'rejected') throw notBorn(birth)
      const existing = await this.#existing(request, workflowId, birth.rejection, attempt)
      if (existing !== null) return existing
    }
  }

  #bear({ identity, inputs, run }: Unborn, program: Program): Promise<Birth> {
    const { runs } = this.#driver
    return new Promise((resolve) => {
      const execution = runs.create(identity, program)
      execution.bear(run, inputs, (birth) => {
        if (birth.kind === 'committed' && execution.phase !== 'gone') runs.open(execution)
        resolve(birth)
      })
    })
  }

  /** Of a state machine, which has begun and says whether it takes the signal. */
  async #signalAnswered(
    { namespace, workflowId, runId }: RunIdentity,
    { signal }: AskedStart,
  ): Promise<void> {
    const replyTo = signal?.replyTo
    if (replyTo?.kind !== 'caller') return
    const awaited = { runId, firstRunId: runId, messageId: replyTo.messageId }
    await this.#operations.signalAnswered({ namespace, workflowId, runId }, awaited)
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
    if (!rejection.open) throw closedIdError({ workflowId, runId }, request.idReuse ?? 'allow')
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
    throw openIdError({ workflowId, runId })
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
    await this.#results.result(ref, { waitMs: terminateWaitMs })
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
