/**
 * Pause and resume. While a run is paused its inputs are recorded and nothing that they bring about happens: what they
 * would wake, fire or hand over stands in `state.paused.held`, and is done in that order on resume.
 * Owns that book. What must not start meanwhile is kept from starting by `due.ts` and the driver.
 */
import { runUndone } from './closing.ts'
import type { WorkflowExecutionPaused, WorkflowExecutionResumed } from './events.ts'
import { type Turn, wake } from './fibers/turn.ts'
import { signalReceived } from './messages/signals.ts'
import { retryStuck, skipStuck, stuckNow } from './sagas/undoing.ts'
import type { Held } from './state.ts'
import { timerFired } from './timer-firing.ts'

/** Lets the run go on as far as it can; handed in, because the turn loop owns it. */
type Settle = (turn: Turn) => Promise<void>

/** One that is paused already stays as it was, and that leaves no trace. */
export function pause(turn: Turn, event: WorkflowExecutionPaused): void {
  const { state } = turn
  if (state.paused !== null) return
  const { pauseWanted } = state
  const stuck = event.step === undefined ? null : pauseWanted
  if (event.step !== undefined && stuck === null) return
  turn.events.push(event)
  state.paused = {
    since: state.now,
    reason: event.reason,
    ...(stuck !== null && { stuck: { step: stuck.step, path: stuck.path } }),
    held: [],
  }
  if (stuck !== null) state.pauseWanted = null
}

export async function resume(turn: Turn, event: WorkflowExecutionResumed, settle: Settle): Promise<void> {
  if (turn.state.paused === null) return
  turn.events.push(event)
  // What fails for good by what came during the pause is nothing that the operator could have seen.
  const seen = stuckNow(turn.state)
  await endPause(turn, settle)
  if (turn.state.pauseWanted === null) return
  turn.state.pauseWanted = null
  if (event.skip !== true) return retryStuck(turn)
  if (skipStuck(turn, seen) === 'over') runUndone(turn)
}

/**
 * Nothing where the run is not paused. A cancel and the execution's own deadline end a pause at once; but where a saga
 * waits for its operator, nothing else can answer for them, and the pause is asked for again.
 */
export async function endPause(turn: Turn, settle: Settle): Promise<void> {
  const { paused } = turn.state
  if (paused === null) return
  turn.state.paused = null
  if (paused.stuck !== undefined) turn.state.pauseWanted = { ...paused.stuck, reason: paused.reason }
  await settle(turn)
  for (const held of paused.held) {
    await carryOut(turn, held)
    await settle(turn)
  }
}

async function carryOut(turn: Turn, held: Held): Promise<void> {
  switch (held.kind) {
    case 'wake': {
      const fiber = turn.state.fibers[held.fiber]
      if (fiber !== undefined) wake(turn, fiber, held.completion)
      return
    }
    case 'timer':
      return timerFired(turn, held.timer)
    case 'signal':
      return signalReceived(turn, held.signal, held.payload)
    default:
      return held satisfies never
  }
}
