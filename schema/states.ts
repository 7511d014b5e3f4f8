/** Reads the states of a plan: every transition of one, in the order of their numbers. Pure. */
import type { PlanState, PlanTransition } from './plan.ts'

export function transitionsOf(state: PlanState): readonly PlanTransition[] {
  return [
    ...state.next,
    ...state.catches.map(({ transition }) => transition),
    ...Object.values(state.on).flat(),
    ...state.after.flatMap(({ transitions }) => transitions),
  ]
}
