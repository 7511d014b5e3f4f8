/** `set`: assigns variables; all templates see the values from before the step. */
import type { Json } from '../../schema/json.ts'
import type { SetStep } from '../../schema/plan.ts'
import { render } from '../expressions/render.ts'
import { scopeOf } from '../scope.ts'
import { ended, neverWaits, type Verb } from './verb.ts'

export const setVerb: Verb<SetStep, never> = {
  ...neverWaits,
  async enter(turn, fiber, step) {
    const scope = scopeOf(turn.state, fiber)
    const values: [name: string, value: Json][] = []
    for (const [name, template] of step.assignments) {
      values.push([name, await render(turn.program, template, scope, turn.context)])
    }
    for (const [name, value] of values) turn.state.vars[name] = value
    // A compensation reads variables as they were; what it sets itself it must see.
    const kept = fiber.scope?.locals['vars']
    if (fiber.scope !== undefined && kept !== undefined && kept !== null && typeof kept === 'object') {
      fiber.scope.locals['vars'] = { ...kept, ...Object.fromEntries(values) }
    }
    return ended()
  },
}
