/**
 * What the senders of signals to a state machine are told. Owns the wording and the refusals at the machine's end; who
 * takes what is decided in `states/signals.ts`.
 */

import type { FaultType } from '../../schema/fault-catalogue.ts'
import type { Json } from '../../schema/json.ts'
import { type Fault, workflowError } from '../errors/fault.ts'
import { engineFault } from '../errors/faults.ts'
import type { ReplyTo } from '../events.ts'
import type { Turn } from '../fibers/turn.ts'
import type { Answer } from '../outgoing.ts'
import type { StateSignal } from '../state.ts'
import { machineOf } from './states.ts'

/** Without a sender that waits for it there is nobody to tell. */
export function answer(turn: Turn, to: ReplyTo | undefined, given: Answer): void {
  if (to !== undefined) turn.outgoing.push({ kind: 'answer', to, answer: given })
}

export function refuse(
  turn: Turn,
  replyTo: ReplyTo | undefined,
  type: FaultType,
  message: string,
  details: Json = null,
  cause: Fault | null = null,
): void {
  const error = engineFault(type, message, {}, { details, cause: cause && workflowError(cause.shape) })
  answer(turn, replyTo, { kind: 'refused', error })
}

export function refuseClosed(turn: Turn, replyTo: ReplyTo | undefined): void {
  refuse(
    turn,
    replyTo,
    'ExecutionClosed',
    'the execution has left its states: no transition can take a signal',
  )
}

/** The machine is left for good: nobody will take what still waits for its next state. */
export function refuseWaiting(turn: Turn, waiting: StateSignal[]): void {
  for (const { replyTo } of waiting.splice(0)) refuseClosed(turn, replyTo)
}

/** The run closes over it, as a termination does. */
export function closeStates(turn: Turn): void {
  const machine = machineOf(turn)
  if (machine !== undefined) refuseWaiting(turn, machine.frame.waiting)
}
