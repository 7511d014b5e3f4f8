/**
 * Messages from outside to a run: signal, cancel, terminate. Each is answered when it is durable (keeps I5), and one
 * that is refused leaves no trace in history.
 */
import type { Program } from '../interpreter/program.ts'
import type { Json } from '../schema/json.ts'
import { type SendResult, StorageDataError } from '../storage/contract.ts'
import type { ExecutionRef } from './contract.ts'
import type { Driver } from './driver.ts'
import { EngineError } from './engine-error.ts'
import { closedError, notFoundError } from './execution-errors.ts'
import { type Message, messageText } from './messages.ts'
import { schemaErrorText, signalCheck } from './plan-checks.ts'
import { ProgramError } from './programs.ts'
import { checkId, checkText } from './request-texts.ts'
import { checkValue } from './value-door.ts'

interface Target {
  readonly runId: string
  readonly workflow: string
  readonly version: string
}

/** The execution may close and start anew between the look and the send: looked at again so often. */
const sendAttempts = 5

export class Operations {
  readonly #driver: Driver
  readonly #payloadBytes: number

  constructor(driver: Driver, payloadBytes: number) {
    this.#driver = driver
    this.#payloadBytes = payloadBytes
  }

  async signal(ref: ExecutionRef, name: string, input: Json, requestId?: string): Promise<void> {
    this.#driver.assertServing()
    if (requestId !== undefined) checkId('the request id', requestId)
    const checked = checkValue(input ?? null, this.#payloadBytes)
    if (checked.problem !== null) {
      const code = checked.problem.kind === 'size' ? 'LimitExceeded' : 'SignalInvalid'
      throw new EngineError(code, `the payload of the signal ${checked.problem.message}`, {
        details: checked.problem.details,
      })
    }
    await this.#deliver(ref, requestId === undefined ? null : `signal:${requestId}`, async (target) => {
      const program = await this.#program(ref.namespace, target)
      return {
        type: 'WorkflowSignalReceived',
        timestamp: this.#driver.parts.clock.now(),
        signal: name,
        input: checkedSignal(program, name, checked.value),
        ...(requestId !== undefined && { requestId }),
      }
    })
  }

  async cancel(ref: ExecutionRef, reason?: string): Promise<void> {
    this.#driver.assertServing()
    const text = reason === undefined ? null : checkText('the reason', reason)
    await this.#deliver(ref, null, () => ({
      type: 'WorkflowExecutionCancelRequested',
      timestamp: this.#driver.parts.clock.now(),
      reason: text,
    }))
  }

  /** Needs neither plan nor state: a run that cannot be loaded is closed all the same. */
  async terminate(ref: ExecutionRef, reason?: string): Promise<void> {
    this.#driver.assertServing()
    const text = reason === undefined ? null : checkText('the reason', reason)
    const runId = await this.#deliver(ref, null, () => ({
      type: 'WorkflowExecutionTerminated',
      timestamp: this.#driver.parts.clock.now(),
      reason: text,
    }))
    await this.#driver.terminateParked({ ...ref, runId })
  }

  async #deliver(
    ref: ExecutionRef,
    dedupe: string | null,
    message: (target: Target) => Message | Promise<Message>,
  ): Promise<string> {
    const { namespace, workflowId } = ref
    for (let attempt = 1; ; attempt += 1) {
      const target = await this.#target(ref, dedupe !== null)
      const payload = messageText(await message(target))
      const [sent] = await this.#send({ namespace, workflowId, runId: target.runId, payload, dedupe })
      if (sent === undefined || sent.outcome === 'notFound') throw notFoundError(ref)
      if (sent.outcome !== 'closed') {
        this.#driver.delivered(sent.runId, sent.owner)
        return sent.runId
      }
      // It closed since we looked. Another run of this id may be open by now.
      if (ref.runId !== undefined || attempt === sendAttempts) throw closedError(ref, sent.runId, sent.status)
    }
  }

  async #send(message: {
    readonly namespace: string
    readonly workflowId: string
    readonly runId: string
    readonly payload: string
    readonly dedupe: string | null
  }): Promise<readonly SendResult[]> {
    const { storage, clock } = this.#driver.parts
    try {
      return await this.#driver.busy.during(() => storage.messages.send([message], clock.now()))
    } catch (thrown) {
      if (thrown instanceof StorageDataError) {
        throw new EngineError('RequestInvalid', `the database refused the message: ${thrown.message}`)
      }
      throw thrown
    }
  }

  /**
   * The open run. Throws `ExecutionNotFound`, or `ExecutionClosed`, but where `mayBeDuplicate`: whether a closed run
   * took this message before it closed, so that who sends it again learns so, is known to the store alone.
   */
  async #target(ref: ExecutionRef, mayBeDuplicate: boolean): Promise<Target> {
    const local = this.#driver.runs.find(ref.namespace, ref.workflowId, ref.runId)
    if (local !== undefined) return local.identity
    const { visibility } = this.#driver.parts.storage
    const summary = await visibility.find(ref.namespace, ref.workflowId, ref.runId)
    if (summary === null) throw notFoundError(ref)
    if (summary.status !== 'running' && !mayBeDuplicate) throw closedError(ref, summary.runId, summary.status)
    return summary
  }

  async #program(namespace: string, target: Target): Promise<Program> {
    try {
      return (await this.#driver.programs.get(namespace, target.workflow, target.version)).program
    } catch (thrown) {
      if (!(thrown instanceof ProgramError)) throw thrown
      throw new EngineError('WorkflowNotFound', `the payload cannot be checked: ${thrown.message}`)
    }
  }
}

function checkedSignal(program: Program, name: string, payload: Json): Json {
  const { plan } = program
  if (!Object.hasOwn(plan.signals, name)) {
    const declared = Object.keys(plan.signals)
    throw new EngineError('SignalNotDeclared', `${plan.name}@${plan.version} declares no signal '${name}'`, {
      suggestion:
        declared.length === 0 ? 'it declares no signals at all' : `it declares ${declared.join(', ')}`,
    })
  }
  const check = signalCheck(program, name)
  if (check === null) return payload
  const answer = check(payload)
  if (answer.ok) return answer.value
  throw new EngineError(
    'SignalInvalid',
    `the payload does not match the schema of the signal '${name}' of ${plan.name}@${plan.version}: ${schemaErrorText(answer.errors)}`,
    { details: answer.errors.map(({ path, message }) => ({ path, message })) },
  )
}
