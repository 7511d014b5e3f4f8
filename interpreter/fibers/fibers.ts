/** Births of fibers: the main line, branches, items, handlers and compensations. Their ends are in `endings.ts`. */
import type { BlockKey } from '../../schema/plan.ts'
import type { Fiber, FiberRole, LocalScope } from '../state.ts'
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
