/**
 * Signals to other executions: from the verb `signal` to the answer of the one that they are for. Owns the book of
 * pending ones.
 */
import type { Json } from '../../schema/json.ts'
import type { ExternalWorkflowSignaled, SignalExternalFailed } from '../child-events.ts'
import { reportedError } from '../errors/faults.ts'
import type { PendingId } from '../events.ts'
import { outcomeFor } from '../fibers/outcomes.ts'
import { decide, type Turn, takeId } from '../fibers/turn.ts'
import { stepPath } from '../paths.ts'
import type { Completion, Fiber, PendingSignal } from '../state.ts'

export interface SignalToSend {
  readonly workflowId: string
  readonly signal: string
  readonly input: Json
}

/** It leaves with the commit of this turn (keeps I1). */
export function sendSignal(turn: Turn, fiber: Fiber, step: string, sent: SignalToSend): PendingId {
  const id = takeId(turn)
  const path = stepPath(fiber, step)
  const { workflowId, signal, input } = sent
  turn.state.signalsPending[id] = { id, fiber: fiber.id, step, path, workflowId, signal }
  decide(turn, { type: 'SignalExternalInitiated', step, path, signalId: id, workflowId, signal, input })
  turn.outgoing.push({ kind: 'signal', signalId: id, workflowId, signal, input })
  return id
}

/** Undefined where nobody waits for the answer any more. */
export function externalSignalFor(
  turn: Turn,
  event: ExternalWorkflowSignaled | SignalExternalFailed,
): PendingSignal | undefined {
  return turn.state.signalsPending[event.signalId]
}

export function externalSignalAnswered(
  turn: Turn,
  { id, fiber, step, path }: PendingSignal,
  event: ExternalWorkflowSignaled | SignalExternalFailed,
): void {
  delete turn.state.signalsPending[id]
  const completion: Completion =
    event.type === 'ExternalWorkflowSignaled'
      ? { kind: 'normal' }
      : { kind: 'throw', error: reportedError(event.error, { step, path }) }
  outcomeFor(turn, fiber, completion, undefined)
}

/** It may arrive all the same; what the other execution says of it is of no more interest. */
export function forgetSignal(turn: Turn, id: PendingId): void {
  delete turn.state.signalsPending[id]
}
