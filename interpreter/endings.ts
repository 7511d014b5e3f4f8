/**
 * Ends of fibers. One that ends tells who waits for it: the step that forked it, the book-keeping of handlers, the
 * saga, or the end of the run.
 */
import { handlerEnded, mainEnded } from './closing.ts'
import { compensationEnded } from './compensation.ts'
import { childEnded } from './joins.ts'
import type { Completion, Fiber } from './state.ts'
import type { Turn } from './turn.ts'

export async function fiberEnded(turn: Turn, fiber: Fiber, completion: Completion): Promise<void> {
  const role = fiber.role
  switch (role.kind) {
    case 'main':
      delete turn.state.fibers[fiber.id]
      return mainEnded(turn, completion)
    case 'branch':
    case 'item':
      await childEnded(turn, fiber, completion)
      delete turn.state.fibers[fiber.id]
      return
    case 'signal':
      delete turn.state.fibers[fiber.id]
      return handlerEnded(turn, completion)
    case 'compensation':
      delete turn.state.fibers[fiber.id]
      return compensationEnded(turn, role, completion)
    default:
      return role satisfies never
  }
}
