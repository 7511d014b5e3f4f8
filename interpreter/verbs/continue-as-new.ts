/**
 * `continueAsNew`: ends this run and starts the next one under the same workflow id. It leaves as `return` does: siblings
 * are canceled and the `finally` blocks on the way run first; the next run is born when this one closes (`closing.ts`).
 */
import type { ContinueAsNewStep } from '../../schema/plan.ts'
import { render } from '../expressions/render.ts'
import { scopeOf } from '../fibers/scope.ts'
import { withinPayload } from '../templates/payload.ts'
import { renderText } from '../templates/texts.ts'
import { done, neverWaits, type Verb } from './verb.ts'

export const continueAsNewVerb: Verb<ContinueAsNewStep, never> = {
  ...neverWaits,
  async enter(turn, fiber, step) {
    const scope = scopeOf(turn.state, fiber)
    const rendered =
      step.input === undefined
        ? turn.state.input
        : await render(turn.program, step.input, scope, turn.context)
    const input = withinPayload(turn.state.limits, rendered, 'the input')
    if (step.version === undefined) return done({ kind: 'continueAsNew', input })
    const version = await renderText(turn, scope, step.version, 'version')
    return done({ kind: 'continueAsNew', input, version })
  },
}
