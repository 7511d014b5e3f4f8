/** Signals to other executions: from the verb `signal` to its answer. Owns the book of pending ones. */
import type { ExternalWorkflowSignaled, SignalExternalFailed } from './child-events.ts'
import type { PendingSignal } from './state.ts'
import type { Turn } from './turn.ts'

export function externalSignalFor(
  _turn: Turn,
  _event: ExternalWorkflowSignaled | SignalExternalFailed,
): PendingSignal | undefined {
  throw new Error('INT-A')
}

export function externalSignalAnswered(
  _turn: Turn,
  _pending: PendingSignal,
  _event: ExternalWorkflowSignaled | SignalExternalFailed,
): void {
  throw new Error('INT-A')
}
