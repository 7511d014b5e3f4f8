/** An engine that stops, or has no room. */
import assert from 'node:assert/strict'
import { createMemoryData } from '../../storage/memory/data.ts'
import { openStorage } from '../../storage/open.ts'
import { start, useEngines, w } from './engines.ts'
import { deploy, echo, FunctionExecutor, namespace, oneStep, startEngine, until } from './support.ts'
import type { Taps } from './wrapped-storage.ts'

describe('an engine that ends', () => {
  const { engines, open } = useEngines()

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
})
