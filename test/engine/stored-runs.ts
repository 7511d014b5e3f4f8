/** What the tables of a real server hold of each run, and what must be true of every one that has ended. */
import assert from 'node:assert/strict'
import type pg from 'pg'
import { interpreter } from '../../engine/interpreter-port.ts'
import { baseOf, foldHistory, type StoredTurn } from '../../engine/runs/load.ts'
import type { HistoryEvent } from '../../interpreter/events.ts'
import { loadDocument } from '../../schema/load.ts'
import type { SnapshotRecord } from '../../storage/contract.ts'

export interface StoredRun {
  readonly runId: string
  readonly workflowId: string
  readonly workflow: string
  readonly status: number
  readonly outcome: unknown
  readonly turns: readonly StoredTurn[]
  readonly snapshot: SnapshotRecord | null
}

/** `client` has the schema in its search path. */
export async function readRuns(client: pg.Client): Promise<readonly StoredRun[]> {
  const { rows } = await client.query(`
    select r.run_id, r.workflow_id, e.workflow, r.status, e.outcome,
      (select json_agg(json_build_object('firstEventId', h.first_event_id, 'events', h.events::text)
        order by h.first_event_id) from history h where h.run_id = r.run_id) turns,
      (select json_build_object('eventId', s.event_id, 'stateVersion', s.state_version,
        'planDigest', s.plan_digest, 'state', s.state::text) from snapshot s where s.run_id = r.run_id) snapshot
    from run r join execution e using (run_id) order by r.run_id`)
  return rows.map((row) => ({
    runId: row.run_id,
    workflowId: row.workflow_id,
    workflow: row.workflow,
    status: row.status,
    outcome: row.outcome,
    turns: row.turns,
    snapshot: row.snapshot,
  }))
}

/** Of `status`. */
const completed = 1
const closing = /^WorkflowExecution(Completed|Failed|TimedOut|Canceled|Terminated|ContinuedAsNew)$/

/** Dense ids, times that never run backwards, one close at the end, one terminal event per activity, folds that agree (I2, I3, I4, I7). */
export async function assertWhole(
  run: StoredRun,
  source: string,
  /** One that did not complete may have closed before an activity that it had begun. */
  options: { readonly endedFromOutside?: boolean } = {},
): Promise<{ readonly events: readonly HistoryEvent[] }> {
  const name = `${run.workflowId} (${run.runId})`
  const { plan } = loadDocument(source)
  assert.ok(plan)
  const events = run.turns.flatMap(({ firstEventId, events }) =>
    (JSON.parse(events) as HistoryEvent[]).map((event, n) => ({ ...event, eventId: firstEventId + n })),
  )
  assert.deepEqual(
    events.map(({ eventId }) => eventId),
    events.map((_, n) => n + 1),
    `event ids of ${name}`,
  )
  for (const [n, event] of events.entries())
    assert.ok(n === 0 || event.timestamp >= (events[n - 1]?.timestamp ?? 0), `times of ${name}`)
  const starts = events.flatMap(({ type, eventId }) => (type === 'WorkflowExecutionStarted' ? [eventId] : []))
  assert.deepEqual(starts, [1], `starts of ${name}`)
  const ends = events.flatMap(({ type, eventId }) => (closing.test(type) ? [eventId] : []))
  assert.deepEqual(ends, [events.length], `closing events of ${name}`)
  const terminal = new Map<number, number>()
  for (const event of events) {
    if (event.type === 'ActivityTaskScheduled') terminal.set(event.activityId, 0)
    const ended =
      event.type === 'ActivityTaskCompleted' ||
      event.type === 'ActivityTaskCanceled' ||
      ((event.type === 'ActivityTaskFailed' || event.type === 'ActivityTaskTimedOut') &&
        event.willRetryAt === undefined)
    if (ended) terminal.set(event.activityId, (terminal.get(event.activityId) ?? 0) + 1)
  }
  const fewest = options.endedFromOutside === true && run.status !== completed ? 0 : 1
  for (const [activity, count] of terminal)
    assert.ok(count >= fewest && count <= 1, `activity ${activity} of ${name} has ${count} terminal events`)
  const program = interpreter.link(plan)
  const whole = await foldHistory(program, null, run.turns, interpreter.foldTurn)
  if (run.snapshot !== null) {
    const base = baseOf(program, run.snapshot)
    assert.ok(base, `snapshot of ${name}`)
    const rest = run.turns.filter(({ firstEventId }) => firstEventId > base.eventId)
    const folded = await foldHistory(program, base, rest, interpreter.foldTurn)
    assert.equal(JSON.stringify(folded.state), JSON.stringify(whole.state), `fold of ${name}`)
  }
  return { events }
}
