/**
 * Brings a message from outside into the inbox of the open run that is meant (keeps I5). Owns finding that run, also
 * along a chain, and trying again where it closed in between; what the messages are is `operations.ts` and
 * `updates.ts`.
 */
import type { Program } from '../../interpreter/program.ts'
import { type OutgoingMessage, type SendResult, StorageDataError } from '../../storage/contract.ts'
import type { ExecutionRef } from '../contract.ts'
import { closedError, fullError, notFoundError } from '../doors/execution-errors.ts'
import type { Driver } from '../driver.ts'
import { EngineError } from '../engine-error.ts'
import { type Message, messageText } from '../messages.ts'
import { ProgramError } from '../programs.ts'
import { lastOfChain } from '../waiting/chains.ts'
import { Posting } from './posting.ts'

export interface Target {
  readonly runId: string
  readonly firstRunId: string
  readonly workflow: string
  readonly version: string
}

/** What goes to a target, and how a second one is told from the first. */
export interface Letter {
  readonly message: Message
  /** One of this id goes to a chain of runs once, and its answer is kept by it. */
  readonly messageId?: string
}

export type Delivered = SendResult & { readonly outcome: 'accepted' | 'duplicate' }

/** The execution may close and start anew between the look and the send: looked at again so often. */
const sendAttempts = 5
/** A chain may go on while the message looks for its last run. */
const chainAttempts = 50

export class Deliveries {
  readonly #driver: Driver
  readonly #posting: Posting
  /** The limit pendingMessages. */
  readonly #mostPending: number

  constructor(driver: Driver) {
    this.#driver = driver
    const { storage, clock, limits } = driver.parts
    this.#mostPending = limits.pendingMessages
    this.#posting = new Posting(storage.messages, () => clock.now())
  }

  /**
   * Throws `ExecutionNotFound`, `LimitExceeded` (of a signal or update that is one too many), or `ExecutionClosed`; but
   * where `mayBeKnown` whether a closed run took this message before it closed, so that who sends it again learns so,
   * is asked of the store.
   */
  async deliver(
    ref: ExecutionRef,
    mayBeKnown: boolean,
    write: (target: Target) => Letter | Promise<Letter>,
  ): Promise<Delivered> {
    const { namespace, workflowId } = ref
    for (let attempt = 1; ; attempt += 1) {
      const target = await this.#target(ref, mayBeKnown)
      const { message, messageId } = await write(target)
      const sent = await this.#send({
        namespace,
        workflowId,
        runId: target.runId,
        payload: messageText(message),
        dedupe: null,
        ...(messageId !== undefined && { messageId }),
        ...(isBounded(message) && { mostPending: this.#mostPending }),
      })
      if (sent.outcome === 'notFound') throw notFoundError(ref)
      if (sent.outcome === 'full') throw fullError(workflowId, this.#mostPending)
      if (sent.outcome !== 'closed') {
        this.#driver.delivered(sent.runId, sent.owner)
        return sent
      }
      // It closed since we looked. Its chain may go on, and another run of this id may be open by now.
      const isOver = sent.status === 'continuedAsNew' ? attempt >= chainAttempts : attempt >= sendAttempts
      if (isOver || (ref.runId !== undefined && sent.status !== 'continuedAsNew')) {
        throw closedError(ref, sent.runId, sent.status)
      }
    }
  }

  /** Throws `WorkflowNotFound`: without the definition a payload cannot be checked. */
  async program(namespace: string, target: Target): Promise<Program> {
    try {
      return (await this.#driver.programs.get(namespace, target.workflow, target.version)).program
    } catch (thrown) {
      if (!(thrown instanceof ProgramError)) throw thrown
      throw new EngineError('WorkflowNotFound', `the payload cannot be checked: ${thrown.message}`)
    }
  }

  async #send(message: OutgoingMessage): Promise<SendResult> {
    try {
      return await this.#driver.busy.during(() => this.#posting.send(message))
    } catch (thrown) {
      if (thrown instanceof StorageDataError) {
        throw new EngineError('RequestInvalid', `the database refused the message: ${thrown.message}`)
      }
      throw thrown
    }
  }

  async #target(ref: ExecutionRef, mayBeKnown: boolean): Promise<Target> {
    const local = this.#driver.runs.find(ref.namespace, ref.workflowId, ref.runId)
    if (local !== undefined) return local.identity
    const { visibility } = this.#driver.parts.storage
    const found = await visibility.find(ref.namespace, ref.workflowId, ref.runId)
    if (found === null) throw notFoundError(ref)
    const summary = await lastOfChain(visibility, found)
    if (summary.status !== 'running' && !mayBeKnown) throw closedError(ref, summary.runId, summary.status)
    return summary
  }
}

/** What an operator says gets through whatever waits, so that an execution that is full can be ended. */
function isBounded({ type }: Message): boolean {
  return type === 'WorkflowSignalReceived' || type === 'WorkflowUpdateAccepted'
}
