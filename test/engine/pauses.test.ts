import assert from 'node:assert/strict'
import { createMemoryData } from '../../storage/memory/data.ts'
import { openStorage } from '../../storage/open.ts'
import { SetClock } from '../set-clock.ts'
import {
  type Answer,
  allEvents,
  type Bench,
  codeOf,
  deploy,
  doc,
  echo,
  eventTypes,
  FunctionExecutor,
  namespace,
  startEngine,
  until,
} from './support.ts'
import { type Taps, wrapStorage } from './wrapped-storage.ts'

const twoSteps = doc(
  `
signals: { note: {} }
updates: { poke: {} }
queries: { here: "\${ workflow.id }" }
steps:
  - { id: first, activity: slow }
  - { id: second, activity: echo, input: { value: "\${ steps.first }" } }
  - return: \${ steps.second }
`,
  'two-steps',
)

describe('engine: pauses', () => {
  let bench: Bench
  let taps: Taps
  const ref = { namespace, workflowId: 'paused' }

  async function open(answers: { readonly [name: string]: Answer } = {}) {
    taps = {}
    bench = await startEngine(new FunctionExecutor({ ...echo, slow: () => undefined, ...answers }), {
      storage: wrapStorage(openStorage({ kind: 'memory' }), taps),
    })
    await deploy(bench.engine, twoSteps)
  }

  afterEach(() => bench.engine.stop({ graceMs: 0 }))

  function end(result: string): void {
    const [finish] = bench.executor.open.values()
    finish?.({ kind: 'completed', startedAt: 0, result })
  }

  it('starts nothing new, records what comes, and goes on when it is resumed', async () => {
    await open()
    const { engine, executor } = bench
    await engine.startExecution({ ...ref, workflow: 'two-steps' })
    await until(() => executor.open.size === 1)
    await engine.pause(ref, 'look at it')
    await engine.pause(ref, 'once more')
    await engine.quiet()
    const { paused, waitingFor } = await engine.describe(ref)
    assert.equal(paused?.reason, 'look at it')
    assert.equal(paused.step, null)
    assert.equal(waitingFor[0]?.kind, 'paused')
    end('done')
    await engine.signal(ref, 'note', null)
    await engine.quiet()
    assert.equal(executor.calls.length, 1)
    const types = await eventTypes(engine, 'paused')
    assert.ok(types.includes('ActivityTaskCompleted') && types.includes('WorkflowSignalReceived'))
    assert.equal(types.filter((type) => type === 'WorkflowExecutionPaused').length, 1)
    assert.equal(await engine.query(ref, 'here'), 'paused')
    assert.equal(await codeOf(engine.update(ref, 'poke', {})), 'ExecutionPaused')
    assert.equal(engine.loadedRuns, 0)
    await engine.resume(ref, { reason: 'all is well' })
    const outcome = await engine.result(ref)
    assert.ok(outcome.status === 'completed', JSON.stringify(outcome))
    assert.equal(outcome.result, 'done')
  })

  it('dispatches no attempt of a paused run, neither after a pause between attempts nor after a load', async () => {
    const data = createMemoryData()
    const clock = new SetClock()
    const storage = () => openStorage({ kind: 'memory', data })
    const executor = new FunctionExecutor({
      ...echo,
      slow: () => {
        throw new Error('not yet')
      },
    })
    bench = await startEngine(executor, { storage: storage(), clock })
    const { engine } = bench
    await deploy(
      engine,
      doc(
        'steps: [ { id: a, activity: slow, retry: { initialInterval: 1m, maximumAttempts: 0 } } ]',
        'retrying',
      ),
    )
    await engine.startExecution({ ...ref, workflow: 'retrying' })
    await engine.quiet()
    clock.advance(60_000)
    await until(() => executor.calls.length === 2)
    await engine.pause(ref)
    await engine.quiet()
    clock.advance(3_600_000)
    await engine.quiet()
    assert.equal(executor.calls.length, 2)
    engine.abandon()
    const next = new FunctionExecutor({ ...echo, slow: () => 'at last' })
    bench = await startEngine(next, { storage: storage(), clock })
    await bench.engine.quiet()
    assert.equal(next.calls.length, 0)
    assert.notEqual((await bench.engine.describe(ref)).paused, null)
    await bench.engine.resume(ref)
    assert.equal((await bench.engine.result(ref)).status, 'completed')
    assert.equal(next.calls.length, 1)
  })

  it('takes a result and a pause that race, in either order', async () => {
    for (const first of ['pause', 'result'] as const) {
      await open()
      const { engine, executor } = bench
      await engine.startExecution({ ...ref, workflow: 'two-steps' })
      await until(() => executor.open.size === 1)
      if (first === 'pause') {
        const paused = engine.pause(ref)
        end('raced')
        await paused
      } else {
        end('raced')
        await engine.pause(ref)
      }
      await engine.quiet()
      const { status } = await engine.describe(ref)
      if (status === 'running') await engine.resume(ref)
      const outcome = await engine.result(ref)
      assert.ok(outcome.status === 'completed', JSON.stringify(outcome))
      assert.equal(outcome.result, 'raced')
      if (first === 'pause') await engine.stop({ graceMs: 0 })
    }
  })

  it('ends a pause by cancel, by terminate and by the timeout of the execution', async () => {
    await open()
    const { engine } = bench
    await deploy(engine, doc('signals: { go: {} }\nsteps: [ { id: w, wait: { signal: go } } ]', 'waits'))
    const ends = {
      canceled: (workflowId: string) => engine.cancel({ namespace, workflowId }),
      terminated: (workflowId: string) => engine.terminate({ namespace, workflowId }),
      timedOut: async () => {},
    }
    for (const [status, finish] of Object.entries(ends)) {
      const timeout = status === 'timedOut' ? { timeout: '200ms' } : {}
      await engine.startExecution({ namespace, workflowId: status, workflow: 'waits', ...timeout })
      await engine.pause({ namespace, workflowId: status })
      await engine.quiet()
      await finish(status)
      assert.equal((await engine.result({ namespace, workflowId: status })).status, status)
    }
  })

  const saga = doc(
    `
saga: { onFailure: pause }
steps:
  - { id: made, activity: echo, input: { value: 1 }, compensate: { id: unmake, activity: undo, retry: false } }
  - fail: { type: Broken, message: by design }
`,
    'saga',
  )

  for (const skip of [false, true]) {
    it(`pauses at what it cannot undo, names the step, and ${skip ? 'leaves it' : 'tries it again'}`, async () => {
      let works = false
      await open({
        undo: () => {
          if (works) return null
          throw new Error('cannot be undone')
        },
      })
      const { engine, executor } = bench
      await deploy(engine, saga)
      await engine.startExecution({ ...ref, workflow: 'saga' })
      await until(async () => (await engine.describe(ref)).paused !== null)
      await engine.quiet()
      const { paused, waitingFor } = await engine.describe(ref)
      assert.equal(paused?.step, 'made')
      assert.equal(waitingFor[0]?.kind, 'paused')
      assert.match(waitingFor[0]?.text ?? '', /made|unmake/)
      works = true
      await engine.resume(ref, { skip })
      const outcome = await engine.result(ref)
      assert.ok(outcome.status === 'failed')
      assert.equal(outcome.error.type, skip ? 'CompensationFailed' : 'Broken')
      assert.equal(executor.calls.filter(({ activity }) => activity === 'undo').length, skip ? 1 : 2)
    })
  }
})

