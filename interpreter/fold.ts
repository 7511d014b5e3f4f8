/**
 * Folding: a history reduced again, turn by turn, gives the state it came from (keeps I3).
 * The decisions that come out are held against the recorded ones; a difference is never passed over.
 */
import { type InputEvent, isInput, type StoredEvent } from './events.ts'
import type { Program } from './program.ts'
import { reduce } from './reduce.ts'
import type { State } from './state.ts'

/** The history was not written by this plan and this release of the interpreter, or it was changed. */
export class ReplayMismatch extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ReplayMismatch'
  }
}

/** Reduces one recorded turn again; `before` is null for the first. Changes `before` in place and gives it back. */
export async function foldTurn(
  program: Program,
  before: State | null,
  recorded: readonly StoredEvent[],
): Promise<State> {
  const inputs = recorded.filter((event): event is InputEvent => isInput[event.type])
  const result = await reduce(program, before, inputs)
  const difference = firstDifference(recorded, result.events)
  if (difference !== null) throw new ReplayMismatch(difference)
  return result.state
}

function firstDifference(recorded: readonly StoredEvent[], replayed: readonly StoredEvent[]): string | null {
  const length = Math.max(recorded.length, replayed.length)
  for (let n = 0; n < length; n++) {
    const was = JSON.stringify(recorded[n])
    const is = JSON.stringify(replayed[n])
    if (was !== is)
      return `event ${n + 1} of the turn was recorded as ${was ?? 'nothing'} and comes out as ${is ?? 'nothing'}`
  }
  return null
}
