/** The engine over the memory store: the whole path, document to result; starts, signals and queries. */
import assert from 'node:assert/strict'
import type { EngineUnderTest } from '../../engine/create.ts'
import type { Json } from '../../schema/json.ts'
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

  const start = (more: object = {}) => startAs(engine, 'w', more)

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
      assert.equal(await codeOf(engine.query(w, 'broken')), 'ExpressionUndefined')
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
})
