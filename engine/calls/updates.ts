/**
 * Updates: a message with an answer, once per update id. Owns the road from the request to the answer; whether one is
 * accepted and what it does is decided by the run. A sender that lost its connection asks again with the same id and
 * gets the first answer, also when the run has closed since.
 */
import { randomUUID } from 'node:crypto'
import type { WorkflowError } from '../../interpreter/errors/fault.ts'
import type { Answer } from '../../interpreter/outgoing.ts'
import type { Json } from '../../schema/json.ts'
import type { ExecutionRef, UpdateAnswer, UpdateRequest } from '../contract.ts'
import { checkedPayload, storablePayload } from '../doors/payload-checks.ts'
import { checkId } from '../doors/request-texts.ts'
import type { Driver } from '../driver.ts'
import { EngineError } from '../engine-error.ts'
import { type EngineErrorCode, engineErrors } from '../error-catalogue.ts'
import type { Answers, Awaited } from './answers.ts'
import type { Deliveries, Letter, Target } from './delivery.ts'

export class Updates {
  readonly #driver: Driver
  readonly #deliveries: Deliveries
  readonly #answers: Answers
  readonly #payloadBytes: number

  constructor(driver: Driver, deliveries: Deliveries, answers: Answers, payloadBytes: number) {
    this.#driver = driver
    this.#deliveries = deliveries
    this.#answers = answers
    this.#payloadBytes = payloadBytes
  }

  async update(ref: ExecutionRef, name: string, request: UpdateRequest): Promise<UpdateAnswer> {
    this.#driver.assertServing()
    const updateId =
      request.updateId === undefined ? randomUUID() : checkId('the update id', request.updateId)
    const messageId = `update/${updateId}`
    const payload = storablePayload('update', request.input ?? null, this.#payloadBytes)
    const write = (target: Target) => this.#letter(ref.namespace, target, name, updateId, payload)
    const { runId, firstRunId } =
      request.updateId === undefined
        ? await this.#deliveries.deliver(ref, false, write)
        : await this.#deliverOrFind(ref, messageId, write)
    const { waitMs, signal } = request
    const state = await this.#answers.wait({ runId, firstRunId, messageId }, { waitMs, signal })
    switch (state.kind) {
      case 'completed':
        return { updateId, status: 'completed', result: state.result }
      case 'failed':
        return { updateId, status: 'failed', error: state.error }
      case 'refused':
        throw refusedError('UpdateRejected', state.error)
      case 'lost':
        throw lostError(ref, 'update')
      case 'none':
        return { updateId, status: 'pending' }
      default:
        return state satisfies never
    }
  }

  async #letter(
    namespace: string,
    target: Target,
    update: string,
    updateId: string,
    payload: Json,
  ): Promise<Letter> {
    const program = await this.#deliveries.program(namespace, target)
    const message = {
      type: 'WorkflowUpdateAccepted',
      timestamp: this.#driver.parts.clock.now(),
      update,
      updateId,
      input: checkedPayload(program, 'update', update, payload),
    } as const
    return { message, messageId: `update/${updateId}` }
  }

  /**
   * One that was accepted is answered whatever is sent with its id now: its chain may go on under a version that no
   * longer declares it. Asked only where it would be refused, so that the road of every other one costs nothing more.
   */
  async #deliverOrFind(
    ref: ExecutionRef,
    messageId: string,
    write: (target: Target) => Promise<Letter>,
  ): Promise<Pick<Awaited, 'runId' | 'firstRunId'>> {
    let asked: Target | null = null
    try {
      return await this.#deliveries.deliver(ref, true, (target) => {
        asked = target
        return write(target)
      })
    } catch (thrown) {
      if (thrown instanceof EngineError && asked !== null && (await this.#isAccepted(asked, messageId))) {
        return asked
      }
      throw thrown
    }
  }

  async #isAccepted({ firstRunId }: Target, messageId: string): Promise<boolean> {
    const [known] = await this.#driver.parts.storage.messages.answers([{ firstRunId, messageId }])
    if (known?.state !== 'answered') return known?.state === 'pending'
    return (JSON.parse(known.answer) as Answer).kind !== 'refused'
  }
}

/** What the run said no with, under its own code where that is one of ours. */
export function refusedError(otherwise: EngineErrorCode, error: WorkflowError): EngineError {
  const code = isCode(error.type) ? error.type : otherwise
  return new EngineError(code, error.message, {
    ...(code === error.type
      ? error.details !== null && { details: error.details }
      : { details: { type: error.type, details: error.details } }),
  })
}

export function lostError(ref: ExecutionRef, what: 'update' | 'signal'): EngineError {
  return new EngineError(
    'ExecutionClosed',
    `the execution '${ref.workflowId}' has ended, or is parked, and gave no answer to the ${what}`,
    { details: { workflowId: ref.workflowId } },
  )
}

function isCode(type: string): type is EngineErrorCode {
  return Object.hasOwn(engineErrors, type)
}
