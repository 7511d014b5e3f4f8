/**
 * The bare loop: the bytes that the engine writes for one sequential step, put into a table of the same key by plain
 * batches of 128, two commits in flight. What is possible at most on this server: `run-bare.ts URL SCALE`.
 */
import pg from 'pg'
import { drive } from './load.ts'
import { benchInput } from './shapes.ts'

const [url = '', scale = '1'] = process.argv.slice(2)
const batchTurns = 128
const pool = new pg.Pool({ connectionString: url, max: 2 })
await pool.query(
  'create table bare(run_id uuid not null, first_event_id int not null, events json not null, primary key (run_id, first_event_id))',
)

/** Started, completed, and the next step scheduled. */
const events = JSON.stringify([
  {
    type: 'ActivityTaskStarted',
    timestamp: 1_770_000_000_000,
    activityId: 2,
    attempt: 1,
    startedAt: 1_770_000_000_000,
  },
  { type: 'ActivityTaskCompleted', timestamp: 1_770_000_000_000, activityId: 2, attempt: 1, result: null },
  {
    type: 'ActivityTaskScheduled',
    step: 's2',
    path: 's2',
    activityId: 3,
    activity: 'bench.noop',
    input: { orderId: benchInput.orderId, customer: benchInput.customer },
    taskQueue: 'default',
    timestamp: 1_770_000_000_000,
  },
])

const statement = {
  name: 'bare-insert',
  text: 'insert into bare select r, f, e from json_to_recordset($1::json) as t(r uuid, f int, e json)',
}

function runId(n: number): string {
  return `0190a000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`
}

const batches = Math.max(20, Math.round(1_500 * Number(scale)))
const insert = (n: number) => {
  const rows = Array.from(
    { length: batchTurns },
    (_, row) => `{"r":"${runId(row)}","f":${n * 4 + 2},"e":${events}}`,
  )
  return pool.query({ ...statement, values: [`[${rows.join(',')}]`] })
}
await drive({ total: 20, inFlight: 2, run: (n) => insert(1_000_000 + n) })
console.log(JSON.stringify({ begins: 'bare loop, 128 turns a batch, two in flight' }))
const figures = await drive({ total: batches, inFlight: 2, run: insert })
console.log(
  JSON.stringify({
    engine: 'bare-loop',
    shape: 'bare loop, 128 turns a batch, two in flight',
    steps: batchTurns,
    ...figures,
  }),
)
await pool.end()
