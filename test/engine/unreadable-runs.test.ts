/** Runs that cannot be reduced or replayed are parked, and snapshots that cannot be read are let be. */
import assert from 'node:assert/strict'
import { interpreter } from '../../engine/interpreter-port.ts'
import { StorageUnavailableError } from '../../storage/contract.ts'
import { createMemoryData } from '../../storage/memory/data.ts'
import { openStorage } from '../../storage/open.ts'
import { start, useEngines, w } from './engines.ts'
import { deploy, doc, echo, eventTypes, FunctionExecutor, oneStep, startEngine, until } from './support.ts'
import type { Taps } from './wrapped-storage.ts'

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

describe('what is left cannot be read', () => {
  const { engines, open } = useEngines()

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

  it('ends a parked run whose termination met a store that did not answer', async () => {
    const taps: Taps = {}
    const reduce: typeof interpreter.reduce = async (program, state, inputs) => {
      if (inputs.some((input) => input.type === 'ActivityTaskCompleted')) throw new Error('a bug')
      return interpreter.reduce(program, state, inputs)
    }
    const { engine } = await open(taps, undefined, { interpreter: { ...interpreter, reduce } })
    await deploy(engine, oneStep)
    await start(engine)
    await until(async () => (await engine.describe(w)).parked !== null)
    await engine.quiet()
    taps.commit = async () => {
      delete taps.commit
      throw new StorageUnavailableError('the connection was lost')
    }
    await engine.terminate(w).catch(() => {})
    assert.equal(taps.commit, undefined)
    assert.equal((await engine.result(w, { waitMs: 5_000 })).status, 'terminated')
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
})
