/** Several nodes: a dead one, one that was presumed dead, and what they hand to the next. */
import assert from 'node:assert/strict'
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
  oneStep,
  startEngine,
  until,
} from '../support.ts'
import { type Taps, wrapStorage } from '../wrapped-storage.ts'

describe('taking over', () => {
  const { engines } = useEngines()

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
})
