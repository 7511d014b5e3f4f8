/** `while`: tests before each round, without seeing the round; gives the last round's last result, or null. */
import type { WhileStep } from '../../schema/plan.ts'
import { evaluateCondition } from '../expressions/render.ts'
import { scopeOf } from '../fibers/scope.ts'
import type { Turn } from '../fibers/turn.ts'
import type { Fiber, WhileFrame } from '../state.ts'
import { maxIterationsOf, nextRound } from './loop.ts'
import { done, ended, holdsBlock, type Move, type Verb } from './verb.ts'

export const whileVerb: Verb<WhileStep, WhileFrame> = {
  ...holdsBlock,
  async enter(turn, fiber, step) {
    const maxIterations = await maxIterationsOf(turn, fiber, step)
    const frame: WhileFrame = {
      kind: 'step',
      verb: 'while',
      step: step.id,
      round: 0,
      maxIterations,
      last: null,
    }
    fiber.frames.push(frame)
    return test(turn, fiber, frame, step)
  },
  async resume(turn, fiber, frame, step, completion) {
    if (completion.kind !== 'normal') return done(completion)
    delete frame.scope
    frame.last = completion.value ?? null
    frame.round += 1
    return test(turn, fiber, frame, step)
  },
}

async function test(turn: Turn, fiber: Fiber, frame: WhileFrame, step: WhileStep): Promise<Move> {
  const goesOn = await evaluateCondition(
    turn.program,
    step.condition,
    scopeOf(turn.state, fiber),
    turn.context,
  )
  return goesOn ? nextRound(frame, step) : ended(frame.last)
}
