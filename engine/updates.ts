/**
 * Updates: a message with an answer, once per update id. Owns the road from the request to the answer; whether one is
 * accepted and what it does is decided by the run. A sender that lost its connection asks again with the same id and
 * gets the first answer, also when the run has closed since.
 */
import { randomUUID } from 'node:crypto'
import type { WorkflowError } from '../interpreter/fault.ts'
import type { Answers } from './answers.ts'
import type { ExecutionRef, UpdateAnswer, UpdateRequest } from './contract.ts'
import type { Deliveries } from './delivery.ts'
import type { Driver } from './driver.ts'
import { EngineError } from './engine-error.ts'
import { type EngineErrorCode, engineErrors } from './error-catalogue.ts'
import { checkedPayload, storablePayload } from './payload-checks.ts'
import { checkId } from './request-texts.ts'

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
    const sent = await this.#deliveries.deliver(ref, request.updateId !== undefined, async (target) => {
      const program = await this.#deliveries.program(ref.namespace, target)
      const message = {
        type: 'WorkflowUpdateAccepted',
        timestamp: this.#driver.parts.clock.now(),
        update: name,
        updateId,
        input: checkedPayload(program, 'update', name, payload),
      } as const
      return { message, messageId }
    })
    const { runId, firstRunId } = sent
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
