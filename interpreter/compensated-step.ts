/** Which step a fiber undoes, so that what it schedules says so. */
import type { StepId } from '../schema/plan.ts'
import type { Fiber, State } from './state.ts'

/** The step that this fiber, or one that forked it, undoes; undefined outside of compensations. */
export function compensatedStep(state: State, from: Fiber): StepId | undefined {
  for (
    let fiber: Fiber | undefined = from;
    fiber;
    fiber = fiber.parent === null ? undefined : state.fibers[fiber.parent]
  ) {
    if (fiber.role.kind === 'compensation') return fiber.role.step
  }
  return undefined
}
