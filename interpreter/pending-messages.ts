/**
 * How many messages a run has taken and not dealt with, which is what its senders are held to (limit pendingMessages):
 * signals that nobody has taken, that wait for their handler or for the next state, that a pause holds, and handlers
 * under way. A pure view, asked at every turn: a run that gets no messages pays a few looks at empty maps.
 */
import type { Plan } from '../schema/plan.ts'
import { handlersUnderWay } from './handlers.ts'
import type { Program } from './program.ts'
import type { State } from './state.ts'

export function pendingMessages({ plan }: Program, state: State): number {
  let count = 0
  for (const name in state.buffer) count += state.buffer[name]?.length ?? 0
  for (const name in state.handlersQueued) count += state.handlersQueued[name]?.length ?? 0
  if (state.paused !== null) count += state.paused.held.filter(({ kind }) => kind === 'signal').length
  if (state.workflow.state !== undefined) count += waitingForNextState(state)
  return startsHandlers(plan) ? count + handlersUnderWay(state).length : count
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

function startsHandlers({ signals, updates }: Plan): boolean {
  for (const _name in updates) return true
  for (const name in signals) if (signals[name]?.block !== undefined) return true
  return false
}
