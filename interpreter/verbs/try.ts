/**
 * `try` / `catch` / `finally`. The first handler that matches takes the error; its own error carries the first as
 * `cause`. `finally` runs whatever happened (except on terminate), and its own error replaces the one about to leave.
 */
import type { PlanCatch, TryStep } from '../../schema/plan.ts'
import { matchesType } from '../errors/error-patterns.ts'
import { errorAsJson, type WorkflowError } from '../errors/fault.ts'
import { evaluateCondition } from '../expressions/render.ts'
import { faultAt } from '../fibers/fault-at.ts'
import { scopeOf } from '../fibers/scope.ts'
import type { Turn } from '../fibers/turn.ts'
import type { Completion, Fiber, TryFrame } from '../state.ts'
import { done, holdsBlock, type Move, type Verb } from './verb.ts'

type Thrown = Extract<Completion, { kind: 'throw' }>

export const tryVerb: Verb<TryStep, TryFrame> = {
  ...holdsBlock,
  enter(_turn, fiber, step) {
    fiber.frames.push({ kind: 'step', verb: 'try', step: step.id, stage: 'body' })
    return { kind: 'enter', block: step.block }
  },
  resume(turn, fiber, frame, step, completion) {
    switch (frame.stage) {
      case 'body':
        return completion.kind === 'throw'
          ? handle(turn, fiber, frame, step, completion)
          : leave(frame, step, completion)
      case 'catch':
        return leave(frame, step, completion.kind === 'throw' ? fromHandler(frame, completion) : completion)
      case 'finally': {
        const outcome = frame.outcome ?? completion
        if (completion.kind === 'normal') return done(outcome)
        return done(completion.kind === 'throw' ? withCause(completion, leavingError(outcome)) : completion)
      }
      default:
        return frame.stage satisfies never
    }
  },
}

async function handle(
  turn: Turn,
  fiber: Fiber,
  frame: TryFrame,
  step: TryStep,
  thrown: Thrown,
): Promise<Move> {
  let leaving = thrown
  try {
    for (const handler of step.catches) {
      if (!(await takes(turn, fiber, handler, thrown.error))) continue
      frame.stage = 'catch'
      frame.caught = thrown.error
      if (thrown.rethrow === true) frame.rethrown = true
      if (thrown.retryAfterMs !== undefined) frame.retryAfterMs = thrown.retryAfterMs
      if (thrown.canceledFrom !== undefined) frame.cleaningFrom = thrown.canceledFrom
      return { kind: 'enter', block: handler.block, locals: { [handler.as]: errorAsJson(thrown.error) } }
    }
  } catch (fault) {
    leaving = { kind: 'throw', error: { ...faultAt(fiber, step.id, fault), cause: thrown.error } }
  }
  return leave(frame, step, leaving)
}

async function takes(turn: Turn, fiber: Fiber, handler: PlanCatch, error: WorkflowError): Promise<boolean> {
  if (!matchesType(handler.errors, error.type)) return false
  if (handler.if === undefined) return true
  const scope = scopeOf(turn.state, fiber, { error: errorAsJson(error), [handler.as]: errorAsJson(error) })
  return evaluateCondition(turn.program, handler.if, scope, turn.context)
}

/** Goes through `finally`, where there is one, with what is about to leave. */
function leave(frame: TryFrame, step: TryStep, outcome: Completion): Move {
  delete frame.cleaningFrom
  if (step.finally === undefined) return done(outcome)
  frame.stage = 'finally'
  frame.outcome = outcome
  if (outcome.kind === 'throw' && outcome.canceledFrom !== undefined)
    frame.cleaningFrom = outcome.canceledFrom
  const error = leavingError(outcome)
  return { kind: 'enter', block: step.finally, locals: { error: error === null ? null : errorAsJson(error) } }
}

function fromHandler(frame: TryFrame, completion: Thrown): Completion {
  if (completion.rethrow !== true) return withCause(completion, frame.caught ?? null)
  if (frame.rethrown === true) return completion
  const { rethrow: _reached, ...same } = completion
  const { retryAfterMs } = frame
  return retryAfterMs === undefined ? same : { ...same, retryAfterMs }
}

function leavingError(outcome: Completion): WorkflowError | null {
  return outcome.kind === 'throw' ? outcome.error : null
}

/** An error that names a cause already keeps it. */
function withCause(completion: Thrown, cause: WorkflowError | null): Completion {
  if (cause === null || completion.error.cause !== null) return completion
  return { ...completion, error: { ...completion.error, cause } }
}
