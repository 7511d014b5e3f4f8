/** `emit`: publishes a CloudEvent through the outbox, in the commit of the turn. Never waits, and has no result. */
import type { EmitStep } from '../../schema/plan.ts'
import { render } from '../expressions/render.ts'
import { scopeOf } from '../fibers/scope.ts'
import { decide } from '../fibers/turn.ts'
import { stepPath } from '../paths.ts'
import { withinPayload } from '../templates/payload.ts'
import { renderText } from '../templates/texts.ts'
import { ended, neverWaits, type Verb } from './verb.ts'

export const emitVerb: Verb<EmitStep, never> = {
  ...neverWaits,
  async enter(turn, fiber, step) {
    const scope = scopeOf(turn.state, fiber)
    const eventType = await renderText(turn, scope, step.type, 'type')
    const subject =
      step.subject === undefined ? undefined : await renderText(turn, scope, step.subject, 'subject')
    const rendered =
      step.data === undefined ? null : await render(turn.program, step.data, scope, turn.context)
    const data = withinPayload(turn.state.limits, rendered, 'the data of the event')
    const at = { step: step.id, path: stepPath(fiber, step.id) }
    const event = { ...at, eventType, ...(subject !== undefined && { subject }), data }
    decide(turn, { type: 'EventEmitted', ...event })
    turn.outgoing.push({ kind: 'emit', eventIndex: turn.events.length - 1 })
    return ended()
  },
}
