/** `do`: a group; with `if` it may have `else`. Opens no scope. The machine enters `else` where `if` is false. */
import type { DoStep } from '../../schema/plan.ts'
import type { DoFrame } from '../state.ts'
import { done, holdsBlock, type Verb } from './verb.ts'

export const doVerb: Verb<DoStep, DoFrame> = {
  ...holdsBlock,
  enter(_turn, fiber, step) {
    fiber.frames.push({ kind: 'step', verb: 'do', step: step.id })
    return { kind: 'enter', block: step.block }
  },
  resume(_turn, _fiber, _frame, _step, completion) {
    return done(completion)
  },
}
