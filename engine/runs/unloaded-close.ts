/**
 * What the close of a run sends that is closed without its state (a parked one that is terminated): the report to its
 * parent, the end of its children, the answers that senders wait for. Pure, from what stands in history and inbox; the
 * reducer decides the same for a run that it can load.
 */

import type { WorkflowError } from '../../interpreter/errors/fault.ts'
import type { StoredEvent } from '../../interpreter/events.ts'
import type { Instant, LoadedRun, TurnMessage, TurnSends } from '../../storage/contract.ts'
import { type Message, messageText } from '../messages.ts'
import { parentReport } from '../sends/parent-report.ts'
import type { StoredTurn } from './load.ts'

type Initiated = StoredEvent & { readonly type: 'StartChildWorkflowExecutionInitiated' }

/** `turns` from the start of the history; `inbox` is what it has not taken. Undefined: nobody needs to be told. */
export function sendsOfUnloadedClose(
  run: LoadedRun,
  turns: readonly StoredTurn[],
  inbox: readonly Message[],
  error: WorkflowError,
  now: Instant,
): TurnSends | undefined {
  const messages: TurnMessage[] = openChildren(turns, inbox).flatMap((child) => childEnd(run, child, now))
  for (const message of inbox) {
    if (message.type !== 'WorkflowSignalReceived' || message.replyTo?.kind !== 'workflow') continue
    const { workflowId, runId, signalId } = message.replyTo
    const text = `the execution '${run.workflowId}' was terminated before it took the signal`
    const refused = { type: 'SignalTargetNotFound', message: text, retryable: true }
    messages.push({
      namespace: run.namespace,
      workflowId,
      runId,
      payload: messageText({ type: 'SignalExternalFailed', timestamp: now, signalId, error: refused }),
      whenAccepted: null,
      whenNotFound: null,
    })
  }
  if (run.parent !== null) messages.push(parentReport(run, run.parent, { kind: 'terminated', error }, now))
  if (messages.length === 0) return undefined
  return { at: now, births: [], successor: null, messages, answers: [], outbox: [], notes: [] }
}

/** Initiated and not known to have ended. A row that was damaged names none. */
function openChildren(turns: readonly StoredTurn[], inbox: readonly Message[]): readonly Initiated[] {
  const open = new Map<number, Initiated>()
  for (const event of [...turns.flatMap(eventsOf), ...inbox]) {
    if (event.type === 'StartChildWorkflowExecutionInitiated') open.set(event.childId, event)
    else if ('childId' in event && endings.has(event.type) && event.childId !== undefined) {
      open.delete(event.childId)
    }
  }
  return [...open.values()]
}

const endings: ReadonlySet<StoredEvent['type']> = new Set<StoredEvent['type']>([
  'StartChildWorkflowExecutionFailed',
  'ChildWorkflowExecutionCompleted',
  'ChildWorkflowExecutionFailed',
  'ChildWorkflowExecutionTimedOut',
  'ChildWorkflowExecutionCanceled',
  'ChildWorkflowExecutionTerminated',
])

function childEnd(run: LoadedRun, child: Initiated, timestamp: Instant): readonly TurnMessage[] {
  if (child.onParentClose === 'abandon') return []
  const type =
    child.onParentClose === 'cancel' ? 'WorkflowExecutionCancelRequested' : 'WorkflowExecutionTerminated'
  const reason = `its parent '${run.workflowId}' was terminated`
  return [
    {
      namespace: run.namespace,
      workflowId: child.workflowId,
      firstRunId: child.runId,
      payload: messageText({ type, timestamp, reason }),
      whenAccepted: null,
      whenNotFound: null,
    },
  ]
}

function eventsOf(turn: StoredTurn): readonly StoredEvent[] {
  try {
    const events: unknown = JSON.parse(turn.events)
    return Array.isArray(events) ? events.filter((event) => typeof event === 'object' && event !== null) : []
  } catch {
    return []
  }
}
