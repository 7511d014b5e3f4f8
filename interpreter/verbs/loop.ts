/** What `while` and `until` share: the bound of their rounds, and a fresh scope for each. */
import type { UntilStep, WhileStep } from '../../schema/plan.ts'
import { limitFault } from '../errors/faults.ts'
import { scopeOf } from '../fibers/scope.ts'
import type { Turn } from '../fibers/turn.ts'
import type { Fiber, LoopFrame } from '../state.ts'
import { renderCount } from '../templates/counts.ts'
import type { Move } from './verb.ts'

export async function maxIterationsOf(
  turn: Turn,
  fiber: Fiber,
  step: WhileStep | UntilStep,
): Promise<number> {
  if (step.maxIterations === undefined) return turn.state.limits.loopIterations
  return renderCount(turn, scopeOf(turn.state, fiber), step.maxIterations, 'maxIterations')
}

/** One round more than `maxIterations` raises `LimitExceeded`. */
export function nextRound(frame: LoopFrame, step: WhileStep | UntilStep): Move {
  if (frame.round >= frame.maxIterations) {
    const named = step.maxIterations === undefined ? 'loopIterations' : 'maxIterations'
    throw limitFault(named, frame.maxIterations, `loop \`${step.id}\` would run another round`)
  }
  frame.scope = { results: {}, locals: {} }
  return { kind: 'enter', block: step.block }
}
