/** `return`: ends the workflow with this result; the `finally` blocks that it leaves run first. */
import type { ReturnStep } from '../../schema/plan.ts'
import { render } from '../expressions/render.ts'
import { scopeOf } from '../fibers/scope.ts'
import { withinPayload } from '../templates/payload.ts'
import { done, neverWaits, type Verb } from './verb.ts'

export const returnVerb: Verb<ReturnStep, never> = {
  ...neverWaits,
  async enter(turn, fiber, step) {
    const value = await render(turn.program, step.value, scopeOf(turn.state, fiber), turn.context)
    return done({ kind: 'return', value: withinPayload(turn.state.limits, value, 'the result') })
  },
}
