/** The `after` of a state has passed: the first of its transitions whose `when` holds is taken, else the state stays. */
import type { PendingId } from '../events.ts'
import { faultAt } from '../fibers/fault-at.ts'
import type { Turn } from '../fibers/turn.ts'
import type { Fiber } from '../state.ts'
import { beginLeaving, firstThatHolds, machineIn, stateOf } from './states.ts'

/** Nothing where the state was left meanwhile: in a pause, a timer that fired waits for its turn. */
export async function stateTimerFired(turn: Turn, fiber: Fiber, timer: PendingId): Promise<void> {
  const machine = machineIn(turn, fiber)
  const at = machine?.frame.after[timer]
  if (machine === undefined || at === undefined) return
  const { frame, step } = machine
  delete frame.after[timer]
  try {
    const index = await firstThatHolds(turn, stateOf(step, frame.state).after[at]?.transitions ?? [], {})
    if (index === undefined) return
    beginLeaving(turn, machine, { trigger: 'after', place: ['after', at, index], locals: {} })
  } catch (thrown) {
    beginLeaving(turn, machine, faultAt(fiber, step.id, thrown))
  }
}
