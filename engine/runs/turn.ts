/**
 * From what the reducer gave to what the store writes: the text of the events, the change of the run, the snapshot.
 * Pure. Called by `execution.ts` between reduce and commit.
 */
import type { State } from '../../interpreter/state.ts'
import type { ClosedStatus, RunChange, SnapshotRecord } from '../../storage/contract.ts'

/** The close that the state asks for; null while the run is open. */
export function closeOf(state: State): (RunChange & { readonly kind: 'close' }) | null {
  if (state.phase.kind !== 'closed') return null
  const { outcome } = state.phase
  const status: ClosedStatus = outcome.kind
  const value = writtenOutcome(outcome)
  return { kind: 'close', status, closedAt: state.now, outcome: JSON.stringify(value) }
}

function writtenOutcome(outcome: Extract<State['phase'], { kind: 'closed' }>['outcome']): unknown {
  if (outcome.kind === 'completed') return outcome.result
  return outcome.kind === 'continuedAsNew' ? { runId: outcome.newRunId } : outcome.error
}

/**
 * A snapshot is due when the history since the last one exceeds `minimumBytes` and the size of the last one: so the
 * bytes written for snapshots never exceed those of the history, and a load folds at most as much as it reads.
 */
export function snapshotDue(bytesSince: number, lastSnapshotBytes: number, minimumBytes: number): boolean {
  return bytesSince > minimumBytes && bytesSince > lastSnapshotBytes
}

export function snapshotOf(state: State, eventId: number): SnapshotRecord {
  return { eventId, stateVersion: state.stateVersion, planDigest: state.digest, state: JSON.stringify(state) }
}
