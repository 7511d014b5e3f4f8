/**
 * Handlers: the `do` of signals and updates, which run beside the main steps. Owns who of them is under way and who
 * waits for another to end; what starts one is in `signals.ts` and `updates.ts`.
 */
import { cancelFiber } from './cancellation.ts'
import type { Fiber, State } from './state.ts'
import type { Turn } from './turn.ts'

export function handlersUnderWay(state: State): Fiber[] {
  return Object.values(state.fibers).filter(
    (fiber) => fiber.parent === null && (fiber.role.kind === 'signal' || fiber.role.kind === 'update'),
  )
}

/** Under way, or waiting for one that is. */
export function hasHandlers(state: State): boolean {
  return handlersUnderWay(state).length > 0 || Object.keys(state.handlersQueued).length > 0
}

/** Those that did not begin never will. */
export function cancelHandlers(turn: Turn): void {
  turn.state.handlersQueued = {}
  for (const fiber of handlersUnderWay(turn.state)) cancelFiber(turn, fiber, 0)
}

/** A handler of the signal has ended: the next that waits begins. Called when its fiber is gone. */
export function handlerSlotFreed(_turn: Turn, _signal: string): void {}
