/**
 * Starting an execution: what is checked before a run exists, its first event, and what the store's answer means.
 * A start is answered when its first turn is written (keeps I5).
 */
import type { WorkflowExecutionStarted } from '../interpreter/events.ts'
import type { Program } from '../interpreter/program.ts'
import type { Json } from '../schema/json.ts'
import { type Limits, type RunLimits, runLimits } from '../schema/limits.ts'
import type { ActivitySettings } from '../schema/plan.ts'
import type { NewRun, TurnRejection } from '../storage/contract.ts'
import type { StartRequest, StartResult } from './contract.ts'
import type { Definitions } from './definitions.ts'
import type { Driver } from './driver.ts'
import { EngineError } from './engine-error.ts'
import type { Birth } from './execution.ts'
import type { Operations } from './operations.ts'
import { inputCheck, schemaErrorText } from './plan-checks.ts'
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
  readonly #limits: Partial<RunLimits>
  readonly #payloadBytes: number

  constructor(parts: {
    readonly driver: Driver
    readonly definitions: Definitions
    readonly operations: Operations
    readonly views: Views
    readonly limits: Limits
  }) {
    this.#driver = parts.driver
    this.#definitions = parts.definitions
    this.#operations = parts.operations
    this.#views = parts.views
    this.#limits = changedLimits(parts.limits)
    this.#payloadBytes = parts.limits.payloadBytes
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
    const { input, bytes } = this.#checkedInput(program, request.input ?? null)
    const memo = this.#text('memo', request.memo)
    const searchAttributes = this.#text('searchAttributes', request.searchAttributes)
    for (let attempt = 1; ; attempt += 1) {
      const startedAt = this.#driver.parts.clock.now()
      const identity: RunIdentity = { namespace, workflowId, runId: newRunId(startedAt), workflow, version }
      const started: WorkflowExecutionStarted = {
        type: 'WorkflowExecutionStarted',
        timestamp: startedAt,
        workflowId,
        runId: identity.runId,
        workflow,
        version,
        digest: program.plan.digest,
        input,
        attempt: 1,
        parent: null,
        ...(request.taskQueue !== undefined && { taskQueue: checkId('the task queue', request.taskQueue) }),
        ...(timeoutMs !== undefined && { timeoutMs }),
        activities: ownSettings(program, this.#driver),
        limits: this.#limits,
        flags: [],
        ...(request.memo !== undefined && { memo: request.memo }),
        ...(request.searchAttributes !== undefined && { searchAttributes: request.searchAttributes }),
      }
      const birth = await this.#bear(identity, program, started, bytes, {
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
      })
      if (birth.kind === 'committed') return { workflowId, runId: identity.runId, version, created: true }
      if (birth.kind !== 'rejected') throw notBorn(birth)
      const existing = await this.#existing(request, workflowId, birth.rejection, attempt)
      if (existing !== null) return existing
    }
  }

  #bear(
    identity: RunIdentity,
    program: Program,
    started: WorkflowExecutionStarted,
    bytes: number,
    start: NewRun,
  ): Promise<Birth> {
    const { runs } = this.#driver
    return new Promise((resolve) => {
      const execution = runs.create(identity, program)
      execution.bear(start, { event: started, bytes, seq: null }, (birth) => {
        if (birth.kind === 'committed' && execution.phase !== 'gone') runs.open(execution)
        resolve(birth)
      })
    })
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
      if (summary !== null) return { workflowId, runId, version: summary.version, created: false }
      return null
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

  async #terminate(ref: { namespace: string; workflowId: string; runId: string }): Promise<void> {
    try {
      await this.#operations.terminate(ref, 'another execution was started in its place')
    } catch (thrown) {
      if (thrown instanceof EngineError && thrown.code === 'ExecutionClosed') return
      throw thrown
    }
    await this.#views.result(ref, { waitMs: terminateWaitMs })
  }

  #checkedInput(program: Program, given: Json): { readonly input: Json; readonly bytes: number } {
    const checked = checkValue(given, this.#payloadBytes)
    if (checked.problem !== null) {
      const code = checked.problem.kind === 'size' ? 'LimitExceeded' : 'InputInvalid'
      throw new EngineError(code, `the input ${checked.problem.message}`, {
        details: checked.problem.details,
      })
    }
    const check = inputCheck(program)
    if (check === null) return { input: checked.value, bytes: checked.bytes }
    const { name, version } = program.plan
    const answer = check(checked.value)
    if (answer.ok) return { input: answer.value, bytes: checked.bytes }
    throw new EngineError(
      'InputInvalid',
      `the input does not match the schema of ${name}@${version}: ${schemaErrorText(answer.errors)}`,
      {
        details: answer.errors.map(({ path, message }) => ({ path, message })),
        suggestion: `see 'input' in the definition ${name}@${version}`,
      },
    )
  }

  #text(what: string, value: Json | undefined): string | null {
    if (value === undefined) return null
    const checked = checkValue(value, this.#payloadBytes)
    if (checked.problem === null) return JSON.stringify(checked.value)
    const code = checked.problem.kind === 'size' ? 'LimitExceeded' : 'RequestInvalid'
    throw new EngineError(code, `${what} ${checked.problem.message}`)
  }
}

/** What the activities of the plan say of themselves, recorded so that the reducer needs no registry. */
function ownSettings(program: Program, driver: Driver): { readonly [name: string]: ActivitySettings } {
  const settings: { [name: string]: ActivitySettings } = {}
  for (const [name, range] of activitiesOf(program)) {
    const found = driver.parts.executor.find(name, range)
    if (found !== null && Object.keys(found.settings).length > 0) settings[name] = found.settings
  }
  return settings
}

const activityNames = new WeakMap<Program, readonly (readonly [name: string, range: string | undefined])[]>()

function activitiesOf(program: Program): readonly (readonly [name: string, range: string | undefined])[] {
  const known = activityNames.get(program)
  if (known !== undefined) return known
  const names = new Map<string, string | undefined>()
  for (const step of Object.values(program.plan.steps)) {
    if (step.verb === 'activity' && !names.has(step.activity)) names.set(step.activity, step.versionRange)
  }
  const found = [...names]
  activityNames.set(program, found)
  return found
}

/** Those that a run must remember, because another node or a later release may have others. */
function changedLimits(limits: Limits): Partial<RunLimits> {
  const keys = Object.keys(runLimits) as (keyof RunLimits)[]
  return Object.fromEntries(
    keys.filter((key) => limits[key] !== runLimits[key]).map((key) => [key, limits[key]]),
  )
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
