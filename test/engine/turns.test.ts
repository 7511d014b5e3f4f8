/** What turns write, and how histories and lists are read. */
import assert from 'node:assert/strict'
import type { EngineUnderTest } from '../../engine/create.ts'
import { interpreter } from '../../engine/interpreter-port.ts'
import { openStorage } from '../../storage/open.ts'
import { start as startAs, w } from './engines.ts'
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

describe('engine: turns and lists', () => {
  let engine: EngineUnderTest
  afterEach(() => engine?.stop({ graceMs: 0 }))

  const start = (more: object = {}) => startAs(engine, 'w', more)

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

    it('records a message that comes while the turn is made that terminates the run', async () => {
      let whileReducing: (() => Promise<void>) | null = null
      ;({ engine } = await startEngine(new FunctionExecutor({}), {
        interpreter: {
          ...interpreter,
          async reduce(program, state, events) {
            const hook = events.some(({ type }) => type === 'WorkflowExecutionTerminated')
              ? whileReducing
              : null
            whileReducing = null
            await hook?.()
            return interpreter.reduce(program, state, events)
          },
        },
      }))
      await deploy(engine, doc('signals: { late: {} }\nsteps: [ { id: l, wait: { signal: late } } ]'))
      await start()
      await engine.quiet()
      let isHeld = false
      whileReducing = async () => {
        isHeld = true
        await engine.signal(w, 'late', null)
        // The mailbox brings it to the run, which is in memory.
        for (let n = 0; n < 5; n += 1) await new Promise((resolve) => setImmediate(resolve))
      }
      await engine.terminate(w)
      assert.equal((await engine.result(w)).status, 'terminated')
      assert.ok(isHeld)
      assert.deepEqual((await eventTypes(engine, 'w')).slice(-2), [
        'WorkflowSignalReceived',
        'WorkflowExecutionTerminated',
      ])
    })

    it('tells who starts a run that the node was fenced while its first turn was made', async () => {
      let isFenced = false
      const taps: Taps = {
        async beat(inner) {
          if (isFenced || engine.loadedRuns === 0) return inner()
          isFenced = true
          return 'fenced'
        },
      }
      ;({ engine } = await startEngine(new FunctionExecutor({}), {
        storage: wrapStorage(openStorage({ kind: 'memory' }), taps),
        settings: { soleNode: false, heartbeatIntervalMs: 1 },
        interpreter: {
          ...interpreter,
          async reduce(program, state, events) {
            await until(() => isFenced && engine.loadedRuns === 0)
            return interpreter.reduce(program, state, events)
          },
        },
      }))
      await deploy(engine, doc('steps: [ { return: 1 } ]'))
      assert.equal(await codeOf(start()), 'Unavailable')
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
