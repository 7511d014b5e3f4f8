/** `set`: assigns variables; all templates see the values from before the step. */
import type { Json, JsonObject } from '../../schema/json.ts'
import type { SetStep } from '../../schema/plan.ts'
import { render } from '../expressions/render.ts'
import { parentOf } from '../fibers/parent-fiber.ts'
import { scopeOf } from '../fibers/scope.ts'
import type { Fiber, State } from '../state.ts'
import { withinVariable } from '../templates/payload.ts'
import { ended, neverWaits, type Verb } from './verb.ts'

export const setVerb: Verb<SetStep, never> = {
  ...neverWaits,
  async enter(turn, fiber, step) {
    const scope = scopeOf(turn.state, fiber)
    const values: [name: string, value: Json][] = []
    for (const [name, template] of step.assignments) {
      const value = await render(turn.program, template, scope, turn.context)
      values.push([name, withinVariable(turn.state.limits, value, name)])
    }
    for (const [name, value] of values) turn.state.vars[name] = value
    keepInCompensation(turn.state, fiber, Object.fromEntries(values))
    return ended()
  },
}

/** A compensation reads variables as they were; what it sets itself, in its branches too, it must see. */
function keepInCompensation(state: State, from: Fiber, values: JsonObject): void {
  let fiber: Fiber | undefined = from
  while (fiber !== undefined && fiber.role.kind !== 'compensation') {
    fiber = parentOf(state, fiber)
  }
  if (fiber?.scope === undefined) return
  const kept = fiber.scope.locals['vars'] as JsonObject | undefined
  fiber.scope.locals['vars'] = { ...kept, ...values }
}
