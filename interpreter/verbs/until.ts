/** `until`: tests after each round, and sees the round. */
import type { UntilStep } from '../../schema/plan.ts'
import { evaluateCondition } from '../expressions/render.ts'
import { scopeOf } from '../fibers/scope.ts'
import type { UntilFrame } from '../state.ts'
import { maxIterationsOf, nextRound } from './loop.ts'
import { done, ended, holdsBlock, type Verb } from './verb.ts'

export const untilVerb: Verb<UntilStep, UntilFrame> = {
  ...holdsBlock,
  async enter(turn, fiber, step) {
    const maxIterations = await maxIterationsOf(turn, fiber, step)
    const frame: UntilFrame = { kind: 'step', verb: 'until', step: step.id, round: 0, maxIterations }
    fiber.frames.push(frame)
    return nextRound(frame, step)
  },
  async resume(turn, fiber, frame, step, completion) {
    if (completion.kind !== 'normal') return done(completion)
    const over = await evaluateCondition(
      turn.program,
      step.condition,
      scopeOf(turn.state, fiber),
      turn.context,
    )
    delete frame.scope
    if (over) return ended(completion.value ?? null)
    frame.round += 1
    return nextRound(frame, step)
  },
}
