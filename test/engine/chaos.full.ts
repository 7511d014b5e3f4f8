/**
 * Several nodes on one PostgreSQL under hundreds of runs, while nodes die, connections are cut and every caller tries
 * again: what the database holds at the end keeps I1 to I7 and I10. The seed is printed; PERDURE_SEED makes the same
 * choices again.
 */
import assert from 'node:assert/strict'
import pg from 'pg'
import { createEngine, type EngineUnderTest } from '../../engine/create.ts'
import { openActivities } from '../../engine/embedded/process-activities.ts'
import { nextRandom, seedFrom } from '../../interpreter/values/random.ts'
import { openStorage } from '../../storage/open.ts'
import { startTestPostgres } from '../postgres.ts'
import { assertWhole, readRuns } from './stored-runs.ts'
import { deploy, doc, namespace, until } from './support.ts'

const source = doc(
  `
signals:
  go: {}
  note: { do: [ { id: noted, activity: echo, input: { value: "\${ signal.n }" } } ] }
vars: { total: 0 }
steps:
  - { id: first, activity: echo, input: { value: "\${ input.n }" } }
  - id: both
    parallel:
      left: [ { id: left, activity: echo, input: { value: "\${ steps.first + 1 }" } } ]
      right: [ { id: right, activity: flaky, input: { value: 10 }, retry: { initialInterval: 20ms, maximumAttempts: 100 } } ]
  - { id: pause, wait: 30ms }
  - id: gate
    wait: { signal: go }
  - id: each
    forEach: "[1..3]"
    as: n
    concurrency: 2
    do: [ { id: item, activity: echo, input: { value: "\${ n * 100 }" } } ]
  - return: { total: "\${ steps.left + steps.right }", each: "\${ steps.each }" }
`,
  'chaos',
)

const runs = 300
const spreadMs = Number(process.env['PERDURE_CHAOS_MS'] ?? 8_000)
/** About so many fit into the time in which the runs begin. */
const disturbances = Math.ceil(spreadMs / 400)
const seed = Number(process.env['PERDURE_SEED'] ?? Date.now() % 1_000_000)

