/** What a timer that fired means, by its purpose. Called by the reducer alone. */

import { executionTimedOut } from './closing.ts'
import type { PendingId } from './events.ts'
import { cancelFiber } from './fibers/cancellation.ts'
import { type Turn, wake } from './fibers/turn.ts'
import { spawnMain } from './start.ts'
import type { Fiber, PendingTimer } from './state.ts'
import { stateTimerFired } from './states/timers.ts'
import { waitEnded } from './verbs/wait.ts'

export function timerFired(turn: Turn, timer: PendingTimer): void | Promise<void> {
  const { paused } = turn.state
  if (paused !== null) {
    paused.held.push({ kind: 'timer', timer })
    return
  }
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
    case 'after':
      if (fiber !== undefined) return stateTimerFired(turn, fiber, timer.id)
      return
    case 'retry':
      if (fiber !== undefined) retryPauseEnded(turn, fiber, timer.id)
      return
    case 'startDelay':
      return spawnMain(turn)
    default:
      timer.purpose satisfies never
  }
}

/** The group or child is tried again: its verb sees that it was resumed out of its pause. */
function retryPauseEnded(turn: Turn, fiber: Fiber, timerId: PendingId): void {
  const frame = fiber.frames[fiber.frames.length - 1]
  if (frame?.kind !== 'step' || (frame.verb !== 'do' && frame.verb !== 'workflow')) return
  if (frame.pause === timerId) wake(turn, fiber, { kind: 'normal' })
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
