/** Which step a fiber undoes, so that what it schedules says so. */
import type { StepId } from '../../schema/plan.ts'
import { parentOf } from '../fibers/parent-fiber.ts'
import type { Fiber, State } from '../state.ts'

/** The step that this fiber, or one that forked it, undoes; undefined outside of compensations. */
export function compensatedStep(state: State, from: Fiber): StepId | undefined {
  for (let fiber: Fiber | undefined = from; fiber !== undefined; fiber = parentOf(state, fiber)) {
    if (fiber.role.kind === 'compensation') return fiber.role.step
  }
  return undefined
}
