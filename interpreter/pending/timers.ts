/** Durable timers: waits, `atMost`, the deadlines of steps and of the run. Owns their book; what firing one means is in `timer-firing.ts`. */
import type { StepId } from '../../schema/plan.ts'
import type { Instant, PendingId, TimerFired, TimerPurpose } from '../events.ts'
import { decide, type Turn, takeId } from '../fibers/turn.ts'
import type { Fiber, PendingTimer } from '../state.ts'
import { latestInstant } from '../values/time.ts'

/** `fiber` is null for the run's own deadline. */
export function startTimer(
  turn: Turn,
  fiber: Fiber | null,
  step: StepId,
  path: string,
  purpose: TimerPurpose,
  at: Instant,
): PendingId {
  const id = takeId(turn)
  const fireAt = Math.min(at, latestInstant)
  turn.state.timers[id] = { id, fiber: fiber?.id ?? null, step, path, purpose, fireAt }
  const where = fiber === null ? {} : { step, path }
  decide(turn, { type: 'TimerStarted', timerId: id, purpose, fireAt, ...where })
  return id
}

export function cancelTimer(turn: Turn, id: PendingId): void {
  const timer = turn.state.timers[id]
  if (timer === undefined) return
  delete turn.state.timers[id]
  decide(turn, { type: 'TimerCanceled', timerId: id, step: timer.step, path: timer.path })
}

/** Undefined where there is no such timer any more. */
export function takeFiredTimer(turn: Turn, event: TimerFired): PendingTimer | undefined {
  const timer = turn.state.timers[event.timerId]
  if (timer !== undefined) delete turn.state.timers[event.timerId]
  return timer
}