describe('engine: compensateWhen attempted', () => {
  const source = doc(
    `
steps:
  - id: charge
    activity: charge
    compensateWhen: attempted
    retry: false
    compensate: { activity: echo, input: { value: undone } }
`,
    'attempted',
  )
  const ref = { namespace, workflowId: 'attempted' }

  it('commits the start before the activity is called', async () => {
    const taps: Taps = {}
    const committed: string[] = []
    taps.commit = async (turns, commit) => {
      const result = await commit()
      committed.push(...turns.map(({ events }) => events))
      return result
    }
    const seen: boolean[] = []
    const executor = new FunctionExecutor({
      ...echo,
      charge: () => {
        seen.push(committed.some((events) => events.includes('ActivityTaskStarted')))
        throw new Error('unknown')
      },
    })
    const { engine } = await startEngine(executor, {
      storage: wrapStorage(openStorage({ kind: 'memory' }), taps),
    })
    try {
      await deploy(engine, source)
      await engine.startExecution({ ...ref, workflow: 'attempted' })
      assert.equal((await engine.result(ref)).status, 'failed')
      assert.deepEqual(seen, [true])
      const types = await eventTypes(engine, 'attempted')
      assert.equal(types.filter((type) => type === 'ActivityTaskStarted').length, 2)
      assert.deepEqual(
        executor.calls.map(({ step, compensationOf }) => compensationOf ?? step),
        ['charge', 'charge'],
      )
    } finally {
      await engine.stop({ graceMs: 0 })
    }
  })

  it('undoes nothing of an activity that is not registered: it never began', async () => {
    for (const unregistered of ['fail', 'wait'] as const) {
      const executor = new FunctionExecutor(echo)
      const { engine } = await startEngine(executor, { unregistered })
      try {
        await deploy(engine, source)
        await engine.startExecution({ ...ref, workflow: 'attempted' })
        await engine.quiet()
        if (unregistered === 'wait') {
          assert.equal((await engine.describe(ref)).waitingFor[0]?.kind, 'worker')
          await engine.cancel(ref, 'enough')
        }
        const outcome = await engine.result(ref)
        assert.ok('error' in outcome)
        assert.equal(outcome.error.type, unregistered === 'fail' ? 'ActivityNotRegistered' : 'Canceled')
        assert.ok(!(await eventTypes(engine, 'attempted')).includes('ActivityTaskStarted'))
        assert.equal(executor.calls.length, 0)
      } finally {
        await engine.stop({ graceMs: 0 })
      }
    }
  })

  it('calls it after a crash between the start and the call, and records one start', async () => {
    const data = createMemoryData()
    const taps: Taps = {}
    let engine = null as Bench['engine'] | null
    taps.commit = async (turns, commit) => {
      const result = await commit()
      if (turns.some(({ events }) => events.includes('ActivityTaskStarted'))) engine?.abandon()
      return result
    }
    const first = new FunctionExecutor({ ...echo, charge: () => 'paid' })
    const crashed = await startEngine(first, {
      storage: wrapStorage(openStorage({ kind: 'memory', data }), taps),
    })
    engine = crashed.engine
    await deploy(engine, source)
    await engine.startExecution({ ...ref, workflow: 'attempted' }).catch(() => {})
    await until(async () => {
      const summary = await crashed.storage.visibility.find(namespace, 'attempted')
      const turns = summary === null ? [] : await crashed.storage.visibility.history(summary.runId, 0, 100)
      return turns.some(({ events }) => events.includes('ActivityTaskStarted'))
    })
    assert.equal(first.calls.length, 0)
    const second = new FunctionExecutor({ ...echo, charge: () => 'paid' })
    const next = await startEngine(second, { storage: openStorage({ kind: 'memory', data }) })
    try {
      const outcome = await next.engine.result(ref)
      assert.equal(outcome.status, 'completed')
      assert.equal(second.calls.length, 1)
      const started = (await allEvents(next.engine, 'attempted')).filter(
        ({ type }) => type === 'ActivityTaskStarted',
      )
      assert.equal(started.length, 1)
    } finally {
      await next.engine.stop({ graceMs: 0 })
    }
  })
})
