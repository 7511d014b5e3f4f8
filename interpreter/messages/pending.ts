/**
 * How many messages a run has taken and not dealt with, which is what its senders are held to (limit pendingMessages):
 * signals that nobody has taken, that wait for their handler or for the next state, that a pause holds, and handlers
 * under way. A pure view, asked at every turn: a run that gets no messages pays a few looks at empty maps.
 */

import type { State } from '../state.ts'
import { handlersUnderWay } from './handlers.ts'

export function pendingMessages(state: State): number {
  let count = 0
  for (const name in state.buffer) count += state.buffer[name]?.length ?? 0
  for (const name in state.handlersQueued) count += state.handlersQueued[name]?.length ?? 0
  if (state.paused !== null) count += state.paused.held.filter(({ kind }) => kind === 'signal').length
  if (state.workflow.state !== undefined) count += waitingForNextState(state)
  return hasHadHandlers(state) ? count + handlersUnderWay(state).length : count
}

function waitingForNextState({ fibers }: State): number {
  let count = 0
  for (const { role, frames } of Object.values(fibers)) {
    if (role.kind !== 'main') continue
    for (const frame of frames)
      if (frame.kind === 'step' && frame.verb === 'states') count += frame.waiting.length
  }
  return count
}

/** Spares the others a look through all their fibers. */
function hasHadHandlers({ handled }: State): boolean {
  for (const _name in handled) return true
  return false
}
