/**
 * What a fiber waited for in the world (an activity, a child) has ended. Owns how that meets a cancellation that was held
 * meanwhile; called by the books of what is pending.
 */
import type { Completion, FiberId } from '../state.ts'
import { type Turn, wake } from './turn.ts'

/** Nothing where the fiber is gone, or nobody waits (null). `cancelRequested`: it was asked to stop, and waited for. */
export function outcomeFor(
  turn: Turn,
  fiberId: FiberId | null,
  completion: Completion,
  cancelRequested: true | undefined,
): void {
  const fiber = fiberId === null ? undefined : turn.state.fibers[fiberId]
  if (fiber === undefined) return
  // A fiber that was canceled while it waits for this one takes an error of its own as the delivery (keeps "delivered
  // once"). One that only cleans up keeps what it holds: an error in there that is caught must not swallow it.
  if (completion.kind === 'throw' && cancelRequested === true && fiber.heldCancel !== undefined) {
    wake(turn, fiber, { ...completion, canceledFrom: fiber.heldCancel })
    delete fiber.heldCancel
    return
  }
  wake(turn, fiber, completion)
}
