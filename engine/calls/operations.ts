/**
 * Messages from outside to a run: signal, cancel, terminate, pause, resume. Each is answered when it is durable
 * (keeps I5), and one that is refused leaves no trace in history. A signal to a state machine is answered by the run.
 */

import { randomUUID } from 'node:crypto'
import { isStateMachine } from '../../interpreter/states/states.ts'
import type { Json } from '../../schema/json.ts'
import type { ExecutionRef } from '../contract.ts'
import { checkedPayload, storablePayload } from '../doors/payload-checks.ts'
import { checkId, checkText } from '../doors/request-texts.ts'
import type { Driver } from '../driver.ts'
import { EngineError } from '../engine-error.ts'
import type { Answers, Awaited } from './answers.ts'
import type { Delivered, Deliveries, Letter } from './delivery.ts'
import { lostError, refusedError } from './updates.ts'

/** How long the sender of a signal waits for a state machine, which answers after its next turn. */
const signalAnswerWaitMs = 30_000

/** Under which the answer to the signal of a start is kept. */
export function startSignalId(requestId?: string): string {
  return `start/${requestId ?? randomUUID()}`
}

export class Operations {
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

  async signal(ref: ExecutionRef, name: string, input: Json, requestId?: string): Promise<void> {
    if (requestId !== undefined) checkId('the request id', requestId)
    await this.#signal(ref, name, input, requestId, `signal/${requestId ?? randomUUID()}`)
  }

  /** The signal of a start that met an execution: a signal of the same request id is another one. */
  async signalOfStart(ref: ExecutionRef, name: string, input: Json, requestId?: string): Promise<void> {
    await this.#signal(ref, name, input, requestId, startSignalId(requestId))
  }

  async #signal(
    ref: ExecutionRef,
    name: string,
    input: Json,
    requestId: string | undefined,
    messageId: string,
  ): Promise<void> {
    this.#driver.assertServing()
    const payload = storablePayload('signal', input ?? null, this.#payloadBytes)
    let isAnswered = false
    const sent = await this.#deliveries.deliver(ref, requestId !== undefined, async (target) => {
      const program = await this.#deliveries.program(ref.namespace, target)
      isAnswered = isStateMachine(program)
      const message = {
        type: 'WorkflowSignalReceived',
        timestamp: this.#driver.parts.clock.now(),
        signal: name,
        input: checkedPayload(program, 'signal', name, payload),
        ...(requestId !== undefined && { requestId }),
      } as const
      if (isAnswered) return { message: { ...message, replyTo: { kind: 'caller', messageId } }, messageId }
      // By the chain, not by the run: the execution may have continued as new since the first try.
      return requestId === undefined ? { message } : { message, messageId }
    })
    if (isAnswered) await this.signalAnswered(ref, { ...sent, messageId })
  }

  /** Waits for the answer of a state machine. Throws `SignalNotExpected` where it does not take the signal. */
  async signalAnswered(ref: ExecutionRef, awaited: Awaited): Promise<void> {
    const { runId, firstRunId, messageId } = awaited
    const waitMs = signalAnswerWaitMs
    const state = await this.#answers.wait({ runId, firstRunId, messageId }, { waitMs })
    switch (state.kind) {
      case 'completed':
        return
      case 'failed':
      case 'refused':
        throw refusedError('SignalNotExpected', state.error)
      case 'lost':
        throw lostError(ref, 'signal')
      case 'none':
        throw new EngineError(
          'Unavailable',
          `the execution '${ref.workflowId}' has the signal and has not said within ${waitMs} ms whether it takes it`,
          {
            suggestion: 'send it again with the same requestId to learn so; without one look at the history',
          },
        )
      default:
        return state satisfies never
    }
  }

  async cancel(ref: ExecutionRef, reason?: string): Promise<void> {
    await this.#tell(ref, 'WorkflowExecutionCancelRequested', reason)
  }

  /** Needs neither plan nor state: a run that cannot be loaded is closed all the same. */
  async terminate(ref: ExecutionRef, reason?: string): Promise<void> {
    const { runId } = await this.#tell(ref, 'WorkflowExecutionTerminated', reason)
    await this.#driver.terminateParked({ ...ref, runId })
  }

  /** One that is paused already stays so. */
  async pause(ref: ExecutionRef, reason?: string): Promise<void> {
    await this.#tell(ref, 'WorkflowExecutionPaused', reason)
  }

  async resume(
    ref: ExecutionRef,
    options: { readonly skip?: boolean; readonly reason?: string } = {},
  ): Promise<void> {
    const skip = options.skip === true ? ({ skip: true } as const) : {}
    await this.#tell(ref, 'WorkflowExecutionResumed', options.reason, skip)
  }

  async #tell(
    ref: ExecutionRef,
    type:
      | 'WorkflowExecutionCancelRequested'
      | 'WorkflowExecutionTerminated'
      | 'WorkflowExecutionPaused'
      | 'WorkflowExecutionResumed',
    reason: string | undefined,
    more: { readonly skip?: true } = {},
  ): Promise<Delivered> {
    this.#driver.assertServing()
    const text = reason === undefined ? null : checkText('the reason', reason)
    return this.#deliveries.deliver(ref, false, (): Letter => {
      const timestamp = this.#driver.parts.clock.now()
      return { message: { type, timestamp, reason: text, ...more } }
    })
  }
}
