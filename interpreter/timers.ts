/** Durable timers: waits, `atMost`, the deadlines of steps and of the run. Owns their book and what firing one means. */
import type { StepId } from '../schema/plan.ts'
import { cancelFiber } from './cancellation.ts'
import { executionTimedOut } from './closing.ts'
import type { Instant, PendingId, TimerFired, TimerPurpose } from './events.ts'
import type { Fiber, PendingTimer } from './state.ts'
import { decide, type Turn, takeId } from './turn.ts'
import { waitEnded } from './verbs/wait.ts'

/** `fiber` is null for the run's own deadline. */
export function startTimer(
  turn: Turn,
  fiber: Fiber | null,
  step: StepId,
  path: string,
  purpose: TimerPurpose,
  fireAt: Instant,
): PendingId {
  const id = takeId(turn)
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

/** False where there is no such timer any more. */
export function takeFiredTimer(turn: Turn, event: TimerFired): PendingTimer | undefined {
  const timer = turn.state.timers[event.timerId]
  if (timer !== undefined) delete turn.state.timers[event.timerId]
  return timer
}

export function timerFired(turn: Turn, timer: PendingTimer): void {
  const fiber = timer.fiber === null ? undefined : turn.state.fibers[timer.fiber]
  switch (timer.purpose) {
    case 'execution':
      return executionTimedOut(turn)
    case 'timeout':
      if (fiber !== undefined) stepTimedOut(turn, fiber, timer.id)
      return
    case 'wait':
    case 'atMost':
      if (fiber !== undefined) waitEnded(turn, fiber, timer.id)
      return
    default:
      timer.purpose satisfies never
  }
}

/** The deadline of a step ends its frame; what runs inside is canceled, and the step raises `Timeout` when that has ended. */
function stepTimedOut(turn: Turn, fiber: Fiber, timerId: PendingId): void {
  const depth = fiber.frames.findIndex((frame) => frame.kind === 'step' && frame.deadline === timerId)
  const frame = fiber.frames[depth]
  if (frame?.kind !== 'step') return
  delete frame.deadline
  frame.timedOut = true
  cancelFiber(turn, fiber, depth)
}
