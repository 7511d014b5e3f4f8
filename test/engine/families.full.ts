/**
 * Families under everything at once: parents with children of each policy, chains, machines that are signaled, updates,
 * pauses, cancels and terminates, over nodes that die, a store that fails before and after it wrote, and (on
 * PostgreSQL) connections that are cut. At the end all has ended, each child was told of once, every history is whole
 * (I1 to I8), and retention leaves nothing of them. The seed is printed; PERDURE_SEED repeats the choices.
 */
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { type Storage, StorageUnavailableError } from '../../storage/contract.ts'
import { createMemoryData } from '../../storage/memory/data.ts'
import { openStorage } from '../../storage/open.ts'
import { startTestPostgres } from '../postgres.ts'
import { assertWhole, readRuns } from './stored-runs.ts'
import {
  allEvents,
  type Bench,
  codeOf,
  deploy,
  doc,
  FunctionExecutor,
  namespace,
  startEngine,
  until,
} from './support.ts'
import { wrapStorage } from './wrapped-storage.ts'

const leaf = doc(
  `
input: { type: object, required: [n], properties: { n: { type: integer } } }
steps:
  - { id: work, activity: echo, input: { value: 1 } }
  - wait: "\${ $string(input.n % 7 * 9) & 'ms' }"
  - if: input.n > 100
    continueAsNew: { input: { n: "\${ input.n - 100 }" } }
  - if: input.n % 5 = 0
    fail: { type: Bad, message: bad }
  - return: "\${ steps.work }"
`,
  'leaf',
)
const machine = doc(
  `
initial: draft
signals: { submit: {}, approve: {} }
states:
  draft: { on: { submit: review }, after: { 5s: done } }
  review: { on: { approve: done, submit: draft }, after: { 5s: done } }
  done: { final: true }
`,
  'machine',
)
const parent = doc(
  `
input: { type: object, required: [n], properties: { n: { type: integer } } }
vars: { caught: 0 }
updates: { ask: { do: [ { id: asked, activity: echo, input: { value: 5 } } ], return: "\${ steps.asked }" } }
queries: { caught: "\${ vars.caught }" }
steps:
  - if: input.n % 3 = 0
    id: machine
    workflow: machine
    workflowId: "\${ 'machine-' & $string(input.n) }"
    detached: true
  - try:
      - signal: { workflowId: "\${ 'machine-' & $string(input.n - input.n % 3) }", name: submit }
    catch: [ { do: [ { set: { caught: "\${ vars.caught + 1 }" } } ] } ]
  - id: all
    parallel:
      canceled:
        - try: [ { id: one, workflow: leaf, input: { n: "\${ input.n % 3 * 100 + input.n }" }, onParentClose: cancel } ]
          catch: [ { do: [ { set: { caught: "\${ vars.caught + 1 }" } } ] } ]
      terminated:
        - try: [ { id: two, workflow: leaf, input: { n: "\${ input.n + 1 }" }, onParentClose: terminate } ]
          catch: [ { do: [ { set: { caught: "\${ vars.caught + 1 }" } } ] } ]
      shared:
        - try:
            - id: three
              workflow: leaf
              workflowId: "\${ 'shared-' & $string(input.n % 4) }"
              input: { n: 3 }
              onParentClose: abandon
              retry: { maximumAttempts: 20, initialInterval: 20ms, maximumInterval: 100ms }
          catch: [ { do: [ { set: { caught: "\${ vars.caught + 1 }" } } ] } ]
  - if: input.n % 4 = 1
    continueAsNew: { input: { n: "\${ input.n + 1 }" } }
  - return: 1
`,
  'parent',
)
const sources: { readonly [name: string]: string } = { leaf, machine, parent }

const families = 150
const seed = Number(process.env['PERDURE_SEED'] ?? Date.now() % 1_000_000)
const settings = {
  soleNode: false,
  heartbeatIntervalMs: 50,
  leaseTtlMs: 600,
  pollIntervalMs: 20,
  reconnectInitialMs: 5,
  maxLoadedRuns: 30,
  releaseAfterMs: 5,
  claimBatch: 10,
}
/** What a caller may be told while all this goes on. */
const honest =
  /^(ExecutionClosed|ExecutionNotFound|ExecutionPaused|Unavailable|Draining|UpdateRejected|SignalNotExpected|no error)$/

