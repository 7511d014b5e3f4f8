/** `switch`: the first branch whose `when` holds; no fall-through; none gives null. */
import type { SwitchStep } from '../../schema/plan.ts'
import { evaluateCondition } from '../expressions/render.ts'
import { scopeOf } from '../fibers/scope.ts'
import type { SwitchFrame } from '../state.ts'
import { done, ended, holdsBlock, type Verb } from './verb.ts'

export const switchVerb: Verb<SwitchStep, SwitchFrame> = {
  ...holdsBlock,
  async enter(turn, fiber, step) {
    const scope = scopeOf(turn.state, fiber)
    let chosen = step.otherwise
    for (const branch of step.cases) {
      if (!(await evaluateCondition(turn.program, branch.when, scope, turn.context))) continue
      chosen = branch.block
      break
    }
    if (chosen === undefined) return ended(null)
    fiber.frames.push({ kind: 'step', verb: 'switch', step: step.id })
    return { kind: 'enter', block: chosen }
  },
  resume(_turn, _fiber, _frame, _step, completion) {
    return done(completion)
  },
}
