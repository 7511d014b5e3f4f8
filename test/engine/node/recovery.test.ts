/** What the engine does when something comes in between: signals that race, answers that are lost, a turn that cannot be stored, a death after any event. */
import assert from 'node:assert/strict'
import { createEngine, type EngineUnderTest } from '../../../engine/create.ts'
import { StorageDataError, StorageUnavailableError } from '../../../storage/contract.ts'
import { createMemoryData } from '../../../storage/memory/data.ts'
import { openStorage } from '../../../storage/open.ts'
import { start, useEngines, w } from '../engines.ts'
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
} from '../support.ts'
import { type Taps, wrapStorage } from '../wrapped-storage.ts'

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
  const { engines, open } = useEngines()

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
