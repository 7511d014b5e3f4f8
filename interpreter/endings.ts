/**
 * Ends of fibers. One that ends tells who waits for it: the step that forked it, the book-keeping of handlers, the
 * saga, or the end of the run.
 */
import { handlerEnded, mainEnded, runUndone } from './closing.ts'
import { childEnded } from './fibers/joins.ts'
import type { Turn } from './fibers/turn.ts'
import { updateEnded } from './messages/updates.ts'
import { compensationEnded } from './sagas/undoing.ts'
import type { Completion, Fiber } from './state.ts'

export async function fiberEnded(turn: Turn, fiber: Fiber, completion: Completion): Promise<void> {
  const role = fiber.role
  switch (role.kind) {
    case 'main':
      delete turn.state.fibers[fiber.id]
      return mainEnded(turn, completion, fiber.heldCancel !== undefined)
    case 'branch':
    case 'item':
      await childEnded(turn, fiber, completion)
      delete turn.state.fibers[fiber.id]
      return
    case 'signal':
      delete turn.state.fibers[fiber.id]
      return handlerEnded(turn, role, completion)
    case 'update':
      await updateEnded(turn, fiber, role, completion)
      delete turn.state.fibers[fiber.id]
      return handlerEnded(turn, role, completion)
    case 'compensation':
      delete turn.state.fibers[fiber.id]
      if (compensationEnded(turn, fiber, role, completion) === 'over') runUndone(turn)
      return
    default:
      return role satisfies never
  }
}
