/**
 * The turn commit: turns into the parameters of `commit_turns` (migrations/0009), its answer into rejections.
 * Owns no rule; they are all in the function, in one transaction.
 */
import type { CommitResult, NodeId, Turn, TurnRejection } from '../contract.ts'
import { numberOrNull, type Row, type SqlDatabase, type Statement, textOf } from './connection.ts'
import { startColumns } from './new-run.ts'
import { sendsOf } from './sends.ts'
import { statusCode } from './status.ts'

const commitTurnsStatement: Statement = {
  name: 'perdure_commit_turns',
  text: `
    select rejected, reason, existing, is_open, told_owner
    from commit_turns($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
}

/** `told`: runs that got a message, and who owns them. */
export interface SqlCommit {
  readonly result: CommitResult
  readonly told: readonly { readonly runId: string; readonly owner: NodeId | null }[]
}

export async function commitTurns(
  database: SqlDatabase,
  node: NodeId,
  turns: readonly Turn[],
): Promise<SqlCommit> {
  const ordered = [...turns].sort((a, b) => (a.runId < b.runId ? -1 : a.runId > b.runId ? 1 : 0))
  const batch = batchOf(ordered)
  const parameters = [
    node,
    batch.turns.length,
    listOrNull(batch.turns),
    listOrNull(batch.empty),
    listOrNull(batch.starts),
    listOrNull(batch.births),
    listOrNull(batch.changes),
    listOrNull(batch.taken),
    listOrNull(batch.ended),
    listOrNull(batch.snapshots),
    sendsOf(ordered),
  ]
  for (;;) {
    const rows = await database.query(commitTurnsStatement, parameters)
    const reason = rows[0]?.[1]
    if (reason === 'fenced') return { result: { outcome: 'fenced' }, told: [] }
    // Nothing was written, since an addressee continued as new in that moment; each round another one has.
    if (reason === 'again') continue
    const rejected = withoutGhosts(rows.filter((row) => row[1] !== 'told').map(rejectionOf))
    const told = rows.filter((row) => row[1] === 'told')
    return {
      result: { outcome: 'committed', rejected },
      told: told.map((row) => ({ runId: textOf(row[0]), owner: numberOrNull(row[4]) })),
    }
  }
}

interface Batch {
  readonly turns: string[]
  readonly empty: string[]
  readonly starts: string[]
  /** The first turns of the starts. */
  readonly births: string[]
  readonly changes: string[]
  readonly taken: string[]
  readonly ended: string[]
  readonly snapshots: string[]
}

/**
 * JSON by hand: events, states and outcomes are JSON text already and go in as they are. `turns` are in the order of
 * the primary key, so that two batches of one node take the same rows in the same order.
 */
function batchOf(turns: readonly Turn[]): Batch {
  const batch: Batch = {
    turns: [],
    empty: [],
    starts: [],
    births: [],
    changes: [],
    taken: [],
    ended: [],
    snapshots: [],
  }
  for (const turn of turns) addTurn(batch, turn)
  return batch
}

function addTurn(batch: Batch, turn: Turn): void {
  const { runId, change, snapshot } = turn
  const run = `"r":"${runId}"`
  const seen = change === null ? '' : `,"m":${turn.seenMessage}`
  if (turn.start !== null) {
    batch.starts.push(`{${run},${startColumns(turn.start)}}`)
    batch.births.push(`{${run},"n":${turn.eventCount},"e":${turn.events}}`)
  } else if (turn.eventCount > 0)
    batch.turns.push(`{${run},"f":${turn.firstEventId},"n":${turn.eventCount}${seen},"e":${turn.events}}`)
  else batch.empty.push(`{${run}${seen}}`)
  if (change?.kind === 'close')
    batch.changes.push(
      `{${run},"s":${statusCode(change.status)},"t":${change.closedAt},"x":${change.outcome}}`,
    )
  else if (change?.kind === 'release') batch.changes.push(`{${run},"s":0,"t":${change.wakeAt}}`)
  for (const seq of turn.takenMessages) batch.taken.push(`{${run},"q":${seq}}`)
  for (const activityId of turn.endedActivities ?? []) batch.ended.push(`{${run},"a":${activityId}}`)
  if (snapshot !== null)
    batch.snapshots.push(
      `{${run},"f":${snapshot.eventId},"v":${snapshot.stateVersion},"d":${JSON.stringify(snapshot.planDigest)},"s":${snapshot.state}}`,
    )
}

function listOrNull(items: readonly string[]): string | null {
  return items.length === 0 ? null : `[${items.join(',')}]`
}

function rejectionOf(row: Row): TurnRejection {
  const runId = textOf(row[0])
  const reason = textOf(row[1])
  switch (reason) {
    case 'conflict':
    case 'unseenMessage':
      return { runId, reason }
    case 'exists':
      return { runId, reason, existing: textOf(row[2]), open: row[3] === 't' }
    case 'duplicateRequest':
      return { runId, reason, existing: textOf(row[2]) }
    default:
      throw new Error(`commit_turns rejected a turn for a reason that is not known here: ${reason}`)
  }
}

/**
 * Of two starts with one request in one batch the second is answered with the first's run. Where that one was
 * rejected itself there is no such run, and the second gets the answer of the first.
 */
function withoutGhosts(rejected: readonly TurnRejection[]): readonly TurnRejection[] {
  if (!rejected.some(({ reason }) => reason === 'duplicateRequest')) return rejected
  return rejected.map((rejection) => {
    if (rejection.reason !== 'duplicateRequest') return rejection
    const first = rejected.find(({ runId }) => runId === rejection.existing)
    return first === undefined ? rejection : { ...first, runId: rejection.runId }
  })
}
