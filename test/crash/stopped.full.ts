/**
 * A process stopped with SIGSTOP for longer than its lease, and continued, writes nothing (I10): another node has
 * taken its runs over and ended them. On PostgreSQL, with two real processes.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startTestPostgres } from '../postgres.ts'
import { until } from '../until.ts'
import { readCalls, Subject } from './process.ts'

describe('a process that was stopped for longer than its lease', () => {
  let directory = ''
  let database: pg.Client
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'perdure-stopped-'))
    database = new pg.Client((await startTestPostgres()).url)
    await database.connect()
  })
  after(async () => {
    await database.end()
    rmSync(directory, { recursive: true, force: true })
  })

  /** Everything that is written of a run, to the byte, and by which transaction. */
  async function written(runId: string): Promise<unknown[]> {
    const history = await database.query(
      'select xmin::text as writer, first_event_id, events::text as events from history where run_id = $1 order by first_event_id',
      [runId],
    )
    const run = await database.query(
      'select xmin::text as writer, to_jsonb(run.*)::text as run from run where run_id = $1',
      [runId],
    )
    return [...history.rows, ...run.rows]
  }

  it('writes nothing when it is continued', async () => {
    const { url } = await startTestPostgres()
    const workflowId = `stopped-${process.pid}`
    const calls = join(directory, 'calls')
    writeFileSync(calls, '')
    // Its last activity is under way when it is stopped, and ends by itself right after it is continued.
    const gate = join(directory, 'gate')
    const first = new Subject(url, workflowId, calls, { PERDURE_CRASH_GATE: gate, PERDURE_CRASH_STAY: '1' })
    try {
      await first.running
      await until(() => readCalls(calls).some((call) => call.path === 'slow'))
      first.signal('SIGSTOP')
      const second = await new Subject(url, workflowId, calls).end()
      assert.deepEqual(second.report?.result, { total: 12, each: [100, 200, 300], slow: 7 }, second.errors)
      const started = second.report?.events[0]
      const runId = started?.type === 'WorkflowExecutionStarted' ? started.runId : ''
      const before = await written(runId)
      assert.ok(before.length > 5)
      writeFileSync(gate, '')
      first.signal('SIGCONT')
      // It learns that it was declared dead, joins again under a new id, and reads the outcome like anyone else.
      const report = await first.report
      assert.deepEqual(report?.events, second.report?.events)
      assert.deepEqual(await written(runId), before)
      const slow = readCalls(calls).filter((call) => call.path === 'slow')
      assert.equal(slow.length, 2, 'the attempt that was under way ran again on the other node')
      assert.equal(new Set(slow.map((call) => call.key)).size, 1)
    } finally {
      first.signal('SIGCONT')
      first.signal('SIGKILL')
    }
  })
})
