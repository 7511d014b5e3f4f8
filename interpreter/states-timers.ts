/** The `after` of a state has passed. */
import type { PendingId } from './events.ts'
import type { Fiber } from './state.ts'
import type { Turn } from './turn.ts'

export async function stateTimerFired(_turn: Turn, _fiber: Fiber, _timer: PendingId): Promise<void> {
  throw new Error('INT-B')
}
