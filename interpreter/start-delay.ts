/** A start that was delayed: until its timer fires the run has no main line. Owns how one is told. */
import type { PendingTimer, State } from './state.ts'

export function startDelayOf(state: State): PendingTimer | undefined {
  return Object.values(state.timers).find(({ purpose }) => purpose === 'startDelay')
}
