/** What the engine must do over every driver: the whole path, the forced races, a dead node, a fence, a parked run. */
import assert from 'node:assert/strict'
import type { EngineUnderTest } from '../../engine/create.ts'
import { interpreter } from '../../engine/interpreter-port.ts'
import { type Storage, StorageUnavailableError } from '../../storage/contract.ts'
import { describeSends } from './sends-suite.ts'
import {
  allEvents,
  codeOf,
  deploy,
  doc,
  echo,
  eventTypes,
  FunctionExecutor,
  namespace,
  oneStep,
  startEngine,
  until,
} from './support.ts'
import { type Taps, wrapStorage } from './wrapped-storage.ts'

export interface EngineDriver {
  /** Another connection to the same data. */
  connect(): Storage
  /** Whether `close` of a connection may be called and another one opened. */
  readonly reconnects: boolean
}

const racing = doc(
  `
signals:
  go: {}
  note: { do: [ { id: noted, activity: echo, input: { value: noted } } ] }
queries: { noted: "\${ vars.n }" }
vars: { n: 0 }
steps:
  - id: gate
    wait: { signal: go }
  - id: work
    activity: echo
    input: { value: 1 }
  - return: \${ steps.work }
`,
  'racing',
)

let nextId = 0

export function describeEngine(name: string, open: () => Promise<EngineDriver>): void {
  describe(`engine over ${name}`, function () {
    this.timeout(60_000)
    let driver: EngineDriver
    const engines: EngineUnderTest[] = []
    const storages: Storage[] = []
    let ref: { namespace: string; workflowId: string }

    before(async () => {
      driver = await open()
    })
    beforeEach(() => {
      nextId += 1
      ref = { namespace, workflowId: `run-${nextId}` }
    })
    afterEach(async () => {
      for (const engine of engines.splice(0)) await engine.stop({ graceMs: 0 })
      // An engine that was thrown away has closed nothing.
      for (const storage of storages.splice(0)) if (driver.reconnects) await storage.close()
    })

    async function engineOver(
      taps: Taps = {},
      options: object = {},
      executor = new FunctionExecutor({ ...echo, hang: () => undefined }),
    ) {
      taps.closes = driver.reconnects
      const storage = driver.connect()
      storages.push(storage)
      const opened = await startEngine(executor, { storage: wrapStorage(storage, taps), ...options })
      engines.push(opened.engine)
      for (const source of [racing, oneStep]) await deploy(opened.engine, source)
      return opened
    }

    const start = (engine: EngineUnderTest, workflow = 'under-test', value: string | number = 7) =>
      engine.startExecution({ ...ref, workflow, input: { value } })

    describeSends(engineOver, () => ref)

    it('a name that no store can hold is refused or not found, wherever it is asked for', async () => {
      const { engine } = await engineOver()
      const nul = 'a\u0000b'
      const named = { namespace, workflowId: nul }
      const asks: { readonly [what: string]: () => Promise<unknown> } = {
        describe: () => engine.describe(named),
        run: () => engine.describe({ ...named, workflowId: 'w', runId: nul }),
        namespace: () => engine.describe({ namespace: nul, workflowId: 'w' }),
        history: () => engine.history(named, {}),
        result: () => engine.result(named),
        query: () => engine.query(named, 'q'),
        update: () => engine.update(named, 'u', {}),
        signal: () => engine.signal(named, 's', null),
        cancel: () => engine.cancel(named),
        terminate: () => engine.terminate(named),
        start: () => engine.startExecution({ namespace, workflow: nul }),
        definition: () => engine.definition(namespace, nul, '1.0.0'),
        version: () => engine.definition(namespace, 'x', nul),
        resolve: () => engine.resolve(namespace, nul),
        redeliver: () => engine.redeliver(namespace, nul),
      }
      for (const [what, ask] of Object.entries(asks)) {
        const code = await codeOf(ask())
        assert.match(
          code,
          /^(RequestInvalid|ExecutionNotFound|WorkflowNotFound|DefinitionNotFound|DeliveryNotFound)$/,
          what,
        )
      }
      for (const list of [
        () => engine.list(namespace, { query: `workflowId = '${nul}'` }),
        () => engine.deliveries(namespace, { sink: nul }),
        () => engine.definitions(namespace, nul),
      ]) {
        const found = await list().catch((error: { code?: string }) =>
          assert.equal(error.code, 'RequestInvalid'),
        )
        if (found !== undefined) assert.deepEqual('items' in found ? found.items : found, [])
      }
    })

    it('runs many runs side by side', async () => {
      const { engine } = await engineOver()
      const refs = Array.from({ length: 60 }, (_, n) => ({ namespace, workflowId: `${ref.workflowId}-${n}` }))
      await Promise.all(
        refs.map((one, n) => engine.startExecution({ ...one, workflow: 'under-test', input: { value: n } })),
      )
      for (const [n, one] of refs.entries()) {
        const outcome = await engine.result(one)
        assert.ok(outcome.status === 'completed')
        assert.equal(outcome.result, n)
      }
      const query = `status = 'completed' and workflowId starts with '${ref.workflowId}-'`
      assert.equal(await engine.count(namespace, query), 60)
      assert.equal(engine.loadedRuns, 0)
    })

    it('starts and releases, starts and closes in one commit; a signal wakes', async () => {
      const { engine } = await engineOver()
      await deploy(engine, doc('steps: [ { return: 5 } ]', 'at-once'))
      await engine.startExecution({ ...ref, workflow: 'at-once' })
      const outcome = await engine.result(ref)
      assert.ok(outcome.status === 'completed')
      assert.equal(outcome.result, 5)
      const waiting = { namespace, workflowId: `${ref.workflowId}-waits` }
      await engine.startExecution({ ...waiting, workflow: 'racing' })
      await engine.quiet()
      assert.equal(engine.loadedRuns, 0)
      assert.equal(await engine.query(waiting, 'noted'), 0)
      assert.equal((await engine.describe(waiting)).waitingFor[0]?.kind, 'signal')
      await engine.signal(waiting, 'go', null)
      assert.equal((await engine.result(waiting)).status, 'completed')
    })

    it('wakes a released run when its timer is due', async () => {
      const { engine } = await engineOver({}, { settings: { releaseAfterMs: 10 } })
      await deploy(engine, doc('steps: [ { id: pause, wait: 200ms } ]', 'pauses'))
      await engine.startExecution({ ...ref, workflow: 'pauses' })
      await engine.quiet()
      assert.equal(engine.loadedRuns, 0)
      assert.equal((await engine.result(ref)).status, 'completed')
    })

    it('takes a signal that races the close before it (keeps I5)', async () => {
      const taps: Taps = {}
      const { engine } = await engineOver(taps)
      let raced = 0
      taps.commit = async (turns, commit) => {
        if (turns.some((turn) => turn.change?.kind === 'close') && raced === 0) {
          raced += 1
          await engine.signal(ref, 'note', { n: 1 })
        }
        return commit()
      }
      await start(engine, 'racing')
      await engine.signal(ref, 'go', null)
      assert.equal((await engine.result(ref)).status, 'completed')
      assert.equal(raced, 1)
      const types = await eventTypes(engine, ref.workflowId)
      assert.equal(types.filter((type) => type === 'WorkflowSignalReceived').length, 2)
      assert.equal(types.at(-1), 'WorkflowExecutionCompleted')
    })

    it('takes a signal that races the release', async () => {
      const taps: Taps = {}
      const { engine } = await engineOver(taps)
      let raced = 0
      taps.commit = async (turns, commit) => {
        const releases = turns.some((turn) => turn.change?.kind === 'release' && turn.start === null)
        if (releases && raced === 0) {
          raced += 1
          await engine.signal(ref, 'go', null)
        }
        return commit()
      }
      await start(engine, 'racing')
      await engine.signal(ref, 'note', { n: 0 })
      assert.equal((await engine.result(ref)).status, 'completed')
      assert.equal(raced, 1)
    })

    it('loads a run again when the answer of its commit was lost', async () => {
      for (const written of [true, false]) {
        const taps: Taps = {}
        const { engine, executor } = await engineOver(taps)
        const one = { namespace, workflowId: `${ref.workflowId}-${written}` }
        taps.commit = async (turns, commit) => {
          if (!turns.some((turn) => turn.events.includes('ActivityTaskCompleted'))) return commit()
          delete taps.commit
          if (written) await commit()
          throw new StorageUnavailableError('the connection was lost')
        }
        await engine.startExecution({ ...one, workflow: 'under-test', input: { value: 1 } })
        assert.equal((await engine.result(one)).status, 'completed')
        assert.equal(executor.calls.length, 1)
      }
    })

    it('goes on from what a dead engine left, and from its snapshot', async () => {
      const settings = { snapshotBytes: 200, soleNode: true }
      const first = await engineOver({}, { settings })
      await deploy(
        first.engine,
        doc(
          `
steps:
  - { id: a, activity: echo, input: { value: "${'x'.repeat(300)}" } }
  - { id: b, activity: hang }
  - return: \${ steps.a }
`,
          'left',
        ),
      )
      await first.engine.startExecution({ ...ref, workflow: 'left' })
      await until(() => first.executor.calls.length === 2)
      first.engine.abandon()
      const second = await engineOver({}, { settings }, new FunctionExecutor({ ...echo, hang: () => 'b' }))
      const outcome = await second.engine.result(ref)
      assert.ok(outcome.status === 'completed')
      assert.equal(outcome.result, 'x'.repeat(300))
      assert.deepEqual(
        second.executor.calls.map(({ step }) => step),
        ['b'],
      )
    })

    it('writes nothing once it was presumed dead, and joins again (keeps I10)', async () => {
      const lease = { soleNode: false, heartbeatIntervalMs: 20, leaseTtlMs: 300, pollIntervalMs: 20 }
      const taps: Taps = {}
      const first = await engineOver(taps, { settings: lease })
      const hangs = { namespace, workflowId: `${ref.workflowId}-hangs` }
      await deploy(first.engine, doc('steps: [ { id: a, activity: hang } ]', 'hangs'))
      await first.engine.startExecution({ ...hangs, workflow: 'hangs' })
      await until(() => first.executor.open.size === 1)
      // Its beats stand still, as in a process that is stopped; nothing else of it does.
      taps.beat = () => new Promise(() => {})
      const [end] = first.executor.open.values()
      const second = await engineOver(
        {},
        { settings: lease },
        new FunctionExecutor({ ...echo, hang: () => 'b' }),
      )
      await until(
        async () => (await second.engine.result(hangs, { waitMs: 0 })).status === 'completed',
        20_000,
      )
      const before = await allEvents(second.engine, hangs.workflowId)
      end?.({ kind: 'completed', startedAt: 0, result: 'too late' })
      await until(() => first.engine.loadedRuns === 0)
      assert.deepEqual(await allEvents(second.engine, hangs.workflowId), before)
    })

    it('parks a poisoned run, and closes it by terminate', async () => {
      const reduce: typeof interpreter.reduce = async (program, state, inputs) => {
        if (inputs.some((input) => input.type === 'ActivityTaskCompleted')) throw new Error('a bug')
        return interpreter.reduce(program, state, inputs)
      }
      const { engine } = await engineOver({}, { interpreter: { ...interpreter, reduce } })
      await start(engine)
      await until(async () => (await engine.describe(ref)).parked !== null)
      await engine.terminate(ref, 'poisoned')
      assert.equal((await engine.result(ref)).status, 'terminated')
    })

    it('fails the step whose result the store refuses, and nothing else', async () => {
      // The door is passed over: only the store stands between this value and a batch with others.
      const reduce: typeof interpreter.reduce = async (program, state, inputs) => {
        const poisoned = inputs.map((input) =>
          input.type === 'ActivityTaskCompleted' && input.result === 'poison'
            ? { ...input, result: 'a\u0000b' }
            : input,
        )
        return interpreter.reduce(program, state, poisoned)
      }
      const { engine } = await engineOver({}, { interpreter: { ...interpreter, reduce } })
      const refs = Array.from({ length: 12 }, (_, n) => ({ namespace, workflowId: `${ref.workflowId}-${n}` }))
      await Promise.all(
        refs.map((one, n) =>
          engine.startExecution({
            ...one,
            workflow: 'under-test',
            input: { value: n === 5 ? 'poison' : n },
          }),
        ),
      )
      for (const [n, one] of refs.entries()) {
        const outcome = await engine.result(one)
        assert.equal(outcome.status, n === 5 ? 'failed' : 'completed', one.workflowId)
      }
    })
  })
}