describe(`families over nodes that die and a store that fails (seed ${seed})`, function () {
  this.timeout(400_000)

  for (const kind of ['memory', 'PostgreSQL'] as const) {
    it(`all end, and are told of once, on ${kind}`, async () => {
      let state = seed >>> 0
      const random = (below: number) => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
        return Math.floor((state / 2 ** 32) * below)
      }
      const data = createMemoryData()
      const schema = `families_${process.pid}_${seed}`
      const url = kind === 'memory' ? null : (await startTestPostgres()).url
      const nodes: Bench[] = []
      const storages: Storage[] = []
      let isEvil = true
      const fails = (oneOf: number) => {
        if (isEvil && random(oneOf) === 0) throw new StorageUnavailableError('as a cut connection')
      }
      const evil =
        (oneOf: number) =>
        async <T>(call: () => Promise<T>): Promise<T> => {
          fails(oneOf)
          const answer = await call()
          fails(oneOf)
          return answer
        }

      async function join(): Promise<void> {
        const storage =
          url === null
            ? openStorage({ kind: 'memory', data })
            : openStorage({ kind: 'postgres', connectionString: urlOf(url, schema), schema, poolSize: 4 })
        storages.push(storage)
        const work = async ({ input }: { readonly input: unknown }) => {
          await pause(random(10))
          return (input as { value: number }).value
        }
        const wrapped = wrapStorage(storage, {
          closes: false,
          commit: (_turns, call) => evil(20)(call),
          claim: evil(60),
          claimParked: evil(60),
          find: (_workflowId, call) => evil(40)(call),
          answers: evil(40),
          openOf: evil(40),
        })
        for (;;) {
          try {
            nodes.push(
              await startEngine(new FunctionExecutor({ echo: work }), { storage: wrapped, settings }),
            )
            return
          } catch (thrown) {
            if (!(thrown instanceof StorageUnavailableError)) throw thrown
          }
        }
      }
      const any = () => {
        const node = nodes[random(nodes.length)]
        assert.ok(node)
        return node.engine
      }
      const insist = async (work: () => Promise<unknown>): Promise<void> => {
        for (let tries = 0; ; tries += 1) {
          const code = await codeOf(work())
          if (code !== 'Unavailable' && code !== 'Draining') return assert.match(code, honest)
          assert.ok(tries < 2_000, 'no node answers')
          await pause(5)
        }
      }
      const knife = url === null ? null : new pg.Client(url)
      await knife?.connect()
      try {
        await join()
        await join()
        for (const source of Object.values(sources)) await insist(() => deploy(any(), source))
        const asked: Promise<void>[] = []
        for (let n = 0; n < families; n += 1) {
          const started = { namespace, workflowId: `parent-${n}` }
          await insist(() =>
            any().startExecution({ ...started, workflow: 'parent', input: { n }, requestId: `start-${n}` }),
          )
          const target = { namespace, workflowId: `parent-${random(n + 1)}` }
          const tell = (work: () => Promise<unknown>) => asked.push(insist(work))
          switch (random(10)) {
            case 0:
              tell(() => any().terminate(target))
              break
            case 1:
              tell(() => any().cancel(target))
              break
            case 2:
            case 3:
              tell(() => any().update(target, 'ask', { updateId: 'once', waitMs: 15_000 }))
              break
            case 4:
              tell(() => any().terminate({ namespace, workflowId: `shared-${random(4)}` }))
              break
            case 5:
              tell(() => any().signal({ namespace, workflowId: `machine-${random(n + 1)}` }, 'submit', null))
              break
            case 6:
              asked.push(
                insist(() => any().pause(target)).then(async () => {
                  await pause(50)
                  await insist(() => any().resume(target))
                }),
              )
              break
            default:
          }
          if (n % 25 === 24) {
            const [dead] = nodes.splice(random(nodes.length), 1)
            dead?.engine.abandon()
            await join()
          }
          if (n % 20 === 10)
            await knife?.query(
              'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and random() < 0.3',
              [schema],
            )
          if (random(3) === 0) await pause(random(30))
        }
        isEvil = false
        await Promise.all(asked)
        const open = () => any().list(namespace, { query: "status = 'running'" })
        await until(async () => (await open()).items.length === 0, 200_000).catch(async () => {
          const { items } = await open()
          const described = items.map(({ workflowId, runId }) =>
            any().describe({ namespace, workflowId, runId }),
          )
          assert.fail(JSON.stringify(await Promise.all(described), null, 1))
        })
        await assertTold(any())
        if (knife !== null) await assertStored(knife, schema)
        const [storage] = storages
        for (let expired = 1; expired > 0; ) expired = (await storage?.expire(Date.now() + 1_000, 100)) ?? 0
        if (knife !== null) await assertNothingLeft(knife)
        else assert.deepEqual([data.runs.size, data.answers.size, data.requests.size], [0, 0, 0])
      } finally {
        isEvil = false
        await knife?.end()
        for (const { engine } of nodes) await engine.stop({ graceMs: 0 })
        for (const storage of storages) await storage.close().catch(() => {})
      }
    })
  }
})

/** So that the connections of this test are found, to be cut. */
function urlOf(url: string, schema: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}application_name=${schema}`
}

/** Of each child that a parent started it was told once that it began and once how it ended. */
async function assertTold(engine: Bench['engine']): Promise<void> {
  for (let n = 0; n < families; n += 1) {
    const told = new Map<string, number>()
    for (const event of await allEvents(engine, `parent-${n}`)) {
      if (!event.type.startsWith('ChildWorkflowExecution') || !('childId' in event)) continue
      const what = event.type === 'ChildWorkflowExecutionStarted' ? 'began' : 'ended'
      const key = `child ${event.childId} ${what}`
      told.set(key, (told.get(key) ?? 0) + 1)
    }
    for (const [what, times] of told) assert.equal(times, 1, `parent-${n}: ${what}`)
  }
}

/** What hangs on runs goes with them. */
async function assertNothingLeft(client: pg.Client): Promise<void> {
  const tables = ['run', 'execution', 'history', 'snapshot', 'inbox', 'attempt', 'answer', 'message_key']
  for (const table of [...tables, 'start_request', 'outbox']) {
    const { rows } = await client.query(`select count(*)::integer as left from ${table}`)
    assert.deepEqual(rows, [{ left: 0 }], table)
  }
}

async function assertStored(client: pg.Client, schema: string): Promise<void> {
  await client.query(`set search_path to ${schema}`)
  for (const run of await readRuns(client))
    await assertWhole(run, sources[run.workflow] ?? '', { endedFromOutside: true })
  const { rows } = await client.query(`
    select (select count(*)::integer from run where owner is not null) owned,
      (select count(*)::integer from inbox) messages,
      (select count(*)::integer from attempt) attempts,
      (select count(*)::integer from answer where state = 0) awaited`)
  assert.deepEqual(rows, [{ owned: 0, messages: 0, attempts: 0, awaited: 0 }])
}
