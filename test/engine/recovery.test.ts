/** What the engine does when something goes wrong: races, lost answers, a fence, a dead node, a poisoned run. */
import assert from 'node:assert/strict'
import { createEngine, type EngineUnderTest } from '../../engine/create.ts'
import { interpreter } from '../../engine/interpreter-port.ts'
import { StorageDataError, StorageUnavailableError } from '../../storage/contract.ts'
import { createMemoryData } from '../../storage/memory/data.ts'
import { openStorage } from '../../storage/open.ts'
import {
  allEvents,
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

const w = { namespace, workflowId: 'w' }

/** Two signals: the second has a handler, which must run whenever the signal was accepted. */
const racing = doc(`
signals:
  go: {}
  note: { do: [ { id: noted, activity: echo, input: { value: noted } } ] }
steps:
  - id: gate
    wait: { signal: go }
  - id: work
    activity: echo
    input: { value: 1 }
  - return: \${ steps.work }
`)

describe('engine recovery', () => {
  const engines: EngineUnderTest[] = []
  afterEach(async () => {
    for (const engine of engines.splice(0)) await engine.stop({ graceMs: 0 })
  })

  async function open(taps: Taps = {}, executor = new FunctionExecutor(echo), more: object = {}) {
    const storage = wrapStorage(openStorage({ kind: 'memory' }), taps)
    const opened = await startEngine(executor, { storage, ...more })
    engines.push(opened.engine)
    return opened
  }

  const start = (engine: EngineUnderTest, workflowId = 'w') =>
    engine.startExecution({ namespace, workflow: 'under-test', workflowId, input: { value: 7 } })

  describe('a signal that races', () => {
    it('the close of its run is taken before it (keeps I5)', async () => {
      const taps: Taps = {}
      const { engine } = await open(taps)
      await deploy(engine, racing)
      let raced = 0
      taps.commit = async (turns, commit) => {
        // The signal becomes durable between the decision to close and its commit.
        if (turns.some((turn) => turn.change?.kind === 'close') && raced === 0) {
          raced += 1
          await engine.signal(w, 'note', { n: 1 })
        }
        return commit()
      }
      await start(engine)
      await engine.signal(w, 'go', null)
      const outcome = await engine.result(w)
      assert.ok(outcome.status === 'completed')
      assert.equal(outcome.result, 1)
      assert.equal(raced, 1)
      const events = await allEvents(engine, 'w')
      const types = events.map(({ type }) => type)
      assert.equal(types.filter((type) => type === 'WorkflowSignalReceived').length, 2)
      assert.equal(types.filter((type) => type === 'ActivityTaskCompleted').length, 2)
      assert.equal(types.at(-1), 'WorkflowExecutionCompleted')
      assert.equal(types.filter((type) => type === 'WorkflowExecutionCompleted').length, 1)
    })

    it('the release of its run is taken by the same node', async () => {
      const taps: Taps = {}
      const { engine } = await open(taps)
      await deploy(engine, racing)
      let raced = 0
      taps.commit = async (turns, commit) => {
        const releases = turns.some((turn) => turn.change?.kind === 'release' && turn.start === null)
        if (releases && raced < 3) {
          raced += 1
          await engine.signal(w, 'note', { n: raced })
        }
        return commit()
      }
      await start(engine)
      await engine.signal(w, 'note', { n: 0 })
      await until(() => raced === 3)
      await engine.quiet()
      assert.equal(engine.loadedRuns, 0)
      await engine.signal(w, 'go', null)
      assert.equal((await engine.result(w)).status, 'completed')
      const signals = (await eventTypes(engine, 'w')).filter((type) => type === 'WorkflowSignalReceived')
      assert.equal(signals.length, 5)
    })

    it('and more signals than one turn takes do not keep a run from closing', async () => {
      const taps: Taps = {}
      const { engine } = await open(taps, undefined, { settings: { turnInputs: 10 } })
      await deploy(engine, doc('signals: { go: {} }\nsteps: [ { id: gate, wait: { signal: go } } ]'))
      const { runId } = await start(engine)
      await engine.quiet()
      let raced = 0
      taps.commit = async (turns, commit) => {
        if (turns.some((turn) => turn.change?.kind === 'close') && raced === 0) {
          raced += 1
          for (let n = 0; n < 35; n += 1) await engine.signal({ ...w, runId }, 'go', n)
        }
        return commit()
      }
      await engine.signal(w, 'go', 'first')
      assert.equal((await engine.result(w)).status, 'completed')
      const signals = (await eventTypes(engine, 'w')).filter((type) => type === 'WorkflowSignalReceived')
      assert.equal(signals.length, 36)
    })
  })

  describe('an answer of the store that is lost', () => {
    for (const written of [true, false]) {
      it(`after the turn was ${written ? '' : 'not '}written: the run goes on, nothing is sent twice`, async () => {
        const taps: Taps = {}
        const { engine, executor } = await open(taps)
        await deploy(engine, oneStep)
        let lost = 0
        taps.commit = async (turns, commit) => {
          const isResult = turns.some((turn) => turn.events.includes('ActivityTaskCompleted'))
          if (!isResult || lost > 0) return commit()
          lost += 1
          if (written) await commit()
          throw new StorageUnavailableError('the connection was lost')
        }
        await start(engine)
        const outcome = await engine.result(w)
        assert.ok(outcome.status === 'completed')
        assert.equal(outcome.result, 7)
        assert.equal(lost, 1)
        assert.equal(executor.calls.length, 1, 'the outcome was kept, the activity not run again')
        const types = await eventTypes(engine, 'w')
        assert.equal(types.filter((type) => type === 'ActivityTaskCompleted').length, 1)
      })

      it(`of a start that was ${written ? '' : 'not '}written is told as Unavailable; the run is taken up`, async () => {
        const taps: Taps = {}
        const { engine } = await open(taps)
        await deploy(engine, oneStep)
        taps.commit = async (_, commit) => {
          delete taps.commit
          if (written) await commit()
          throw new StorageUnavailableError('the connection was lost')
        }
        await assert.rejects(start(engine), { code: 'Unavailable' })
        await engine.quiet()
        assert.equal(await engine.count(namespace), written ? 1 : 0)
        if (!written) return
        assert.equal((await engine.result(w)).status, 'completed')
        // The start is not fed again: the document runs once.
        assert.deepEqual(await eventTypes(engine, 'w'), [
          'WorkflowExecutionStarted',
          'ActivityTaskScheduled',
          'ActivityTaskStarted',
          'ActivityTaskCompleted',
          'WorkflowExecutionCompleted',
        ])
      })
    }

    it('of a claim: the runs are found and taken up', async () => {
      const data = createMemoryData()
      const first = await startEngine(new FunctionExecutor(echo), {
        storage: openStorage({ kind: 'memory', data }),
        settings: { maxLoadedRuns: 0 },
      })
      await deploy(first.engine, oneStep)
      await start(first.engine)
      await first.engine.stop({ graceMs: 0 })
      let lost = 0
      const storage = wrapStorage(openStorage({ kind: 'memory', data }), {
        claim: async (claim) => {
          const rows = await claim()
          if (rows.length === 0 || lost > 0) return rows
          lost += 1
          throw new StorageUnavailableError('the connection was lost')
        },
      })
      const { engine } = await startEngine(new FunctionExecutor(echo), { storage })
      engines.push(engine)
      await until(async () => (await engine.result(w, { waitMs: 0 })).status === 'completed')
      assert.equal(lost, 1)
    })

    it('for a while: everything goes on when it answers again', async () => {
      const taps: Taps = {}
      const { engine } = await open(taps)
      await deploy(engine, oneStep)
      let down = true
      const unavailable = async () => {
        throw new StorageUnavailableError('the database is down')
      }
      let runs = 0
      taps.commit = async (turns, commit) => {
        if (turns.every((turn) => turn.start !== null)) return commit()
        runs += 1
        return down ? unavailable() : commit()
      }
      taps.ping = (ping) => (down ? unavailable() : ping())
      for (let n = 0; n < 20; n += 1) await start(engine, `w-${n}`).catch(() => {})
      await until(() => runs > 0)
      await assert.rejects(engine.startExecution({ namespace, workflow: 'under-test' }), {
        code: 'Unavailable',
      })
      down = false
      await engine.quiet()
      assert.equal(await engine.count(namespace, "status = 'running'"), 0)
    })
  })

  it('finds the turn that cannot be stored, and fails the step that brought it', async () => {
    const taps: Taps = {}
    const { engine } = await open(taps)
    await deploy(engine, oneStep)
    const sizes: number[] = []
    taps.commit = async (turns, commit) => {
      sizes.push(turns.length)
      if (turns.some((turn) => turn.events.includes('"result":"poison"')))
        throw new StorageDataError('poison')
      return commit()
    }
    const ids = Array.from({ length: 16 }, (_, n) => `w-${n}`)
    await Promise.all(
      ids.map((workflowId, n) =>
        engine.startExecution({
          namespace,
          workflow: 'under-test',
          workflowId,
          input: { value: n === 11 ? 'poison' : n },
        }),
      ),
    )
    for (const [n, workflowId] of ids.entries()) {
      const outcome = await engine.result({ namespace, workflowId })
      assert.equal(outcome.status, n === 11 ? 'failed' : 'completed', workflowId)
      if (outcome.status === 'failed') {
        assert.equal(outcome.error.type, 'ActivityOutputInvalid')
        assert.equal(outcome.error.step, 'greet')
      }
    }
    assert.ok(Math.max(...sizes) > 1, 'the turns were written together')
  })

  it('parks a run whose reducer throws; terminate closes it', async () => {
    const reduce: typeof interpreter.reduce = async (program, state, inputs) => {
      if (inputs.some((input) => input.type === 'ActivityTaskCompleted')) throw new Error('a bug')
      return interpreter.reduce(program, state, inputs)
    }
    const { engine } = await open({}, undefined, { interpreter: { ...interpreter, reduce } })
    await deploy(engine, oneStep)
    await start(engine)
    await until(async () => (await engine.describe(w)).parked !== null)
    const description = await engine.describe(w)
    assert.match(description.parked ?? '', /a bug/)
    assert.equal(description.waitingFor[0]?.kind, 'parked')
    await engine.signal(w, 'none', null).catch(() => {})
    await engine.terminate(w, 'poisoned')
    assert.equal((await engine.result(w)).status, 'terminated')
    assert.equal((await eventTypes(engine, 'w')).at(-1), 'WorkflowExecutionTerminated')
  })

  it('parks a run whose history does not replay, and says where', async () => {
    const data = createMemoryData()
    const first = await startEngine(new FunctionExecutor(echo), {
      storage: openStorage({ kind: 'memory', data }),
    })
    await deploy(first.engine, racing)
    const { runId } = await start(first.engine)
    await first.engine.signal(w, 'note', { n: 1 })
    await first.engine.quiet()
    await first.engine.stop()
    const run = data.runs.get(runId)
    const [index, turn] = [...(run?.turns.entries() ?? [])].find(([, { events }]) =>
      events.includes('ActivityTaskScheduled'),
    ) ?? [0, undefined]
    assert.ok(run && turn)
    run.turns[index] = { ...turn, events: turn.events.replace('"activity":"echo"', '"activity":"other"') }
    const { engine } = await startEngine(new FunctionExecutor(echo), {
      storage: openStorage({ kind: 'memory', data }),
    })
    engines.push(engine)
    await engine.signal(w, 'go', null)
    await until(async () => (await engine.describe(w)).parked !== null)
    assert.match((await engine.describe(w)).parked ?? '', /does not replay.*"activity":"other"/s)
    await engine.terminate(w)
    assert.equal((await engine.result(w)).status, 'terminated')
  })

  it('ignores a snapshot of another state version', async () => {
    const data = createMemoryData()
    const settings = { snapshotBytes: 100 }
    const first = await startEngine(new FunctionExecutor(echo), {
      storage: openStorage({ kind: 'memory', data }),
      settings,
    })
    await deploy(first.engine, racing)
    const { runId } = await start(first.engine)
    for (let n = 0; n < 5; n += 1) await first.engine.signal(w, 'note', { n })
    await first.engine.quiet()
    await first.engine.stop()
    const run = data.runs.get(runId)
    assert.ok(run?.snapshot)
    run.snapshot = { ...run.snapshot, stateVersion: 999, state: 'not even JSON' }
    const { engine } = await startEngine(new FunctionExecutor(echo), {
      storage: openStorage({ kind: 'memory', data }),
    })
    engines.push(engine)
    await engine.signal(w, 'go', null)
    assert.equal((await engine.result(w)).status, 'completed')
  })

  describe('two nodes', () => {
    const lease = { soleNode: false, heartbeatIntervalMs: 10, leaseTtlMs: 80, pollIntervalMs: 10 }

    it('a dead node is taken over: its activities run again under the same attempt', async () => {
      const data = createMemoryData()
      const hanging = new FunctionExecutor({ echo: () => undefined })
      const first = await startEngine(hanging, {
        storage: openStorage({ kind: 'memory', data }),
        settings: lease,
      })
      await deploy(first.engine, oneStep)
      await start(first.engine)
      await until(() => hanging.open.size === 1)
      const second = await startEngine(new FunctionExecutor(echo), {
        storage: openStorage({ kind: 'memory', data }),
        settings: lease,
      })
      engines.push(second.engine)
      first.engine.abandon()
      await until(async () => (await second.engine.result(w, { waitMs: 0 })).status === 'completed')
      assert.deepEqual(
        second.executor.calls.map(({ attempt, activityId }) => [attempt, activityId]),
        hanging.calls.map(({ attempt, activityId }) => [attempt, activityId]),
      )
      const types = await eventTypes(second.engine, 'w')
      assert.equal(types.filter((type) => type === 'ActivityTaskCompleted').length, 1)
    })

    it('one that was presumed dead writes nothing, drops its runs and joins again (keeps I10)', async () => {
      const data = createMemoryData()
      const hanging = new FunctionExecutor({ echo: () => undefined })
      const taps: Taps = {}
      const first = await startEngine(hanging, {
        storage: wrapStorage(openStorage({ kind: 'memory', data }), taps),
        settings: lease,
      })
      engines.push(first.engine)
      await deploy(first.engine, oneStep)
      await start(first.engine)
      await until(() => hanging.open.size === 1)
      // Its beats stand still, as in a process that is stopped; nothing else of it does.
      taps.beat = () => new Promise(() => {})
      const [end] = hanging.open.values()
      const second = await startEngine(new FunctionExecutor(echo), {
        storage: openStorage({ kind: 'memory', data }),
        settings: lease,
      })
      engines.push(second.engine)
      await until(async () => (await second.engine.result(w, { waitMs: 0 })).status === 'completed')
      const before = await allEvents(second.engine, 'w')
      end?.({ kind: 'completed', startedAt: 0, result: 'too late' })
      await until(() => hanging.forgotten.length > 0 || first.engine.loadedRuns === 0)
      assert.deepEqual(await allEvents(second.engine, 'w'), before)
      assert.equal(first.engine.loadedRuns, 0)
    })

    it('a message sent by one reaches a run of the other', async () => {
      const data = createMemoryData()
      const open = () =>
        startEngine(new FunctionExecutor({ ...echo, hang: () => undefined }), {
          storage: openStorage({ kind: 'memory', data }),
          settings: { ...lease, leaseTtlMs: 5_000 },
        })
      const first = await open()
      const second = await open()
      engines.push(first.engine, second.engine)
      await deploy(first.engine, doc('steps: [ { id: a, activity: hang } ]'))
      await start(first.engine)
      await until(() => first.executor.open.size === 1)
      await second.engine.cancel(w)
      assert.equal((await second.engine.result(w)).status, 'canceled')
      assert.equal(first.executor.forgotten.length, 1)
    })
  })

  it('hands the heartbeat details and the start of an attempt to the node that runs it again', async () => {
    const data = createMemoryData()
    const executor = new FunctionExecutor({ echo: () => undefined })
    const first = await startEngine(executor, {
      storage: openStorage({ kind: 'memory', data }),
      settings: { attemptFlushIntervalMs: 2 },
    })
    await deploy(first.engine, oneStep)
    const { runId } = await start(first.engine)
    await until(() => executor.open.size === 1)
    const activityId = executor.calls[0]?.activityId ?? 0
    executor.drainAttempts = () => [{ runId, activityId, attempt: 1, startedAt: 1234, details: '{"done":3}' }]
    await until(() => (data.runs.get(runId)?.attempts.size ?? 0) === 1)
    first.engine.abandon()
    const second = await startEngine(new FunctionExecutor(echo), {
      storage: openStorage({ kind: 'memory', data }),
    })
    engines.push(second.engine)
    await second.engine.result(w)
    const [again] = second.executor.calls
    assert.deepEqual(again?.lastHeartbeat, { done: 3 })
    assert.equal(again?.startedAt, 1234)
    assert.equal(data.runs.get(runId)?.attempts.size, 0)
  })

  it('claims runs that killed their node three times late, and one at a time', async () => {
    const data = createMemoryData()
    const first = await startEngine(new FunctionExecutor({ echo: () => undefined }), {
      storage: openStorage({ kind: 'memory', data }),
    })
    await deploy(first.engine, oneStep)
    const ids = ['suspect-1', 'suspect-2', 'good-1', 'good-2']
    for (const id of ids) await start(first.engine, id)
    first.engine.abandon()
    for (const run of data.runs.values()) {
      if (run.birth.workflowId.startsWith('suspect')) run.takeovers = 3
    }
    const executor = new FunctionExecutor({ echo: () => undefined })
    const second = await startEngine(executor, {
      storage: openStorage({ kind: 'memory', data }),
      // A suspect that its node has outlived for so long holds up the next no more.
      settings: { leaseTtlMs: 600_000 },
    })
    engines.push(second.engine)
    await until(() => executor.calls.length === 3)
    await second.engine.quiet()
    const order = executor.calls.map(({ workflowId }) => workflowId)
    assert.deepEqual(order.slice(0, 2).sort(), ['good-1', 'good-2'])
    assert.match(order[2] ?? '', /suspect/)
    assert.equal(order.length, 3, 'the other one waits until this one has gone')
    for (const end of [...executor.open.values()]) end({ kind: 'completed', startedAt: 0, result: 1 })
    await until(() => executor.calls.length === 4)
    assert.match(executor.calls[3]?.workflowId ?? '', /suspect/)
  })

  describe('stop', () => {
    it('lets activities end within the grace, and hands the rest over at once', async () => {
      const data = createMemoryData()
      const executor = new FunctionExecutor({ echo: () => undefined })
      const first = await startEngine(executor, { storage: openStorage({ kind: 'memory', data }) })
      await deploy(first.engine, oneStep)
      await start(first.engine, 'ends')
      await start(first.engine, 'hangs')
      await until(() => executor.open.size === 2)
      executor.stop = async () => {
        const [ends] = executor.open.values()
        ends?.({ kind: 'completed', startedAt: 0, result: 'in time' })
        executor.open.clear()
      }
      // Far beyond the timeout of this test: a stop that waited it out would be seen.
      await first.engine.stop({ graceMs: 600_000 })
      await first.engine.stop({ graceMs: 600_000 })
      await assert.rejects(start(first.engine, 'late'), { code: 'Draining' })
      const second = await startEngine(new FunctionExecutor(echo), {
        storage: openStorage({ kind: 'memory', data }),
      })
      engines.push(second.engine)
      const ended = await second.engine.result({ namespace, workflowId: 'ends' })
      assert.ok(ended.status === 'completed')
      assert.equal(ended.result, 'in time')
      assert.equal((await second.engine.result({ namespace, workflowId: 'hangs' })).status, 'completed')
      for (const run of data.runs.values()) assert.equal(run.takeovers, 0)
    })

    it('ends in time though an activity ignores everything and the store hangs', async () => {
      const taps: Taps = {}
      const executor = new FunctionExecutor({ echo: () => undefined })
      const { engine } = await open(taps, executor, { settings: { stopCommitMs: 50 } })
      await deploy(engine, oneStep)
      await start(engine)
      await until(() => executor.open.size === 1)
      taps.commit = () => new Promise(() => {})
      executor.stop = () => new Promise(() => {})
      await engine.stop({ graceMs: 20 })
    })

    it('ends the waits of callers', async () => {
      const { engine } = await open({}, new FunctionExecutor({ echo: () => undefined }))
      await deploy(engine, oneStep)
      await start(engine)
      const waits = [
        engine.result(w, { waitMs: 600_000 }).then(({ status }) => status),
        engine.history(w, { after: 100, waitNewMs: 600_000 }).then(({ events }) => events.length),
      ]
      await engine.quiet()
      await engine.stop({ graceMs: 0 })
      assert.deepEqual(await Promise.all(waits), ['running', 0])
    })

    it('loads no more than it has room for, and gets to all', async () => {
      const { engine } = await open({}, undefined, { settings: { maxLoadedRuns: 2, claimBatch: 1 } })
      await deploy(engine, oneStep)
      const ids = Array.from({ length: 20 }, (_, n) => `w-${n}`)
      let most = 0
      engine.onEvents(() => {
        most = Math.max(most, engine.loadedRuns)
      })
      for (const id of ids) await start(engine, id)
      for (const workflowId of ids) {
        assert.equal((await engine.result({ namespace, workflowId })).status, 'completed')
      }
      assert.ok(most <= 3, `at most two runs and one that is born: ${most}`)
    })
  })

  it('goes on from what an abandoned engine left behind, at any event', async () => {
    const data = createMemoryData()
    let engine: EngineUnderTest | null = null
    const body = doc(`
steps:
  - { id: a, activity: echo, input: { value: 1 } }
  - { id: b, activity: echo, input: { value: 2 } }
  - parallel:
      x: [ { id: c, activity: echo, input: { value: 3 } } ]
      y: [ { id: d, activity: echo, input: { value: 4 } } ]
  - return: [ "\${ steps.a }", "\${ steps.b }", "\${ steps.c }", "\${ steps.d }" ]
`)
    for (let life = 0; life < 30; life += 1) {
      let commits = 0
      const storage = openStorage({ kind: 'memory', data })
      const dying = wrapStorage(storage, {
        closes: false,
        commit: async (_, commit) => {
          commits += 1
          // Dies right after its first commit, before anyone hears of it.
          const result = await commit()
          return commits === 1 ? new Promise<never>(() => {}) : result
        },
      })
      await storage.open()
      engine = createEngine({ storage: dying, executor: new FunctionExecutor(echo) })
      await engine.start()
      if (life === 0) {
        await deploy(engine, body)
        void start(engine).catch(() => {})
      }
      await until(() => commits >= 1)
      engine.abandon()
      const run = [...data.runs.values()][0]
      if (run?.status === 'completed') break
    }
    const { engine: last } = await startEngine(new FunctionExecutor(echo), {
      storage: openStorage({ kind: 'memory', data }),
    })
    engines.push(last)
    const outcome = await last.result(w)
    assert.ok(outcome.status === 'completed')
    assert.deepEqual(outcome.result, [1, 2, 3, 4])
    const types = await eventTypes(last, 'w')
    assert.equal(types.filter((type) => type === 'ActivityTaskCompleted').length, 4)
  })
})
