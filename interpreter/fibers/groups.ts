/** The frame of a `do` group, as it stands when its body or its `else` begins. */
import type { DoStep } from '../../schema/plan.ts'
import type { DoFrame, Fiber } from '../state.ts'
import { renderRetry } from '../templates/intervals.ts'
import { scopeOf } from './scope.ts'
import type { Turn } from './turn.ts'

export async function groupFrame(
  turn: Turn,
  fiber: Fiber,
  step: DoStep,
  otherwise: boolean,
): Promise<DoFrame> {
  return {
    kind: 'step',
    verb: 'do',
    step: step.id,
    ...(otherwise && { otherwise: true as const }),
    ...(step.saga !== undefined && { stack: [] }),
    ...(step.retryTemplates !== undefined && (await renderRetry(turn, scopeOf(turn.state, fiber), step))),
  }
}
