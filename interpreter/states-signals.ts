/** Signals to a state machine: a transition of the state takes one, or it is refused to its sender. */
import type { WorkflowSignalReceived } from './events.ts'
import type { Turn } from './turn.ts'

/** Records it where it is taken (or waits while the state is left); else it is answered and leaves no trace. */
export async function stateSignalOffered(_turn: Turn, _event: WorkflowSignalReceived): Promise<void> {
  throw new Error('INT-B')
}
