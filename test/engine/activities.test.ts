/** Activities as the engine runs them: attempts, pauses, what they may return, and how they are stopped. */
import assert from 'node:assert/strict'
import type { EngineUnderTest } from '../../engine/create.ts'
import { SetClock } from '../set-clock.ts'
import { start as startAs, w } from './engines.ts'
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

describe('engine: activities', () => {
  let engine: EngineUnderTest
  afterEach(() => engine?.stop({ graceMs: 0 }))

  const start = (more: object = {}) => startAs(engine, 'w', more)

  it('retries with pauses, and records each failed attempt', async () => {
    let calls = 0
    const executor = new FunctionExecutor({
      flaky: () => {
        calls += 1
        if (calls < 3) throw new Error(`try ${calls}`)
        return 'done'
      },
    })
    ;({ engine } = await startEngine(executor))
    await deploy(
      engine,
      doc(`
steps:
  - id: flaky
    activity: flaky
    retry: { initialInterval: 10ms, maximumAttempts: 5 }
  - return: \${ steps.flaky }
`),
    )
    await start()
    const outcome = await engine.result(w)
    assert.ok(outcome.status === 'completed')
    assert.equal(outcome.result, 'done')
    assert.deepEqual(
      executor.calls.map(({ attempt }) => attempt),
      [1, 2, 3],
    )
    const failed = (await allEvents(engine, 'w')).filter(({ type }) => type === 'ActivityTaskFailed')
    assert.deepEqual(
      failed.map((event) => 'willRetryAt' in event),
      [true, true],
    )
  })

  it('releases a run during a long pause between attempts and goes on after it', async () => {
    let calls = 0
    const executor = new FunctionExecutor({
      flaky: () => {
        calls += 1
        if (calls === 1) throw new Error('later')
        return calls
      },
    })
    const clock = new SetClock()
    ;({ engine } = await startEngine(executor, { clock }))
    await deploy(engine, doc('steps:\n  - id: a\n    activity: flaky\n    retry: { initialInterval: 1m }\n'))
    await start()
    await until(() => calls === 1 && engine.loadedRuns === 0)
    await engine.quiet()
    clock.advance(60_000)
    assert.equal((await engine.result(w)).status, 'completed')
    assert.equal(calls, 2)
  })

  it('records the own settings of activities at the start', async () => {
    const settings = { echo: { startToCloseTimeoutMs: 1234 } }
    const executor = new FunctionExecutor(echo, settings)
    ;({ engine } = await startEngine(executor))
    await deploy(engine, oneStep)
    await start()
    await engine.result(w)
    const [first] = await allEvents(engine, 'w')
    assert.ok(first?.type === 'WorkflowExecutionStarted')
    assert.deepEqual(first.activities, settings)
    assert.equal(executor.calls[0]?.settings.startToCloseTimeoutMs, 1234)
  })

  it('refuses a result that cannot be stored, and one that is too large', async () => {
    const executor = new FunctionExecutor({
      bad: () => 'a\u0000b',
      large: () => 'x'.repeat(3 * 1024 * 1024),
    })
    ;({ engine } = await startEngine(executor))
    for (const [activity, type] of [
      ['bad', 'ActivityOutputInvalid'],
      ['large', 'LimitExceeded'],
    ] as const) {
      await deploy(engine, doc(`steps: [ { id: a, activity: ${activity} } ]`, activity))
      await engine.startExecution({ namespace, workflow: activity, workflowId: activity })
      const outcome = await engine.result({ namespace, workflowId: activity })
      assert.ok(outcome.status === 'failed')
      assert.equal(outcome.error.type, type)
      assert.equal(outcome.error.step, 'a')
    }
    assert.equal(executor.calls.length, 2)
  })

  it('leaves one that is not registered to a worker, and says so', async () => {
    ;({ engine } = await startEngine(new FunctionExecutor({})))
    await deploy(engine, oneStep)
    await start()
    await engine.quiet()
    const { waitingFor, pendingActivities } = await engine.describe(w)
    assert.deepEqual(
      waitingFor.map(({ kind, step }) => [kind, step]),
      [['worker', 'greet']],
    )
    assert.match(waitingFor[0]?.text ?? '', /task queue `default`/)
    assert.equal(pendingActivities[0]?.state, 'scheduled')
  })

  it('fails one that is not registered where no worker can come', async () => {
    ;({ engine } = await startEngine(new FunctionExecutor({}), { unregistered: 'fail' }))
    await deploy(engine, oneStep)
    await start()
    const outcome = await engine.result(w)
    assert.ok(outcome.status === 'failed')
    assert.equal(outcome.error.type, 'ActivityNotRegistered')
    assert.ok(!(await eventTypes(engine, 'w')).includes('ActivityTaskStarted'), 'it never ran')
  })

  it('ends a step whose schedule-to-start passes while it waits for a worker', async () => {
    ;({ engine } = await startEngine(new FunctionExecutor({})))
    await deploy(engine, doc('steps: [ { id: a, activity: none, scheduleToStartTimeout: 20ms } ]'))
    await start()
    const outcome = await engine.result(w)
    assert.ok(outcome.status === 'failed')
    assert.deepEqual(outcome.error.details, { kind: 'ScheduleToStart' })
  })

  it('lets an abandoned one run on, unasked', async () => {
    const executor = new FunctionExecutor({ hang: () => undefined })
    ;({ engine } = await startEngine(executor))
    await deploy(engine, doc('steps: [ { id: a, activity: hang, cancellation: abandon } ]'))
    await start()
    await until(() => executor.open.size === 1)
    await engine.cancel(w)
    assert.equal((await engine.result(w)).status, 'canceled')
    assert.deepEqual([executor.canceled, executor.forgotten, executor.open.size], [[], [], 1])
  })

  it('asks a running one to stop when the run is canceled', async () => {
    const executor = new FunctionExecutor({ hang: () => undefined })
    ;({ engine } = await startEngine(executor))
    await deploy(engine, doc('steps: [ { id: a, activity: hang, cancellation: wait } ]'))
    await start()
    await until(() => executor.open.size === 1)
    await engine.cancel(w)
    assert.equal((await engine.result(w)).status, 'canceled')
    assert.equal(executor.canceled.length, 1)
    assert.deepEqual((await eventTypes(engine, 'w')).slice(2), [
      'WorkflowExecutionCancelRequested',
      'ActivityTaskCancelRequested',
      'ActivityTaskStarted',
      'ActivityTaskCanceled',
      'WorkflowExecutionCanceled',
    ])
  })

  it('forgets a running one when the run is terminated', async () => {
    const executor = new FunctionExecutor({ hang: () => undefined })
    ;({ engine } = await startEngine(executor))
    await deploy(engine, doc('steps: [ { id: a, activity: hang } ]'))
    await start()
    await until(() => executor.open.size === 1)
    await engine.terminate(w)
    assert.equal((await engine.result(w)).status, 'terminated')
    assert.equal(executor.forgotten.length, 1)
  })
})
