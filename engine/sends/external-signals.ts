/**
 * Signals from one execution to another. Owns the look at the target before the commit: the payload is checked as a
 * caller's is, and a target that is a state machine is asked to answer by itself. Whether an open run is there is
 * decided by the store, in the commit.
 */

import type { ErrorShape } from '../../interpreter/errors/fault.ts'
import type { Outgoing } from '../../interpreter/outgoing.ts'
import type { Program } from '../../interpreter/program.ts'
import { isStateMachine } from '../../interpreter/states/states.ts'
import type { VisibilityStore } from '../../storage/contract.ts'
import { fullError } from '../doors/execution-errors.ts'
import { checkedPayload, errorShapeOf } from '../doors/payload-checks.ts'
import { EngineError } from '../engine-error.ts'
import { type Message, messageText, sentAt } from '../messages.ts'
import { ProgramError, type Programs } from '../programs.ts'
import type { RunIdentity } from '../runs/run-activities.ts'
import type { DecidedTurn, SendsDraft } from './draft.ts'

type Signal = Outgoing & { readonly kind: 'signal' }

interface Target {
  readonly runId: string
  readonly workflow: string
  readonly version: string
}

export class ExternalSignals {
  readonly #programs: Pick<Programs, 'get'>
  readonly #visibility: Pick<VisibilityStore, 'find'>
  readonly #loaded: (namespace: string, workflowId: string) => RunIdentity | undefined
  readonly #mostPending: number

  /** `loaded`: the open run of an execution, where this process holds it. */
  constructor(parts: {
    readonly programs: Pick<Programs, 'get'>
    readonly visibility: Pick<VisibilityStore, 'find'>
    readonly loaded: (namespace: string, workflowId: string) => RunIdentity | undefined
    /** The limit pendingMessages. */
    readonly mostPending: number
  }) {
    this.#programs = parts.programs
    this.#visibility = parts.visibility
    this.#loaded = parts.loaded
    this.#mostPending = parts.mostPending
  }

  async send(turn: DecidedTurn, outgoing: Signal, draft: SendsDraft): Promise<void> {
    const { namespace } = turn.run
    const { signalId, workflowId, signal } = outgoing
    const timestamp = sentAt(turn)
    const failed = (error: ErrorShape) =>
      messageText({ type: 'SignalExternalFailed', timestamp, signalId, error })
    const notFound: ErrorShape = {
      type: 'SignalTargetNotFound',
      message: `no execution '${workflowId}' is open in the namespace '${namespace}'`,
      details: { workflowId },
      retryable: true,
    }
    const target = await this.#target(turn, workflowId, draft)
    if (target === null) {
      draft.notes.push(failed(notFound))
      return
    }
    const checked = await this.#checked(namespace, target, outgoing)
    if ('error' in checked) {
      draft.notes.push(failed(checked.error))
      return
    }
    const message: Message = { type: 'WorkflowSignalReceived', timestamp, signal, input: checked.input }
    const { runId } = turn.run
    const replyTo = { kind: 'workflow', workflowId: turn.run.workflowId, runId, signalId } as const
    draft.messages.push({
      namespace,
      workflowId,
      payload: messageText(checked.answers ? { ...message, replyTo } : message),
      whenAccepted: checked.answers
        ? null
        : messageText({ type: 'ExternalWorkflowSignaled', timestamp, signalId, runId: target.runId }),
      whenNotFound: failed(notFound),
      whenFull: {
        mostPending: this.#mostPending,
        notice: failed(errorShapeOf(fullError(workflowId, this.#mostPending))),
      },
    })
  }

  /** Null: none is open. What this very turn brings into being counts. */
  async #target(turn: DecidedTurn, workflowId: string, draft: SendsDraft): Promise<Target | null> {
    const { run } = turn
    if (workflowId === run.workflowId) return turn.state.phase.kind === 'closed' ? null : run
    const born = draft.births.find((birth) => birth.run.workflowId === workflowId)
    if (born !== undefined) return { ...born.run, runId: born.runId }
    const loaded = this.#loaded(run.namespace, workflowId)
    if (loaded !== undefined) return loaded
    const summary = await this.#visibility.find(run.namespace, workflowId)
    return summary?.status === 'running' ? summary : null
  }

  async #checked(
    namespace: string,
    target: Target,
    { signal, input }: Signal,
  ): Promise<
    { readonly input: Signal['input']; readonly answers: boolean } | { readonly error: ErrorShape }
  > {
    let program: Program
    try {
      program = (await this.#programs.get(namespace, target.workflow, target.version)).program
      return { input: checkedPayload(program, 'signal', signal, input), answers: isStateMachine(program) }
    } catch (thrown) {
      if (thrown instanceof EngineError) return { error: errorShapeOf(thrown) }
      if (!(thrown instanceof ProgramError)) throw thrown
      const message = `the payload cannot be checked: ${thrown.message}`
      return { error: { type: 'SignalInvalid', message, retryable: false } }
    }
  }
}
