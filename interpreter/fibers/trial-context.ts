/**
 * The context of an evaluation that may turn out not to count: a query, a guard, a condition of an update. Its random
 * numbers come from a copy, so that what leaves no trace in history leaves none in the state either (keeps I3).
 */
import type { EvaluationContext } from '../expressions/contract.ts'
import type { State } from '../state.ts'
import { nextRandom, type RandomState } from '../values/random.ts'

/** `random`: the generator as the evaluation leaves it, for who finds that it counts after all. */
export function trialContext(state: State): {
  readonly context: EvaluationContext
  readonly random: RandomState
} {
  const random: RandomState = [...state.random]
  return { context: { now: state.now, random: () => nextRandom(random), limits: state.limits }, random }
}
