/** What a timer that fired means, by its purpose. Called by the reducer alone. */
import { cancelFiber } from './cancellation.ts'
import { executionTimedOut } from './closing.ts'
import type { PendingId } from './events.ts'
import type { Fiber, PendingTimer } from './state.ts'
import type { Turn } from './turn.ts'
import { waitEnded } from './verbs/wait.ts'

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
