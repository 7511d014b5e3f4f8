/**
 * Ids of runs that a run brings about: UUIDv7 (RFC 9562) of the event's time, whose random part is a hash of the run and
 * of what it decides. So the id is known before the run exists, a fold gives it again, and no run makes one twice.
 */
import { sha256Hex } from '../../schema/source/sha256.ts'
import type { PendingId } from '../events.ts'
import type { State } from '../state.ts'

export function childRunId(state: State, childId: PendingId): string {
  return uuidOf(state.now, `${state.workflow.runId}/${childId}`)
}

/** Of the run that this one continues as. */
export function successorRunId(state: State): string {
  return uuidOf(state.now, `${state.workflow.runId}/next`)
}

function uuidOf(ms: number, seed: string): string {
  const time = ms.toString(16).padStart(12, '0')
  const hash = sha256Hex(seed)
  const variant = ((Number.parseInt(hash.slice(3, 4), 16) & 0x3) | 0x8).toString(16)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hash.slice(0, 3)}-${variant}${hash.slice(4, 7)}-${hash.slice(7, 19)}`
}
