/**
 * From what the store holds to a live state: the snapshot, and the turns since reduced again (keeps I3).
 * Owns folding and its checks. Called when a run is claimed or loaded again, and by queries and tests.
 */
import type { StoredEvent } from '../../interpreter/events.ts'
import type { Program } from '../../interpreter/program.ts'
import { type State, stateVersion } from '../../interpreter/state.ts'
import type { SnapshotRecord } from '../../storage/contract.ts'
import type { Interpreter } from '../interpreter-port.ts'

/** Numbered changes of meaning of the interpreter that this release knows; a run keeps those that it began with. */
const knownFlags: readonly number[] = []

export interface Folded {
  /** Null: there is no event yet. */
  readonly state: State | null
  readonly nextEventId: number
  /** The last turn was cut. */
  readonly continues: boolean
  /** Length of the events folded, and of the snapshot that they follow. */
  readonly bytesSinceSnapshot: number
  readonly snapshotBytes: number
}

/** The history does not give what it gave: the run is parked with this reason. */
export class FoldError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'FoldError'
  }
}

/** Where folding begins. */
export interface Base {
  readonly state: State
  readonly eventId: number
  readonly bytes: number
}

/**
 * Null for a snapshot of another state version, plan or flags, and for one that holds no state: it says nothing here,
 * the history is folded from its start.
 */
export function baseOf(program: Program, snapshot: SnapshotRecord): Base | null {
  if (snapshot.stateVersion !== stateVersion || snapshot.planDigest !== program.plan.digest) return null
  const state = parsed(snapshot.state)
  if (!isState(state) || !state.flags.every((flag) => knownFlags.includes(flag))) return null
  return { state, eventId: snapshot.eventId, bytes: snapshot.state.length }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const stateLists = ['flags', 'ready', 'compensations', 'random'] as const satisfies readonly (keyof State)[]
const stateMaps = [
  'workflow',
  'limits',
  'phase',
  'vars',
  'results',
  'fibers',
  'activitiesPending',
  'childrenPending',
  'signalsPending',
  'handlersQueued',
  'timers',
  'signalWaits',
  'conditionWaits',
  'buffer',
  'handled',
] as const satisfies readonly (keyof State)[]

/** Tells a row that was damaged from a state; what the parts hold is not looked into. */
function isState(value: unknown): value is State {
  if (typeof value !== 'object' || value === null) return false
  const parts = value as { readonly [name: string]: unknown }
  return (
    typeof parts['now'] === 'number' &&
    typeof parts['nextId'] === 'number' &&
    typeof parts['firstRunId'] === 'string' &&
    typeof parts['paused'] === 'object' &&
    typeof parts['pauseWanted'] === 'object' &&
    stateLists.every((name) => Array.isArray(parts[name])) &&
    stateMaps.every((name) => typeof parts[name] === 'object' && parts[name] !== null)
  )
}

export interface StoredTurn {
  readonly firstEventId: number
  readonly events: string
}

/** `turns` are those after the base, or all of them where it is null. Throws `FoldError`. */
export async function foldHistory(
  program: Program,
  base: Base | null,
  turns: readonly StoredTurn[],
  foldTurn: Interpreter['foldTurn'],
): Promise<Folded> {
  let state = base === null ? null : base.state
  let nextEventId = base === null ? 1 : base.eventId + 1
  let bytesSinceSnapshot = 0
  for (const turn of turns) {
    if (turn.firstEventId !== nextEventId) {
      throw new FoldError(
        `its history has no event ${nextEventId}: the next turn begins at ${turn.firstEventId}`,
      )
    }
    const events = eventsOf(turn)
    if (state === null) checkStart(program, events[0])
    try {
      state = await foldTurn(program, state, events)
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown)
      throw new FoldError(
        `the turn at event ${turn.firstEventId} of its history does not replay: ${reason}`,
        thrown,
      )
    }
    nextEventId += events.length
    bytesSinceSnapshot += turn.events.length
  }
  return {
    state,
    nextEventId,
    continues: state !== null && state.ready.length > 0 && state.paused === null,
    bytesSinceSnapshot,
    snapshotBytes: base?.bytes ?? 0,
  }
}

function eventsOf(turn: StoredTurn): readonly StoredEvent[] {
  const events = parsed(turn.events)
  if (Array.isArray(events) && events.length > 0) return events
  throw new FoldError(`the row at event ${turn.firstEventId} of its history holds no list of events`)
}

/** Throws `FoldError` where a run that begins so cannot run here. */
export function checkStart(program: Program, first: StoredEvent | undefined): void {
  if (first?.type !== 'WorkflowExecutionStarted') {
    throw new FoldError(
      `its history begins with ${first?.type ?? 'nothing'}, not with WorkflowExecutionStarted`,
    )
  }
  const { name, version, digest } = program.plan
  if (first.digest !== digest) {
    throw new FoldError(
      `it was started under another content of ${name}@${version} (digest ${first.digest.slice(0, 12)}…, deployed is ${digest.slice(0, 12)}…): deploy the content that it was started with`,
    )
  }
  const unknown = first.flags.filter((flag) => !knownFlags.includes(flag))
  if (unknown.length > 0) {
    throw new FoldError(
      `it was started by a newer release (flags ${unknown.join(', ')}): run it on that release`,
    )
  }
}
