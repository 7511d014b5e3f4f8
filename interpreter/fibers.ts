/**
 * Births and deaths of fibers. A fiber that ends tells who waits for it: the frame that forked it, the handlers'
 * book-keeping, the saga, or the end of the run.
 */
import type { BlockKey } from '../schema/plan.ts'
import { handlerEnded, mainEnded } from './closing.ts'
import { compensationEnded } from './compensation.ts'
import { childEnded } from './joins.ts'
import type { Completion, Fiber, FiberRole, LocalScope } from './state.ts'
import { type Turn, takeId, wake } from './turn.ts'

export interface Birth {
  readonly role: FiberRole
  readonly parent: Fiber | null
  readonly path: string
  readonly block: BlockKey
  /** Absent for the main line alone. */
  readonly scope?: LocalScope
}

export function spawnFiber(turn: Turn, birth: Birth): Fiber {
  const fiber: Fiber = {
    id: takeId(turn),
    parent: birth.parent?.id ?? null,
    role: birth.role,
    path: birth.path,
    ...(birth.scope && { scope: birth.scope }),
    frames: [{ kind: 'block', block: birth.block, position: -1, last: null }],
  }
  turn.state.fibers[fiber.id] = fiber
  wake(turn, fiber, { kind: 'normal' })
  return fiber
}

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
