/** A step's `timeout`: a body that ends after its deadline, whatever it gave, is a `Timeout`. */
import type { PlanStep } from '../../schema/plan.ts'
import { timeoutError } from '../errors/faults.ts'
import { stepPath } from '../paths.ts'
import type { Completion, Fiber, StepFrame } from '../state.ts'
import { cancelDepthReached } from './cancellation.ts'

/** How the step at `depth` really ends. A cancellation from further out goes on as it is. */
export function underDeadline(
  fiber: Fiber,
  step: PlanStep,
  depth: number,
  frame: StepFrame,
  completion: Completion,
): Completion {
  if (frame.timedOut !== true || cancelDepthReached(completion, depth)) return completion
  // Not the cancellation that the deadline itself brought, but whatever was raised while ending under it.
  const delivered = completion.kind === 'throw' && completion.canceledFrom !== undefined
  const own = completion.kind === 'throw' && !(delivered && completion.error.type === 'Canceled')
  const message = `step \`${step.id}\` did not end before its timeout`
  const at = { step: step.id, path: stepPath(fiber, step.id) }
  return { kind: 'throw', error: timeoutError('Step', message, at, own ? completion.error : null) }
}
