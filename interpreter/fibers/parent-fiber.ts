/** The step from a fiber to the one that forked it, for who walks outwards. */
import type { Fiber, State } from '../state.ts'

/** Undefined for the main line, for handlers, and for compensations of the run's own stack. */
export function parentOf(state: State, fiber: Fiber): Fiber | undefined {
  return fiber.parent === null ? undefined : state.fibers[fiber.parent]
}
