/** The engine over the memory store: the whole path, document to result. */
import assert from 'node:assert/strict'
import type { EngineUnderTest } from '../../engine/create.ts'
import type { Json } from '../../schema/json.ts'
import { SetClock } from '../set-clock.ts'
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

const w = { namespace, workflowId: 'w' }

const waitsForSignal = doc(`
signals:
  go:
    schema: { type: object, required: [ok], properties: { ok: { type: boolean }, by: { type: string, default: nobody } } }
queries:
  seen: { seen: "\${ vars.seen }" }
  broken: \${ steps.later.x }
vars: { seen: null }
steps:
  - id: gate
    wait: { signal: go }
  - set: { seen: "\${ steps.gate.by }" }
  - id: later
    activity: echo
    input: { value: "\${ steps.gate }" }
  - return: \${ steps.later }
`)

describe('engine', () => {
  let engine: EngineUnderTest
  afterEach(() => engine?.stop({ graceMs: 0 }))

  const start = (more: object = {}) =>
    engine.startExecution({
      namespace,
      workflow: 'under-test',
      workflowId: 'w',
      input: { value: 7 },
      ...more,
    })

  it('runs a document from start to result', async () => {
    ;({ engine } = await startEngine(new FunctionExecutor(echo)))
    await deploy(engine, oneStep)
    const started = await start()
    assert.equal(started.created, true)
    const outcome = await engine.result(w)
    assert.deepEqual(outcome, {
      workflowId: 'w',
      runId: started.runId,
      status: 'completed',
      result: 7,
    })
    assert.deepEqual(await eventTypes(engine, 'w'), [
      'WorkflowExecutionStarted',
      'ActivityTaskScheduled',
      'ActivityTaskStarted',
      'ActivityTaskCompleted',
      'WorkflowExecutionCompleted',
    ])
    assert.equal(engine.loadedRuns, 0)
  })

  describe('starts', () => {
    beforeEach(async () => {
      ;({ engine } = await startEngine(new FunctionExecutor({ ...echo, hang: () => undefined })))
      await deploy(
        engine,
        doc(`
input:
  type: object
  required: [value]
  properties: { value: { type: integer }, size: { type: string, default: small } }
steps:
  - id: hang
    activity: hang
    input: \${ input }
`),
      )
    })

    it('fills in defaults and refuses an input that does not match, without trace', async () => {
      await start()
      const [first] = await allEvents(engine, 'w')
      assert.ok(first?.type === 'WorkflowExecutionStarted')
      assert.deepEqual(first.input, { value: 7, size: 'small' })
      assert.equal(await codeOf(start({ workflowId: 'x', input: { value: 'seven' } })), 'InputInvalid')
      assert.equal(await codeOf(engine.describe({ namespace, workflowId: 'x' })), 'ExecutionNotFound')
    })

    it('refuses U+0000, lone surrogates, values that are too large and wrong requests', async () => {
      const refused = (input: Json) => codeOf(start({ input }))
      assert.equal(await refused({ value: 1, size: 'a\u0000b' }), 'InputInvalid')
      assert.equal(await refused({ value: 1, size: '\ud800' }), 'InputInvalid')
      assert.equal(await refused({ value: 1, size: 'x'.repeat(3 * 1024 * 1024) }), 'LimitExceeded')
      assert.equal(await codeOf(start({ workflowId: '' })), 'RequestInvalid')
      assert.equal(await codeOf(start({ workflowId: 'a\u0000' })), 'RequestInvalid')
      assert.equal(await codeOf(start({ workflowId: 'a'.repeat(501) })), 'RequestInvalid')
      assert.equal(await codeOf(start({ timeout: '5' })), 'RequestInvalid')
      assert.equal(await codeOf(start({ workflow: 'other' })), 'WorkflowNotFound')
      assert.equal(await codeOf(start({ version: '^9' })), 'WorkflowNotFound')
    })

    it('answers an open execution of the same id as idConflict says', async () => {
      const first = await start()
      assert.equal(await codeOf(start()), 'WorkflowAlreadyRunning')
      assert.deepEqual(await start({ idConflict: 'useExisting' }), { ...first, created: false })
      const second = await start({ idConflict: 'terminateExisting' })
      assert.notEqual(second.runId, first.runId)
      const outcome = await engine.result({ ...w, runId: first.runId })
      assert.equal(outcome.status, 'terminated')
    })

    it('answers a closed execution of the same id as idReuse says', async () => {
      await start()
      await engine.terminate(w, 'enough')
      await until(async () => (await engine.result(w, { waitMs: 0 })).status === 'terminated')
      assert.equal(await codeOf(start({ idReuse: 'reject' })), 'WorkflowAlreadyRunning')
      assert.equal((await start({ idReuse: 'allowFailedOnly' })).created, true)
    })

    it('answers a request that was seen before with the run that it made', async () => {
      const first = await start({ requestId: 'r-1', workflowId: undefined })
      const again = await start({ requestId: 'r-1', workflowId: undefined })
      assert.deepEqual(again, { ...first, created: false })
      assert.equal(await engine.count(namespace), 1)
    })

    it('shortens the timeout of the document', async () => {
      await start({ timeout: '20ms' })
      const outcome = await engine.result(w)
      assert.equal(outcome.status, 'timedOut')
    })
  })

  describe('signals and queries', () => {
    let executor: FunctionExecutor
    beforeEach(async () => {
      executor = new FunctionExecutor(echo)
      ;({ engine } = await startEngine(executor))
      await deploy(engine, waitsForSignal)
      await start({ input: null })
    })

    it('holds no run in memory that only waits, and wakes it by a signal', async () => {
      await engine.quiet()
      assert.equal(engine.loadedRuns, 0)
      await engine.signal(w, 'go', { ok: true, by: 'ann' })
      const outcome = await engine.result(w)
      assert.ok(outcome.status === 'completed')
      assert.deepEqual(outcome.result, { ok: true, by: 'ann' })
    })

    it('refuses a signal that is not declared or does not match, without trace', async () => {
      assert.equal(await codeOf(engine.signal(w, 'stop', {})), 'SignalNotDeclared')
      assert.equal(await codeOf(engine.signal(w, 'toString', {})), 'SignalNotDeclared')
      assert.equal(await codeOf(engine.signal(w, 'go', { ok: 'yes' })), 'SignalInvalid')
      assert.equal(await codeOf(engine.signal(w, 'go', { ok: true, by: '\u0000' })), 'SignalInvalid')
      assert.equal(
        await codeOf(engine.signal({ namespace, workflowId: 'none' }, 'go', { ok: true })),
        'ExecutionNotFound',
      )
      assert.deepEqual(await eventTypes(engine, 'w'), ['WorkflowExecutionStarted'])
    })

    it('delivers one signal for one request id, with the defaults of its schema', async () => {
      await engine.signal(w, 'go', { ok: true }, 'request-1')
      await engine.signal(w, 'go', { ok: true }, 'request-1').catch(() => {})
      await engine.result(w)
      const signals = (await allEvents(engine, 'w')).filter(({ type }) => type === 'WorkflowSignalReceived')
      assert.equal(signals.length, 1)
      assert.deepEqual(signals[0]?.type === 'WorkflowSignalReceived' && signals[0].input, {
        ok: true,
        by: 'nobody',
      })
    })

    it('answers queries of waiting and of closed runs', async () => {
      assert.deepEqual(await engine.query(w, 'seen'), { seen: null })
      await engine.signal(w, 'go', { ok: true, by: 'bob' })
      await engine.result(w)
      assert.deepEqual(await engine.query(w, 'seen'), { seen: 'bob' })
      assert.equal(await codeOf(engine.query(w, 'none')), 'QueryNotDeclared')
      assert.equal(await codeOf(engine.query(w, 'broken')), 'QueryFailed')
      assert.equal(await codeOf(engine.query(w, 'seen', { a: 1 })), 'QueryInvalid')
    })

    it('refuses signals to a closed execution', async () => {
      await engine.signal(w, 'go', { ok: true })
      await engine.result(w)
      assert.equal(await codeOf(engine.signal(w, 'go', { ok: true })), 'ExecutionClosed')
      assert.equal(await codeOf(engine.cancel(w)), 'ExecutionClosed')
      assert.equal(await codeOf(engine.terminate(w)), 'ExecutionClosed')
    })

    it('tells where it stands and what it waits for', async () => {
      const description = await engine.describe(w)
      assert.equal(description.status, 'running')
      assert.deepEqual(
        description.at.map(({ step }) => step),
        ['gate'],
      )
      assert.deepEqual(
        description.waitingFor.map(({ kind, step }) => [kind, step]),
        [['signal', 'gate']],
      )
      assert.equal(description.historyLength, 1)
      assert.deepEqual(description.vars, { seen: null })
    })

    it('cancels', async () => {
      await engine.cancel(w, 'changed my mind')
      const outcome = await engine.result(w)
      assert.ok(outcome.status === 'canceled')
      assert.match(outcome.error.message, /changed my mind/)
      assert.deepEqual(executor.calls, [])
    })

    it('terminates', async () => {
      await engine.terminate(w, 'enough')
      const outcome = await engine.result(w)
      assert.ok(outcome.status === 'terminated')
      assert.equal(outcome.error.type, 'Terminated')
      assert.deepEqual(await eventTypes(engine, 'w'), [
        'WorkflowExecutionStarted',
        'WorkflowExecutionTerminated',
      ])
    })
  })

  describe('activities', () => {
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
      await deploy(
        engine,
        doc('steps:\n  - id: a\n    activity: flaky\n    retry: { initialInterval: 1m }\n'),
      )
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

  describe('turns', () => {
    it('cuts a long loop and goes on with WorkflowTaskContinued', async () => {
      ;({ engine } = await startEngine(new FunctionExecutor({})))
      await deploy(
        engine,
        doc(`
vars: { n: 0 }
steps:
  - while: vars.n < 2500
    do: [ { set: { n: "\${ vars.n + 1 }" } } ]
  - return: \${ vars.n }
`),
      )
      await start()
      const outcome = await engine.result(w)
      assert.ok(outcome.status === 'completed')
      assert.equal(outcome.result, 2500)
      const continued = (await eventTypes(engine, 'w')).filter((type) => type === 'WorkflowTaskContinued')
      assert.ok(continued.length >= 2)
    })

    it('never lets event time run backwards, and numbers events densely', async () => {
      const times = [1000, 5000, 3000, 2000, 9000]
      let at = 0
      const clock = {
        now: () => Date.UTC(2026, 0, 1) + (times[Math.min(at++, times.length - 1)] ?? 0),
        monotonic: () => performance.now(),
        schedule: (_: number, callback: () => void) => {
          const timer = setTimeout(callback, 1)
          return { cancel: () => clearTimeout(timer) }
        },
      }
      ;({ engine } = await startEngine(new FunctionExecutor(echo), { clock }))
      await deploy(engine, oneStep)
      await start()
      await engine.result(w)
      const events = await allEvents(engine, 'w')
      assert.deepEqual(
        events.map(({ eventId }) => eventId),
        events.map((_, index) => index + 1),
      )
      for (const [index, event] of events.entries()) {
        assert.ok(event.timestamp >= (events[index - 1]?.timestamp ?? 0), `event ${event.eventId}`)
      }
    })

    it('takes a snapshot when the history since the last one is long, and loads from it', async () => {
      const answers = { big: () => 'x'.repeat(1000) }
      const opened = await startEngine(new FunctionExecutor(answers), { settings: { snapshotBytes: 4096 } })
      engine = opened.engine
      await deploy(
        engine,
        doc(`
signals: { go: {} }
queries: { n: "\${ vars.n }" }
vars: { n: 0 }
steps:
  - until: vars.n = 20
    do:
      - { id: big, activity: big }
      - set: { n: "\${ vars.n + 1 }" }
  - id: gate
    wait: { signal: go }
  - return: \${ vars.n }
`),
      )
      const { runId } = await start()
      await until(() => engine.loadedRuns === 0)
      const loaded = await opened.storage.runs.load(runId)
      assert.ok(loaded?.snapshot)
      assert.ok(loaded.turns.length < 20)
      assert.equal(await engine.query(w, 'n'), 20)
      await engine.signal(w, 'go', null)
      const outcome = await engine.result(w)
      assert.equal(outcome.status, 'completed')
    })
  })

  describe('lists and histories', () => {
    beforeEach(async () => {
      ;({ engine } = await startEngine(new FunctionExecutor(echo)))
      await deploy(engine, oneStep)
      for (let n = 0; n < 5; n += 1) await start({ workflowId: `order-${n}` })
      for (let n = 0; n < 5; n += 1) await engine.result({ namespace, workflowId: `order-${n}` })
    })

    it('pages through executions, newest first, and counts them', async () => {
      const query = "workflow = 'under-test' and workflowId starts with 'order-' and status = 'completed'"
      const first = await engine.list(namespace, { query, limit: 3 })
      assert.deepEqual(
        first.items.map(({ workflowId }) => workflowId),
        ['order-4', 'order-3', 'order-2'],
      )
      assert.ok(first.cursor)
      const second = await engine.list(namespace, { query, limit: 3, cursor: first.cursor })
      assert.deepEqual(
        second.items.map(({ workflowId }) => workflowId),
        ['order-1', 'order-0'],
      )
      assert.equal(second.cursor, null)
      assert.equal(await engine.count(namespace, query), 5)
      assert.equal(await engine.count(namespace, "status = 'running'"), 0)
      assert.equal(await codeOf(engine.list(namespace, { cursor: 'made up' })), 'RequestInvalid')
      assert.equal(await codeOf(engine.list(namespace, { limit: 0 })), 'RequestInvalid')
    })

    it('pages through events', async () => {
      const ref = { namespace, workflowId: 'order-1' }
      const first = await engine.history(ref, { limit: 2 })
      assert.deepEqual(
        first.events.map(({ eventId }) => eventId),
        [1, 2],
      )
      assert.ok(first.cursor)
      const rest = await engine.history(ref, { after: 2, limit: 10 })
      assert.deepEqual(
        rest.events.map(({ eventId }) => eventId),
        [3, 4, 5],
      )
      assert.equal(rest.cursor, null)
    })

    it('waits for new events, and for a result, and stops when the caller hangs up', async () => {
      await deploy(engine, doc('signals: { go: {} }\nsteps: [ { id: gate, wait: { signal: go } } ]', 'waits'))
      const ref = { namespace, workflowId: 'waits' }
      await engine.startExecution({ ...ref, workflow: 'waits' })
      const nothing = await engine.history(ref, { after: 1, waitNewMs: 20 })
      assert.deepEqual(nothing.events, [])
      const hangUp = new AbortController()
      const waiting = engine.result(ref, { waitMs: 60_000, signal: hangUp.signal })
      hangUp.abort()
      assert.equal((await waiting).status, 'running')
      const news = engine.history(ref, { after: 1, waitNewMs: 60_000 })
      await engine.signal(ref, 'go', null)
      assert.equal((await news).events[0]?.type, 'WorkflowSignalReceived')
      assert.equal((await engine.result(ref)).status, 'completed')
    })

    it('tells committed events to listeners', async () => {
      const seen: string[] = []
      const stop = engine.onEvents((run, events) => {
        for (const event of events) seen.push(`${run.workflowId} ${event.eventId} ${event.type}`)
      })
      await start()
      await engine.result(w)
      stop()
      await start({ workflowId: 'unseen' })
      assert.deepEqual(seen, [
        'w 1 WorkflowExecutionStarted',
        'w 2 ActivityTaskScheduled',
        'w 3 ActivityTaskStarted',
        'w 4 ActivityTaskCompleted',
        'w 5 WorkflowExecutionCompleted',
      ])
    })
  })
})
