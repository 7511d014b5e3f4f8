import assert from 'node:assert/strict'
import { EngineError } from '../../engine/engine-error.ts'
import { fakeNow } from './fake-definitions.ts'
import { type Harness, harness, hello, until } from './harness.ts'

describe('server: workflows', () => {
  let at: Harness
  beforeEach(async () => {
    at = await harness({ limits: { longPollMs: 5_000 } })
    await at.engine.deploy({ namespace: 'default', source: hello, format: 'yaml' })
  })
  afterEach(() => at.stop())
  const start = (json: object) => at.call('POST', '/api/v1/workflows', { json })

  it('starts with 201 and answers a seen request id with 200 and the same body', async () => {
    const body = { workflow: 'hello', workflowId: 'w', input: { a: [1, null] }, requestId: 'r-1' }
    const first = await start(body)
    assert.equal(first.status, 201)
    assert.deepEqual(first.body, { workflowId: 'w', runId: 'run-1', version: '1.0.0' })
    const again = await start(body)
    assert.equal(again.status, 200)
    assert.deepEqual(again.body, first.body)
  })

  it('hands every key of a start to the engine, and adds none', async () => {
    const body = {
      workflow: 'hello',
      version: '^1',
      workflowId: 'w',
      input: { __proto__x: 1 },
      taskQueue: 'q',
      timeout: '1h30m',
      idReuse: 'reject',
      idConflict: 'useExisting',
      memo: { note: 1 },
      searchAttributes: { region: 'eu' },
      requestId: 'r',
      startDelay: '5s',
      signal: { name: 'go', input: { a: 1 } },
    }
    await start(body)
    assert.deepEqual(at.engine.argsOf('startExecution'), [{ namespace: 'default', ...body }])
    await start({ workflow: 'hello' })
    assert.deepEqual(at.engine.argsOf('startExecution'), [{ namespace: 'default', workflow: 'hello' }])
  })

  it('says of each wrong key where it is and what to do', async () => {
    const unknown = await start({ workflow: 'hello', workflowID: 'x', idReuse: 'alow', requestId: 5 })
    assert.equal(unknown.status, 400)
    assert.equal(unknown.body.code, 'RequestInvalid')
    assert.deepEqual(unknown.body.errors, [
      {
        in: 'body',
        pointer: '/workflowID',
        message: "unknown key 'workflowID'",
        suggestion: "did you mean 'workflowId'?",
      },
      {
        in: 'body',
        pointer: '/idReuse',
        message: 'must be one of allow, allowFailedOnly, reject',
        suggestion: "did you mean 'allow'?",
      },
      { in: 'body', pointer: '/requestId', message: 'must be string' },
    ])
    assert.match(unknown.body.detail, /and 2 more/)
    const missing = await start({})
    assert.deepEqual(missing.body.errors, [{ in: 'body', pointer: '/workflow', message: 'is missing' }])
    const dots = await start({ workflow: 'hello', workflowId: '..' })
    assert.equal(dots.status, 400)
    const duration = await start({ workflow: 'hello', timeout: '30' })
    assert.match(duration.body.errors[0].suggestion, /500ms, 30s/)
    for (const json of [[], 'text', null, 5]) {
      const answer = await at.call('POST', '/api/v1/workflows', { json })
      assert.equal(answer.status, 400, JSON.stringify(json))
    }
    assert.equal(at.engine.runs.length, 0)
  })

  it('refuses a delay and a signal that are none', async () => {
    for (const wrong of [
      { startDelay: 5 },
      { startDelay: 'soon' },
      { signal: {} },
      { signal: { name: 'a', inptu: 1 } },
    ]) {
      const answer = await start({ workflow: 'hello', ...wrong })
      assert.deepEqual([answer.status, answer.body.code], [400, 'RequestInvalid'], JSON.stringify(wrong))
    }
    assert.equal(at.engine.runs.length, 0)
  })

  it("passes the engine's refusals on with their status", async () => {
    assert.equal((await start({ workflow: 'none' })).status, 404)
    await start({ workflow: 'hello', workflowId: 'w' })
    const running = await start({ workflow: 'hello', workflowId: 'w' })
    assert.deepEqual([running.status, running.body.code], [409, 'WorkflowAlreadyRunning'])
    at.engine.failure = new EngineError('InputInvalid', 'orderId is missing', {
      details: { path: '/orderId' },
    })
    const input = await start({ workflow: 'hello' })
    assert.deepEqual(
      [input.status, input.body.code, input.body.details],
      [422, 'InputInvalid', { path: '/orderId' }],
    )
    at.engine.failure = new EngineError('Unavailable', 'the database is away')
    const away = await start({ workflow: 'hello' })
    assert.equal(away.status, 503)
    assert.equal(away.headers.get('retry-after'), '1')
  })

  it('hides what a bug says', async () => {
    at.engine.failure = new Error('secret of a user')
    const answer = await at.call('GET', '/api/v1/workflows', { headers: { 'x-request-id': 'abc-1' } })
    assert.equal(answer.status, 500)
    assert.equal(answer.body.code, 'InternalError')
    assert.equal(answer.text.includes('secret'), false)
    assert.match(answer.body.suggestion, /abc-1/)
    assert.equal(answer.headers.get('x-request-id'), 'abc-1')
  })

  it('lists, counts and describes', async () => {
    for (const workflowId of ['a', 'b', 'c']) await start({ workflow: 'hello', workflowId })
    const page = await at.call('GET', "/api/v1/workflows?limit=2&query=status%20=%20'running'")
    assert.equal(page.body.items.length, 2)
    assert.deepEqual(at.engine.argsOf('list'), ['default', { limit: 2, query: "status = 'running'" }])
    const rest = await at.call('GET', `/api/v1/workflows?limit=2&cursor=${page.body.cursor}`)
    assert.deepEqual([rest.body.items.length, rest.body.cursor], [1, null])
    const count = await at.call('GET', '/api/v1/workflows/count')
    assert.deepEqual(count.body, { count: 3 })
    const one = await at.call('GET', '/api/v1/workflows/b')
    assert.deepEqual([one.body.workflowId, one.body.status, one.body.at[0].line], ['b', 'running', 12])
    const none = await at.call('GET', '/api/v1/workflows/zzz')
    assert.deepEqual([none.status, none.body.code], [404, 'ExecutionNotFound'])
    assert.equal((await at.call('GET', '/api/v1/workflows?query=nonsense')).status, 400)
    assert.equal((await at.call('GET', '/api/v1/workflows?limit=0')).status, 400)
    assert.equal((await at.call('GET', '/api/v1/workflows?limit=ten')).status, 400)
    const typo = await at.call('GET', '/api/v1/workflows?limt=5')
    assert.deepEqual(typo.body.errors, [
      {
        in: 'query',
        pointer: '/limt',
        message: "unknown parameter 'limt'",
        suggestion: "did you mean 'limit'?",
      },
    ])
    const twice = await at.call('GET', '/api/v1/workflows?limit=5&limit=6')
    assert.match(twice.body.detail, /'limit' is given twice/)
  })

  it('reaches ids of any text, `count` among them', async () => {
    for (const workflowId of ['a/b c?d#é', '%63', 'count']) {
      await start({ workflow: 'hello', workflowId })
      const path = workflowId === 'count' ? '%63ount' : encodeURIComponent(workflowId)
      const answer = await at.call('GET', `/api/v1/workflows/${path}`)
      assert.equal(answer.body.workflowId, workflowId)
    }
    const broken = await at.call('GET', '/api/v1/workflows/%zz')
    assert.equal(broken.status, 400)
    assert.match(broken.body.suggestion, /percent-encode/)
  })

  it('waits for a result: 202 while it runs, 200 with the outcome, also of a failure', async () => {
    await start({ workflow: 'hello', workflowId: 'w' })
    const path = '/api/v1/workflows/w/result'
    const now = await at.call('GET', path)
    assert.equal(now.status, 202)
    assert.deepEqual(now.body, { workflowId: 'w', runId: 'run-1', status: 'running' })
    assert.equal((await at.call('GET', `${path}?wait=20ms`)).status, 202)
    const waiting = at.call('GET', `${path}?wait=PT4S`)
    await until(() => at.engine.longPolls === 1)
    at.engine.complete('w', { done: true })
    const done = await waiting
    assert.equal(done.status, 200)
    assert.deepEqual(done.body, {
      workflowId: 'w',
      runId: 'run-1',
      status: 'completed',
      result: { done: true },
    })
    await start({ workflow: 'hello', workflowId: 'x' })
    at.engine.fail('x', 'Declined', 'no')
    const failed = await at.call('GET', '/api/v1/workflows/x/result?wait=1s')
    assert.equal(failed.status, 200)
    assert.equal(failed.body.error.type, 'Declined')
    assert.equal((await at.call('GET', '/api/v1/workflows/none/result')).status, 404)
    for (const wait of ['30', 'soon', '-5s', ''])
      assert.equal((await at.call('GET', `${path}?wait=${wait}`)).status, 400, `wait=${wait}`)
  })

  it('waits no longer than its limit', async () => {
    await start({ workflow: 'hello', workflowId: 'w' })
    const waiting = at.call('GET', '/api/v1/workflows/w/result?wait=7d')
    await until(() => at.engine.longPolls === 1)
    assert.deepEqual(at.engine.argsOf('result')[1], 5_000)
    at.engine.complete('w', null)
    assert.equal((await waiting).status, 200)
  })

  it('signals with 202, and passes refusals on', async () => {
    await start({ workflow: 'hello', workflowId: 'w' })
    const path = '/api/v1/workflows/w/signals'
    const sent = await at.call('POST', `${path}/approval`, { json: { input: { ok: true }, requestId: 'r' } })
    assert.deepEqual([sent.status, sent.body], [202, { accepted: true }])
    const ref = { namespace: 'default', workflowId: 'w' }
    assert.deepEqual(at.engine.argsOf('signal'), [ref, 'approval', { ok: true }, 'r'])
    assert.equal((await at.call('POST', `${path}/approval?runId=run-1`)).status, 202)
    assert.deepEqual(at.engine.argsOf('signal'), [{ ...ref, runId: 'run-1' }, 'approval', null, undefined])
    const undeclared = await at.call('POST', `${path}/undeclared`, { json: {} })
    assert.deepEqual([undeclared.status, undeclared.body.code], [422, 'SignalNotDeclared'])
    assert.equal((await at.call('POST', `${path}/not-a-word`)).status, 400)
    const bare = await at.call('POST', `${path}/approval`, { json: { approved: true } })
    assert.match(bare.body.errors[0].message, /unknown key 'approved'/)
    at.engine.complete('w', 1)
    const closed = await at.call('POST', `${path}/approval`)
    assert.deepEqual([closed.status, closed.body.code], [409, 'ExecutionClosed'])
  })

  it('queries: the body is the value', async () => {
    await start({ workflow: 'hello', workflowId: 'w' })
    const path = '/api/v1/workflows/w/queries'
    const value = await at.call('POST', `${path}/status`, { json: { input: 5 } })
    assert.deepEqual([value.status, value.body], [200, { input: 5, events: 1 }])
    assert.equal((await at.call('POST', `${path}/text`)).text, '"just text"')
    const none = await at.call('POST', `${path}/undeclared`)
    assert.deepEqual([none.status, none.body.code], [404, 'QueryNotDeclared'])
  })

  it('cancels and terminates with a reason', async () => {
    await start({ workflow: 'hello', workflowId: 'w' })
    const ref = { namespace: 'default', workflowId: 'w' }
    assert.equal(
      (await at.call('POST', '/api/v1/workflows/w/cancel', { json: { reason: 'tired' } })).status,
      202,
    )
    assert.deepEqual(at.engine.argsOf('cancel'), [ref, 'tired'])
    assert.equal((await at.call('POST', '/api/v1/workflows/w/cancel')).status, 202)
    assert.equal(
      (await at.call('POST', '/api/v1/workflows/w/terminate', { json: { reason: 'now' } })).status,
      202,
    )
    assert.deepEqual(at.engine.argsOf('terminate'), [ref, 'now'])
    assert.equal((await at.call('POST', '/api/v1/workflows/w/terminate')).status, 409)
    assert.equal((await at.call('POST', '/api/v1/workflows/none/cancel')).status, 404)
    const typo = await at.call('POST', '/api/v1/workflows/w/cancel', { json: { reson: 'x' } })
    assert.equal(typo.body.suggestion, "did you mean 'reason'?")
  })

  describe('history', () => {
    beforeEach(async () => {
      await start({ workflow: 'hello', workflowId: 'w' })
      const [run] = at.engine.runs
      assert.ok(run)
      at.engine.record(run, {
        type: 'TimerStarted',
        step: 's',
        path: 's',
        timerId: 1,
        purpose: 'wait',
        fireAt: fakeNow + 60_000,
      })
      at.engine.record(run, {
        type: 'ActivityTaskStarted',
        activityId: 2,
        attempt: 1,
        startedAt: fakeNow,
      })
      at.engine.record(run, {
        type: 'ActivityTaskFailed',
        activityId: 2,
        attempt: 1,
        error: { type: 'E', message: 'm', details: { timestamp: 5, startedAt: 6 } },
        willRetryAt: fakeNow + 1_000,
      })
    })

    it('shows moments in ISO 8601 and leaves payloads alone', async () => {
      const { body } = await at.call('GET', '/api/v1/workflows/w/history')
      assert.equal(body.cursor, null)
      assert.deepEqual(
        body.events.map((event: { eventId: number }) => event.eventId),
        [1, 2, 3, 4],
      )
      assert.equal(body.events[0].timestamp, '2026-01-02T03:04:05.679Z')
      assert.equal(body.events[1].fireAt, '2026-01-02T03:05:05.678Z')
      assert.equal(body.events[2].startedAt, '2026-01-02T03:04:05.678Z')
      assert.equal(body.events[3].willRetryAt, '2026-01-02T03:04:06.678Z')
      assert.deepEqual(body.events[3].error.details, { timestamp: 5, startedAt: 6 })
    })

    it('pages by cursor, stays with its run, and starts after an event', async () => {
      const first = await at.call('GET', '/api/v1/workflows/w/history?limit=3')
      assert.equal(first.body.events.length, 3)
      at.engine.complete('w', 1)
      await start({ workflow: 'hello', workflowId: 'w' })
      const rest = await at.call('GET', `/api/v1/workflows/w/history?limit=3&cursor=${first.body.cursor}`)
      assert.deepEqual(
        rest.body.events.map((event: { type: string }) => event.type),
        ['ActivityTaskFailed', 'WorkflowExecutionCompleted'],
      )
      assert.equal(rest.body.cursor, null)
      const after = await at.call('GET', '/api/v1/workflows/w/history?after=4&runId=run-1')
      assert.equal(after.body.events[0].eventId, 5)
      const both = await at.call('GET', `/api/v1/workflows/w/history?after=1&cursor=${first.body.cursor}`)
      assert.equal(both.status, 400)
      const foreign = await at.call(
        'GET',
        `/api/v1/workflows/w/history?runId=run-2&cursor=${first.body.cursor}`,
      )
      assert.equal(foreign.status, 400)
    })

    it('waits for a new event', async () => {
      const waiting = at.call('GET', '/api/v1/workflows/w/history?after=4&waitNew=4s')
      await until(() => at.engine.longPolls === 1)
      at.engine.complete('w', 1)
      assert.equal((await waiting).body.events[0].type, 'WorkflowExecutionCompleted')
      const nothing = await at.call('GET', '/api/v1/workflows/w/history?after=5&waitNew=10ms')
      assert.deepEqual(nothing.body, { events: [], cursor: null })
      assert.equal((await at.call('GET', '/api/v1/workflows/none/history')).status, 404)
      assert.equal((await at.call('GET', '/api/v1/workflows/w/history?after=-1')).status, 400)
    })
  })
})
