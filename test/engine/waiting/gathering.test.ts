import assert from 'node:assert/strict'
import { Gathering } from '../../../engine/waiting/gathering.ts'
import { createMemoryData } from '../../../storage/memory/data.ts'
import { openStorage } from '../../../storage/open.ts'
import { deploy, doc, echo, FunctionExecutor, namespace, startEngine, until } from '../support.ts'
import { wrapStorage } from '../wrapped-storage.ts'

describe('engine/gathering', () => {
  it('asks at once what is asked at one moment, and what comes meanwhile with the next call', async () => {
    const calls: (readonly number[])[] = []
    const waiting: (() => void)[] = []
    const doubled = new Gathering(async (numbers: readonly number[]) => {
      calls.push(numbers)
      await new Promise<void>((resolve) => waiting.push(resolve))
      return numbers.map((number) => number * 2)
    })
    const first = Promise.all([doubled.ask(1), doubled.ask(2)])
    await until(() => calls.length === 1)
    const second = Promise.all([doubled.ask(3), doubled.ask(3)])
    waiting.shift()?.()
    assert.deepEqual(await first, [2, 4])
    await until(() => calls.length === 2)
    waiting.shift()?.()
    assert.deepEqual(await second, [6, 6])
    assert.deepEqual(calls, [
      [1, 2],
      [3, 3],
    ])
    const third = doubled.ask(4)
    await until(() => calls.length === 3)
    waiting.shift()?.()
    assert.equal(await third, 8)
  })

  it('fails those that went with a call that failed, and asks on', async () => {
    let fails = true
    const asked = new Gathering(async (questions: readonly string[]) => {
      if (fails) throw new Error('down')
      return questions
    })
    await assert.rejects(Promise.all([asked.ask('a'), asked.ask('b')]), /down/)
    fails = false
    assert.equal(await asked.ask('c'), 'c')
  })
})

describe('engine: who waits for runs of another node', () => {
  const slow = doc(
    `
signals: { go: {} }
updates: { ask: { schema: { type: integer }, do: [ { id: worked, activity: held } ], return: "\${ update * 2 }" } }
steps: [ { id: gate, wait: { signal: go } }, { return: done } ]
`,
    'slow',
  )

  it('asks the store once for all answers and once for all ends, not once each', async () => {
    const data = createMemoryData()
    const settings = { soleNode: false, pollIntervalMs: 100 }
    let release: () => void = () => {}
    const held = new Promise<null>((resolve) => {
      release = () => resolve(null)
    })
    const owner = await startEngine(new FunctionExecutor({ ...echo, held: () => held }), {
      storage: openStorage({ kind: 'memory', data }),
      settings,
    })
    const asks: { answers: number; ends: number; finds: number } = { answers: 0, ends: 0, finds: 0 }
    const storage = wrapStorage(openStorage({ kind: 'memory', data }), {
      answers: (inner) => {
        asks.answers += 1
        return inner()
      },
      openOf: (inner) => {
        asks.ends += 1
        return inner()
      },
      find: (_workflowId, inner) => {
        asks.finds += 1
        return inner()
      },
    })
    const other = await startEngine(new FunctionExecutor(echo), {
      storage,
      settings: { ...settings, maxLoadedRuns: 0 },
    })
    try {
      await deploy(owner.engine, slow)
      const ref = { namespace, workflowId: 'w' }
      await owner.engine.startExecution({ ...ref, workflow: 'slow' })
      const count = 200
      const updates = Array.from({ length: count }, (_, n) =>
        other.engine.update(ref, 'ask', { input: n, updateId: `u${n}` }),
      )
      const results = Array.from({ length: count }, () => other.engine.result(ref))
      await until(() => asks.answers > 5 && asks.ends > 5)
      const { finds } = asks
      await until(() => asks.ends > 8)
      assert.equal(asks.finds, finds, 'an open run is not looked up again for each who waits')
      release()
      for (const [n, update] of updates.entries())
        assert.deepEqual(await update, { updateId: `u${n}`, status: 'completed', result: n * 2 })
      await other.engine.signal(ref, 'go', null)
      for (const result of results) assert.equal((await result).status, 'completed')
      assert.ok(asks.answers < count, `${asks.answers} questions for ${count} answers`)
      assert.ok(asks.ends < count, `${asks.ends} questions for ${count} ends`)
    } finally {
      await other.engine.stop({ graceMs: 0 })
      await owner.engine.stop({ graceMs: 0 })
    }
  })
})
