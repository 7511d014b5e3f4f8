/** `signal`: signals another execution, and goes on when that has it. Without a result of its own. */
import type { SignalStep } from '../../schema/plan.ts'
import { render } from '../expressions/render.ts'
import { scopeOf } from '../fibers/scope.ts'
import { forgetSignal, sendSignal } from '../pending/external-signals.ts'
import type { SignalFrame } from '../state.ts'
import { withinPayload } from '../templates/payload.ts'
import { renderText } from '../templates/texts.ts'
import { done, type Verb, waiting } from './verb.ts'

export const signalVerb: Verb<SignalStep, SignalFrame> = {
  async enter(turn, fiber, step) {
    const scope = scopeOf(turn.state, fiber)
    const workflowId = await renderText(turn, scope, step.workflowId, 'workflowId')
    const rendered =
      step.input === undefined ? null : await render(turn.program, step.input, scope, turn.context)
    const input = withinPayload(turn.state.limits, rendered, 'the payload of the signal')
    const signal = sendSignal(turn, fiber, step.id, { workflowId, signal: step.name, input })
    fiber.frames.push({ kind: 'step', verb: 'signal', step: step.id, signal })
    return waiting
  },

  resume(_turn, _fiber, _frame, _step, completion) {
    return done(completion)
  },

  cancel(turn, _fiber, frame) {
    forgetSignal(turn, frame.signal)
    return 'unwind'
  },
}
