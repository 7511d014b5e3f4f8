import assert from 'node:assert/strict'
import {
  PerdureApiError,
  PerdureClient,
  UpdateFailedError,
  WorkflowFailedError,
  type WorkflowHandle,
} from '../../client/index.ts'
import { type Harness, harness, hello, until } from '../server/harness.ts'

describe('client: updates, pauses, chains, deliveries', () => {
  let at: Harness
  let client: PerdureClient
  let handle: WorkflowHandle
  beforeEach(async () => {
    at = await harness({ limits: { longPollMs: 30 } })
    client = new PerdureClient({ server: at.url })
    await at.engine.deploy({ namespace: 'default', source: hello, format: 'yaml' })
    handle = await client.start('hello', { workflowId: 'w' })
  })
  afterEach(() => at.stop())

  it('update gives the result, over many windows, under one update id of its own', async () => {
    assert.deepEqual(await handle.update<{ echo: number }>('add', 1), { echo: 1 })
    const waiting = handle.update('slow', { n: 1 })
    const asked = () => at.engine.calls.filter(({ name, args }) => name === 'update' && args[1] === 'slow')
    await until(() => asked().length >= 3)
    const ids = asked().map(({ args }) => (args[2] as { updateId: string }).updateId)
    assert.equal(new Set(ids).size, 1)
    assert.match(ids[0] ?? '', /^[0-9a-f-]{36}$/)
    at.engine.answer('w', ids[0] ?? '', { result: 'at last' })
    assert.equal(await waiting, 'at last')
  })

  it('update throws what its handler failed with, and what was not accepted', async () => {
    const waiting = handle.update('slow', null, { updateId: 'u' })
    await until(() => at.engine.longPolls === 1)
    at.engine.answer('w', 'u', { type: 'NotEnough', message: 'two are left' })
    await assert.rejects(waiting, (error) => {
      assert.ok(error instanceof UpdateFailedError)
      assert.deepEqual([error.update, error.updateId, error.error.type], ['slow', 'u', 'NotEnough'])
      assert.equal(error.message, 'update slow failed: NotEnough: two are left')
      return true
    })
    for (const [name, code] of [
      ['refusedByValidate', 'UpdateRejected'],
      ['refusedInvalid', 'UpdateInvalid'],
      ['refusedUndeclared', 'UpdateNotDeclared'],
      ['refusedPaused', 'ExecutionPaused'],
      ['refusedClosed', 'ExecutionClosed'],
    ] as const)
      await assert.rejects(handle.update(name), (error) => {
        assert.ok(error instanceof PerdureApiError)
        assert.equal(error.code, code)
        return true
      })
  })

  it('update can be given up, and asked for again under its id', async () => {
    const controller = new AbortController()
    const given = handle.update('slow', null, { updateId: 'u', signal: controller.signal })
    await until(() => at.engine.longPolls === 1)
    controller.abort(new Error('no longer wanted'))
    await assert.rejects(given, /no longer wanted/)
    at.engine.answer('w', 'u', { result: 1 })
    assert.equal(await handle.update('slow', null, { updateId: 'u' }), 1)
    assert.equal(
      at.engine.runs[0]?.events.filter((event) => event.type === 'WorkflowUpdateAccepted').length,
      1,
    )
  })

  it('updateAnswer gives the answer so far and throws nothing for a handler that failed', async () => {
    assert.deepEqual(await handle.updateAnswer('slow', 1, { updateId: 'u' }), {
      updateId: 'u',
      status: 'pending',
    })
    at.engine.answer('w', 'u', { type: 'T', message: 'm' })
    const failed = await handle.updateAnswer('slow', 1, { updateId: 'u', waitMs: 20 })
    assert.ok(failed.status === 'failed')
    assert.deepEqual([failed.updateId, failed.error.type], ['u', 'T'])
    const done = await handle.updateAnswer('add', 2)
    assert.ok(done.status === 'completed')
    assert.deepEqual(done.result, { echo: 2 })
  })

  it('tells a result that looks like a pending answer from one', async () => {
    const result = { updateId: 'u', status: 'pending' }
    const waiting = handle.update('slow', null, { updateId: 'u' })
    await until(() => at.engine.longPolls === 1)
    at.engine.answer('w', 'u', { result })
    assert.deepEqual(await waiting, result)
  })

  it('pauses and resumes', async () => {
    await handle.pause('audit')
    assert.deepEqual(at.engine.argsOf('pause')[1], 'audit')
    assert.equal((await handle.describe()).paused?.reason, 'audit')
    await handle.resume({ skip: true, reason: 'by hand' })
    assert.deepEqual(at.engine.argsOf('resume')[1], { skip: true, reason: 'by hand' })
    await handle.pause()
    await handle.resume()
    assert.deepEqual(at.engine.argsOf('resume')[1], {})
  })

  it('query takes a payload', async () => {
    assert.deepEqual(await handle.query('sum', { of: 'x' }), { input: { of: 'x' }, events: 1 })
  })

  it('the result follows the chain; the outcome of one run does where it is wanted', async () => {
    const waiting = handle.result()
    await until(() => at.engine.longPolls === 1)
    const next = at.engine.continueAsNew('w', 2)
    const last = at.engine.continueAsNew('w', 3)
    at.engine.complete('w', 'done')
    assert.equal(await waiting, 'done')
    assert.deepEqual(await handle.outcome(), {
      workflowId: 'w',
      runId: last,
      status: 'completed',
      result: 'done',
    })
    assert.deepEqual(await handle.outcome({ follow: false }), {
      workflowId: 'w',
      runId: 'run-1',
      status: 'continuedAsNew',
      newRunId: next,
    })
  })

  it('a chain whose last run failed throws that failure', async () => {
    at.engine.continueAsNew('w', 2)
    at.engine.fail('w', 'InputInvalid', 'does not fit')
    await assert.rejects(handle.result(), (error) => {
      assert.ok(error instanceof WorkflowFailedError)
      assert.deepEqual([error.outcome.status, error.outcome.error.type], ['failed', 'InputInvalid'])
      return true
    })
  })

  it('history follows one run and ends where it continued as new', async () => {
    const types: string[] = []
    const read = (async () => {
      for await (const event of handle.history({ follow: true })) types.push(event.type)
    })()
    await until(() => types.length === 1)
    at.engine.continueAsNew('w', 2)
    await read
    assert.deepEqual(types, ['WorkflowExecutionStarted', 'WorkflowExecutionContinuedAsNew'])
  })

  it('lists deliveries and sends one again', async () => {
    at.engine.deliveriesKept = [
      {
        deliveryId: '1',
        sink: 'audit',
        state: 'dead',
        attempts: 20,
        dueAt: '2026-01-02T03:04:05.678Z',
        lastError: 'HTTP 500',
        event: { id: 'run-1/7' },
      },
    ]
    const { items, cursor } = await client.deliveries({ state: 'dead', sink: 'audit' })
    assert.deepEqual([items.length, items[0]?.lastError, cursor], [1, 'HTTP 500', null])
    await client.redeliver('1')
    assert.deepEqual(at.engine.argsOf('redeliver'), ['default', '1'])
    await assert.rejects(client.redeliver('2'), /there is no delivery '2'/)
  })
})
