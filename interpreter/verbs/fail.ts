/** `fail`: raises an error; inside a `catch`, `fail: rethrow` raises the one that was caught again. */
import type { Json } from '../../schema/json.ts'
import type { FailStep, StepId, Template } from '../../schema/plan.ts'
import { type WorkflowError, workflowError } from '../errors/fault.ts'
import { expressionFault } from '../errors/faults.ts'
import type { Scope } from '../expressions/contract.ts'
import { render } from '../expressions/render.ts'
import { parentOf } from '../fibers/parent-fiber.ts'
import { scopeOf } from '../fibers/scope.ts'
import type { Turn } from '../fibers/turn.ts'
import { stepPath } from '../paths.ts'
import type { Completion, Fiber, State } from '../state.ts'
import { withinPayload } from '../templates/payload.ts'
import { done, neverWaits, type Verb } from './verb.ts'

export const failVerb: Verb<FailStep, never> = {
  ...neverWaits,
  async enter(turn, fiber, step) {
    return done(await raised(turn, fiber, step.id, step.failure))
  },
}

/** What a `fail` raises, a step's or a state's. Throws a `Fault` where a template of it fails. */
export async function raised(
  turn: Turn,
  fiber: Fiber,
  stepId: StepId,
  failure: FailStep['failure'],
): Promise<Completion> {
  const { state } = turn
  if (failure.kind === 'rethrow') return { kind: 'throw', error: caughtBy(state, fiber), rethrow: true }
  const scope = scopeOf(state, fiber)
  const type = await value(turn, scope, failure.type)
  const message = await value(turn, scope, failure.message)
  const details = await value(turn, scope, failure.details)
  const retryable = await value(turn, scope, failure.retryable)
  if (typeof type !== 'string' || type === '') {
    throw expressionFault(`the \`type\` of \`fail\` must be a text, not ${JSON.stringify(type)}`)
  }
  if (message !== undefined && typeof message !== 'string') {
    throw expressionFault(`the \`message\` of \`fail\` must be a text, not ${JSON.stringify(message)}`)
  }
  if (retryable !== undefined && typeof retryable !== 'boolean') {
    throw expressionFault(`\`retryable\` of \`fail\` must be true or false, not ${JSON.stringify(retryable)}`)
  }
  withinPayload(state.limits, [message ?? null, details ?? null], 'the error')
  const error = workflowError(
    {
      type,
      message: message ?? type,
      ...(details !== undefined && { details }),
      ...(retryable !== undefined && { retryable }),
    },
    { step: stepId, path: stepPath(fiber, stepId) },
  )
  return { kind: 'throw', error }
}

function value(turn: Turn, scope: Scope, template: Template | undefined): Json | undefined | Promise<Json> {
  return template === undefined ? undefined : render(turn.program, template, scope, turn.context)
}

/** The error of the nearest handler around; the validator refuses `rethrow` elsewhere. */
function caughtBy(state: State, from: Fiber): WorkflowError {
  for (let fiber: Fiber | undefined = from; fiber !== undefined; fiber = parentOf(state, fiber)) {
    for (let n = fiber.frames.length - 1; n >= 0; n--) {
      const frame = fiber.frames[n]
      if (frame?.kind === 'step' && frame.verb === 'try' && frame.stage === 'catch' && frame.caught)
        return frame.caught
    }
  }
  throw expressionFault('`fail: rethrow` stands outside of any `catch`')
}
