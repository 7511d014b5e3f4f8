/** Updates: validated, then handled beside the main steps, and answered once. */
import type { WorkflowUpdateAccepted } from './events.ts'
import type { Completion, Fiber, FiberRole } from './state.ts'
import type { Turn } from './turn.ts'

/** Records it where it is accepted; else it is answered and leaves no trace. */
export async function updateOffered(_turn: Turn, _event: WorkflowUpdateAccepted): Promise<void> {
  throw new Error('INT-A')
}

/** The handler has ended; its fiber is still in the state, so that `return` sees its steps. */
export async function updateEnded(
  _turn: Turn,
  _fiber: Fiber,
  _role: Extract<FiberRole, { kind: 'update' }>,
  _completion: Completion,
): Promise<void> {
  throw new Error('INT-A')
}

/** The run closes with handlers of updates under way: their senders are told. */
export function closeUpdates(_turn: Turn): void {}
