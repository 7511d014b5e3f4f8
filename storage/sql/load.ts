/**
 * Loads runs: header, newest snapshot, the turns after it, inbox and attempts, of many runs in one statement, so in
 * one snapshot of the database: a message that `lastMessage` counts is in `inbox` or was taken.
 */
import type { AttemptRecord, InboxRow, LoadedRun, ParentLink, SnapshotRecord } from '../contract.ts'
import { numberOf, type Row, type SqlDatabase, type Statement, textOf } from './connection.ts'
import { parentLink } from './new-run.ts'
import { statusOf } from './status.ts'

/** Rows of five kinds in one shape: kind, run, number, JSON, more. Array aggregates would have to be escaped and parsed. */
const loadRunsStatement: Statement = {
  name: 'perdure_load_runs',
  text: `
    select 0 as kind, r.run_id::text as run_id, 0 as number,
      json_build_object(
        'namespace', r.namespace, 'workflowId', r.workflow_id, 'workflow', e.workflow, 'version', e.version,
        'startedAt', to_milliseconds(e.started_at), 'status', r.status, 'takeovers', r.takeovers,
        'parked', r.parked, 'firstRunId', coalesce(r.first_run, r.run_id), 'parent', ${parentLink('e')},
        'lastMessage', r.msg_seq)::text as body,
      null::text as more
    from unnest($1::uuid[]) w(run_id),
      lateral (select * from run where run.run_id = w.run_id offset 0) r,
      lateral (select * from execution where execution.run_id = w.run_id offset 0) e
    union all
    select 1, s.run_id::text, s.event_id, s.state::text,
      json_build_object('stateVersion', s.state_version, 'planDigest', s.plan_digest)::text
    from unnest($1::uuid[]) w(run_id),
      lateral (select * from snapshot where snapshot.run_id = w.run_id and not $2 offset 0) s
    union all
    select 2, h.run_id::text, h.first_event_id, h.events::text, null
    from unnest($1::uuid[]) w(run_id),
      lateral (
        select * from history
        where history.run_id = w.run_id and history.first_event_id > coalesce(
          (select snapshot.event_id from snapshot where snapshot.run_id = w.run_id and not $2), 0)
        order by history.first_event_id offset 0) h
    union all
    select 3, i.run_id::text, i.seq, i.payload::text, null
    from unnest($1::uuid[]) w(run_id),
      lateral (select * from inbox where inbox.run_id = w.run_id order by inbox.seq offset 0) i
    union all
    select 4, a.run_id::text, a.activity_id, a.details::text,
      json_build_object('attempt', a.attempt, 'startedAt', to_milliseconds(a.started_at))::text
    from unnest($1::uuid[]) w(run_id),
      lateral (select * from attempt where attempt.run_id = w.run_id order by attempt.activity_id offset 0) a`,
}

interface Header {
  readonly namespace: string
  readonly workflowId: string
  readonly workflow: string
  readonly version: string
  readonly startedAt: number
  readonly status: number
  readonly takeovers: number
  readonly parked: string | null
  readonly firstRunId: string
  readonly parent: ParentLink | null
  readonly lastMessage: number
}

interface Draft {
  header: Header | null
  snapshot: SnapshotRecord | null
  readonly turns: { readonly firstEventId: number; readonly events: string }[]
  readonly inbox: InboxRow[]
  readonly attempts: AttemptRecord[]
}

/** In the order of `runIds`; a run that is not there is left out. */
export async function loadRuns(
  database: SqlDatabase,
  runIds: readonly string[],
  fromStart: boolean,
): Promise<LoadedRun[]> {
  if (runIds.length === 0) return []
  const drafts = new Map<string, Draft>()
  for (const runId of runIds)
    drafts.set(runId, { header: null, snapshot: null, turns: [], inbox: [], attempts: [] })
  for (const row of await database.query(loadRunsStatement, [`{${runIds.join(',')}}`, fromStart])) {
    const draft = drafts.get(textOf(row[1]))
    if (draft !== undefined) addRow(draft, row)
  }
  const loaded: LoadedRun[] = []
  for (const [runId, draft] of drafts) {
    if (draft.header === null) continue
    const { header, ...rest } = draft
    rest.turns.sort((a, b) => a.firstEventId - b.firstEventId)
    rest.inbox.sort((a, b) => a.seq - b.seq)
    rest.attempts.sort((a, b) => a.activityId - b.activityId)
    loaded.push({ runId, ...header, status: statusOf(header.status), ...rest })
  }
  return loaded
}

function addRow(draft: Draft, row: Row): void {
  const number = numberOf(row[2])
  switch (row[0]) {
    case '0':
      draft.header = JSON.parse(textOf(row[3])) as Header
      break
    case '1':
      draft.snapshot = { eventId: number, ...JSON.parse(textOf(row[4])), state: textOf(row[3]) }
      break
    case '2':
      draft.turns.push({ firstEventId: number, events: textOf(row[3]) })
      break
    case '3':
      draft.inbox.push({ seq: number, payload: textOf(row[3]) })
      break
    case '4':
      draft.attempts.push({ activityId: number, ...JSON.parse(textOf(row[4])), details: row[3] ?? null })
      break
    default:
      throw new Error(`load_runs answered a row of a kind that is not known here: ${row[0]}`)
  }
}
