/**
 * What a fiber waited for in the world (an activity, a child) has ended. Owns how that meets a cancellation that was held
 * meanwhile; called by the books of what is pending.
 */
import type { Completion, FiberId } from './state.ts'
import { type Turn, wake } from './turn.ts'

/** Nothing where the fiber is gone, or nobody waits (null). */
export function outcomeFor(turn: Turn, fiberId: FiberId | null, completion: Completion): void {
  const fiber = fiberId === null ? undefined : turn.state.fibers[fiberId]
  if (fiber === undefined) return
  // A fiber that was canceled while it waits for this one takes an error of its own as the delivery (keeps "delivered once").
  if (completion.kind === 'throw' && fiber.heldCancel !== undefined) {
    wake(turn, fiber, { ...completion, canceledFrom: fiber.heldCancel })
    delete fiber.heldCancel
    return
  }
  wake(turn, fiber, completion)
}
