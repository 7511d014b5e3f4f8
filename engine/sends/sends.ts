/**
 * From what the reducer wants sent to what the store writes in the same commit (keeps I8). Owns the order and who
 * makes what: children and the next run `births.ts`, signals `external-signals.ts`, reports `parent-report.ts`, events
 * `outbox-writes.ts`. Called by `live-state.ts` between reduce and commit, and never where nothing is sent: nearly
 * every turn sends nothing, and must not pay for those that do.
 */

import type { Outgoing } from '../../interpreter/outgoing.ts'
import type { State } from '../../interpreter/state.ts'
import type { TurnMessage, TurnSends } from '../../storage/contract.ts'
import { messageText, sentAt } from '../messages.ts'
import type { WholeSink } from '../outbox/event-sinks.ts'
import type { Births } from './births.ts'
import type { DecidedTurn, SendsDraft } from './draft.ts'
import type { ExternalSignals } from './external-signals.ts'
import { outboxWrites } from './outbox-writes.ts'
import { parentReport } from './parent-report.ts'

export class Sends {
  readonly #births: Births
  readonly #signals: ExternalSignals
  readonly #sinks: readonly WholeSink[]

  constructor(births: Births, signals: ExternalSignals, sinks: readonly WholeSink[]) {
    this.#births = births
    this.#signals = signals
    this.#sinks = sinks
  }

  /** Undefined: nothing after all (an event that no sink wants). Rejects where the store cannot be reached. */
  async of(turn: DecidedTurn): Promise<TurnSends | undefined> {
    const draft: SendsDraft = {
      at: turn.now,
      births: [],
      successor: null,
      messages: [],
      answers: [],
      outbox: [],
      notes: [],
    }
    for (const outgoing of turn.outgoing) await this.#one(turn, outgoing, draft)
    const report = reportToParent(turn)
    if (report !== null) draft.messages.push(report)
    return isEmpty(draft) ? undefined : draft
  }

  async #one(turn: DecidedTurn, outgoing: Outgoing, draft: SendsDraft): Promise<void> {
    const { run } = turn
    const timestamp = sentAt(turn)
    switch (outgoing.kind) {
      case 'startChild':
        return this.#births.child(turn, outgoing, draft)
      case 'continueAsNew':
        return this.#births.successor(turn, outgoing, draft)
      case 'signal':
        return this.#signals.send(turn, outgoing, draft)
      case 'cancelChild':
      case 'terminateChild': {
        const { workflowId, runId: firstRunId, reason } = outgoing
        const type =
          outgoing.kind === 'cancelChild' ? 'WorkflowExecutionCancelRequested' : 'WorkflowExecutionTerminated'
        draft.messages.push({
          namespace: run.namespace,
          workflowId,
          firstRunId,
          payload: messageText({ type, timestamp, reason }),
          whenAccepted: null,
          whenNotFound: null,
        })
        return
      }
      case 'emit': {
        const event = turn.events[outgoing.eventIndex]
        if (event?.type !== 'EventEmitted') throw new Error('an emit that is no event of its turn')
        const eventId = turn.firstEventId + outgoing.eventIndex
        draft.outbox.push(...outboxWrites(run, event, eventId, this.#sinks, turn.now))
        return
      }
      case 'answer':
        return answer(turn, outgoing, draft)
      default:
        return outgoing satisfies never
    }
  }
}

/** To a caller by the book of answers, to a workflow as a message to its run. */
function answer(turn: DecidedTurn, { to, answer }: Outgoing & { kind: 'answer' }, draft: SendsDraft): void {
  if (to.kind === 'caller') {
    draft.answers.push({ messageId: to.messageId, answer: JSON.stringify(answer) })
    return
  }
  const { workflowId, runId, signalId } = to
  const timestamp = sentAt(turn)
  const payload =
    answer.kind === 'completed'
      ? messageText({ type: 'ExternalWorkflowSignaled', timestamp, signalId, runId: turn.run.runId })
      : messageText({ type: 'SignalExternalFailed', timestamp, signalId, error: answer.error })
  const { namespace } = turn.run
  draft.messages.push({ namespace, workflowId, runId, payload, whenAccepted: null, whenNotFound: null })
}

/** Null: it has no parent, is still open, or its next run goes on for it. */
function reportToParent(turn: DecidedTurn): TurnMessage | null {
  const { phase, childId, workflow } = turn.state
  if (phase.kind !== 'closed' || phase.outcome.kind === 'continuedAsNew') return null
  if (workflow.parent === null || childId === null) return null
  return parentReport(turn.run, { ...workflow.parent, childId }, phase.outcome, sentAt(turn))
}

function isEmpty(draft: SendsDraft): boolean {
  return (
    draft.births.length === 0 &&
    draft.successor === null &&
    draft.messages.length === 0 &&
    draft.answers.length === 0 &&
    draft.outbox.length === 0 &&
    draft.notes.length === 0
  )
}

/**
 * Whether the store puts something into the sender's own inbox in any case: then it is not let go of, and looks there
 * after the commit. Never for what somebody else answers later: a machine that is to answer may wait for the place in
 * memory that its sender would hold (keeps I6).
 */
export function bringsReplies(sends: TurnSends): boolean {
  return (
    sends.births.length > 0 ||
    sends.notes.length > 0 ||
    sends.messages.some(({ whenAccepted, whenNotFound }) => whenAccepted !== null && whenNotFound !== null)
  )
}

/** Whether it may have: then a run that is still in memory looks. */
export function mayBringReplies(sends: TurnSends): boolean {
  return bringsReplies(sends) || sends.messages.some(({ whenNotFound }) => whenNotFound !== null)
}

/** Whether a turn of this state sends anything: asked of every turn, so it costs a comparison. */
export function sendsAnything(state: State, outgoing: readonly Outgoing[]): boolean {
  return outgoing.length > 0 || (state.phase.kind === 'closed' && state.childId !== null)
}

/** Estimate of what it adds to a commit. */
export function bytesOfSends(sends: TurnSends): number {
  let bytes = 0
  for (const { inbox } of sends.births) for (const text of inbox) bytes += text.length
  for (const text of sends.successor?.inbox ?? []) bytes += text.length
  for (const { payload } of sends.messages) bytes += payload.length
  for (const { answer } of sends.answers) bytes += answer.length
  for (const { event } of sends.outbox) bytes += event.length
  return bytes
}