/** Choices of one kind, which do not depend on when others are made. */
function choicesOf(what: string): (below: number) => number {
  const state = seedFrom(`${seed}/${what}`)
  return (below) => Math.floor(nextRandom(state) * below)
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe(`several nodes on PostgreSQL, nodes that die, connections that are cut (seed ${seed})`, () => {
  const schema = `chaos_${process.pid}_${seed}`
  const live: EngineUnderTest[] = []
  const storages: ReturnType<typeof openStorage>[] = []
  const executors: { stop(graceMs: number): Promise<void> }[] = []
  let url = ''
  let joined = 0

  async function join(): Promise<EngineUnderTest> {
    const random = choicesOf(`node ${++joined}`)
    const { executor } = await openActivities({
      given: [
        { name: 'echo', run: ({ value }: { value: unknown }) => pause(random(8)).then(() => value) },
        {
          name: 'flaky',
          run({ value }: { value: unknown }) {
            if (random(3) === 0) throw new Error('one of three fails')
            return value
          },
        },
      ],
    })
    executors.push(executor)
    const storage = openStorage({
      kind: 'postgres',
      connectionString: `${url}${url.includes('?') ? '&' : '?'}application_name=${schema}`,
      schema,
      poolSize: 6,
    })
    storages.push(storage)
    const engine = createEngine({
      storage,
      executor,
      settings: { heartbeatIntervalMs: 150, leaseTtlMs: 1_500, pollIntervalMs: 200, snapshotBytes: 2_000 },
    })
    await engine.start()
    live.push(engine)
    return engine
  }

  /** As a client behind a balancer does: another node, the same request id, until there is an answer. */
  async function insist<T>(work: (engine: EngineUnderTest) => Promise<T>, first = 0): Promise<T | string> {
    for (let tries = first; ; tries += 1) {
      const engine = live[tries % live.length]
      try {
        if (engine !== undefined) return await work(engine)
      } catch (thrown) {
        const { code } = thrown as { code?: string }
        if (code !== 'Unavailable' && code !== 'Draining') {
          if (code === 'ExecutionClosed') return code
          throw thrown
        }
      }
      await pause(10)
    }
  }

  it('every run ends with its result, every accepted signal is taken once, nothing stays owned', async () => {
    url = (await startTestPostgres()).url
    for (let n = 0; n < 3; n += 1) await join()
    const [first] = live
    assert.ok(first)
    await deploy(first, source)

    const accepted = new Map<string, Set<number>>()
    let isOver = false
    const drive = async (n: number) => {
      const random = choicesOf(`run ${n}`)
      await pause(random(spreadMs))
      const workflowId = `chaos-${n}`
      const ref = { namespace, workflowId }
      const request = { namespace, workflow: 'chaos', workflowId, requestId: workflowId, input: { n } }
      const start = (node: number) => insist((engine) => engine.startExecution(request), node)
      // Two nodes get the same request: one run.
      const both = await Promise.all([start(n), start(n + 1)])
      const [one, other] = both.map((answer) => (typeof answer === 'string' ? answer : answer.runId))
      assert.equal(one, other, 'one request, one run')
      const taken = new Set<number>()
      accepted.set(workflowId, taken)
      const note = async (k: number) => {
        const send = (node: number) =>
          insist(
            (engine) => engine.signal(ref, 'note', { n: k }, `${workflowId}-${k}`).then(() => 'accepted'),
            node,
          )
        if ((await Promise.all([send(k), send(k + 1)])).includes('accepted')) taken.add(k)
      }
      for (let k = 0; k < 3; k += 1) await pause(random(50)).then(() => note(k))
      await insist((engine) => engine.signal(ref, 'go', null, `${workflowId}-go`).then(() => 'accepted'))
      // These race the end of the run.
      for (let k = 3; k < 8; k += 1) await pause(random(15)).then(() => note(k))
    }
    const knife = new pg.Client(url)
    await knife.connect()
    let killed = 0
    let cut = 0
    let cuts = 0
    const disturb = async () => {
      const random = choicesOf('disturbances')
      // Each kind at first, and not for ever: a slow machine must come to an end too.
      for (let n = 0; n < disturbances && !isOver; n += 1) {
        await pause(150 + random(500))
        switch (n < 3 ? n : random(3)) {
          case 0: {
            live.splice(random(live.length), 1)[0]?.abandon()
            killed += 1
            await join().catch(() => pause(50).then(join))
            break
          }
          case 1: {
            const [leaving] = live.splice(random(live.length), 1)
            await join().catch(() => pause(50).then(join))
            await leaving?.stop({ graceMs: random(2) * 50 })
            break
          }
          default: {
            const { rowCount } = await knife.query(
              'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and pid % 2 <> $2',
              [schema, cuts === 0 ? 2 : cuts % 2],
            )
            cuts += 1
            cut += rowCount ?? 0
          }
        }
      }
    }
    const disturbing = disturb()
    try {
      await Promise.all([disturbing, ...Array.from({ length: runs }, (_, n) => drive(n))])
      await until(
        () => insist((engine) => engine.count(namespace, "status = 'running'")).then((open) => open === 0),
        60_000,
      )
      assert.ok(killed > 0 && cut > 0, `${killed} nodes killed, ${cut} connections cut`)
      await knife.query(`set search_path to ${schema}`)
      const found = await readRuns(knife)
      assert.equal(found.length, runs)
      for (const run of found) {
        const { events } = await assertWhole(run, source)
        const n = Number(run.workflowId.slice('chaos-'.length))
        assert.equal(run.status, 1, `${run.workflowId}: ${JSON.stringify(run.outcome)}`)
        assert.deepEqual(run.outcome, { total: n + 11, each: [100, 200, 300] }, run.workflowId)
        const signals = events.flatMap((event) =>
          event.type === 'WorkflowSignalReceived' && event.signal === 'note'
            ? [(event.input as { n: number }).n]
            : [],
        )
        assert.deepEqual(
          [...signals].sort((a, b) => a - b),
          [...(accepted.get(run.workflowId) ?? [])].sort((a, b) => a - b),
          `signals of ${run.workflowId}`,
        )
      }
      const left = await knife.query(
        'select (select count(*) from run where owner is not null) owned, (select count(*) from inbox) messages, (select count(*) from attempt) attempts',
      )
      assert.deepEqual(left.rows, [{ owned: '0', messages: '0', attempts: '0' }])
      console.log(`      ${killed} nodes killed, ${cut} connections cut, ${runs} runs`)
    } finally {
      isOver = true
      await knife.end()
      for (const engine of live.splice(0)) await engine.stop({ graceMs: 0 })
      // A node that died has stopped nothing.
      for (const executor of executors) await executor.stop(0)
      for (const storage of storages) await storage.close().catch(() => {})
    }
  }).timeout(150_000)
})
