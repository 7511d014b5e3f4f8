/** The frame of a `do` group, as it stands when its body or its `else` begins. */
import type { DoStep } from '../../schema/plan.ts'
import type { DoFrame } from '../state.ts'

export function groupFrame(step: DoStep, otherwise: boolean): DoFrame {
  return {
    kind: 'step',
    verb: 'do',
    step: step.id,
    ...(otherwise && { otherwise: true as const }),
    ...(step.saga !== undefined && { stack: [] }),
  }
}
