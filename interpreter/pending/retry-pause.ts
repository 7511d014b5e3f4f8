/**
 * Groups and children that are tried again: whether, and the pause before it, a timer of purpose `retry`. Activities
 * keep theirs in the state alone (`activities.ts`), because dispatching an attempt needs no input.
 */
import type { RetrySettings } from '../../schema/plan.ts'
import type { WorkflowError } from '../errors/fault.ts'
import type { PendingId } from '../events.ts'
import type { Turn } from '../fibers/turn.ts'
import { stepPath } from '../paths.ts'
import type { Fiber } from '../state.ts'
import { nextRetryDelayMs } from './retry.ts'
import { startTimer } from './timers.ts'

/** Part of the frame of a verb that has `retry`. */
interface RetriedFrame {
  readonly step: string
  attempt?: number
  failures?: number[]
  pause?: PendingId
}

/** Milliseconds until the next attempt; null: the error goes on. Counts the failure. */
export function retryDelayMs(
  turn: Turn,
  frame: RetriedFrame,
  retry: RetrySettings | false | undefined,
  { error, retryAfterMs }: { readonly error: WorkflowError; readonly retryAfterMs?: number | undefined },
): number | null {
  if (retry === undefined || retry === false) return null
  frame.failures ??= []
  return nextRetryDelayMs({
    settings: retry,
    error,
    failures: frame.failures,
    retryAfterMs,
    random: () => turn.context.random(),
  })
}

/** The fiber waits; when the timer fires the verb is resumed with `frame.pause` still set. */
export function pauseBeforeRetry(turn: Turn, fiber: Fiber, frame: RetriedFrame, delayMs: number): void {
  const path = stepPath(fiber, frame.step)
  frame.attempt = (frame.attempt ?? 1) + 1
  frame.pause = startTimer(turn, fiber, frame.step, path, 'retry', turn.state.now + delayMs)
}
