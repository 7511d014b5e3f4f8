import assert from 'node:assert/strict'
import { type Harness, harness, hello, until } from './harness.ts'

describe('server: pause, resume, chains, deliveries', () => {
  let at: Harness
  beforeEach(async () => {
    at = await harness()
    await at.engine.deploy({ namespace: 'default', source: hello, format: 'yaml' })
    await at.call('POST', '/api/v1/workflows', { json: { workflow: 'hello', workflowId: 'w' } })
  })
  afterEach(() => at.stop())

  it('pauses with a reason, shows it, and resumes', async () => {
    const paused = await at.call('POST', '/api/v1/workflows/w/pause', { json: { reason: 'audit' } })
    assert.deepEqual([paused.status, paused.body], [202, { accepted: true }])
    assert.deepEqual(at.engine.argsOf('pause'), [{ namespace: 'default', workflowId: 'w' }, 'audit'])
    const description = await at.call('GET', '/api/v1/workflows/w')
    assert.equal(description.body.paused.reason, 'audit')
    const update = await at.call('POST', '/api/v1/workflows/w/updates/approve', { json: {} })
    assert.deepEqual([update.status, update.body.code], [409, 'ExecutionPaused'])
    const resumed = await at.call('POST', '/api/v1/workflows/w/resume')
    assert.equal(resumed.status, 202)
    assert.deepEqual(at.engine.argsOf('resume'), [{ namespace: 'default', workflowId: 'w' }, {}])
    assert.equal((await at.call('GET', '/api/v1/workflows/w')).body.paused, null)
  })

  it('resume takes skip and a reason, and nothing else', async () => {
    const json = { skip: true, reason: 'refunded by hand' }
    assert.equal((await at.call('POST', '/api/v1/workflows/w/resume', { json })).status, 202)
    assert.deepEqual(at.engine.argsOf('resume')[1], json)
    for (const wrong of [{ skip: 'yes' }, { skp: true }, { reason: 1 }])
      assert.equal((await at.call('POST', '/api/v1/workflows/w/resume', { json: wrong })).status, 400)
    assert.equal((await at.call('POST', '/api/v1/workflows/w/pause', { json: { skip: true } })).status, 400)
    assert.equal((await at.call('POST', '/api/v1/workflows/gone/pause')).status, 404)
    at.engine.complete('w', 1)
    assert.equal((await at.call('POST', '/api/v1/workflows/w/resume')).body.code, 'ExecutionClosed')
  })

  it('a signal that a state machine does not take is refused with the ones that it would', async () => {
    const { status, body } = await at.call('POST', '/api/v1/workflows/w/signals/unexpected')
    assert.deepEqual([status, body.code], [409, 'SignalNotExpected'])
    assert.deepEqual(body.details, { state: 'draft', expected: ['submit', 'discard'] })
    assert.equal(body.suggestion, 'it takes submit, discard')
  })

  it('the result follows a chain to its last run, unless it is asked not to', async () => {
    const waiting = at.call('GET', '/api/v1/workflows/w/result?wait=30s&runId=run-1')
    await until(() => at.engine.longPolls === 1)
    const next = at.engine.continueAsNew('w', { round: 2 })
    at.engine.complete('w', 'done')
    const { status, body } = await waiting
    assert.equal(status, 200)
    assert.deepEqual(body, { workflowId: 'w', runId: next, status: 'completed', result: 'done' })
    const first = await at.call('GET', '/api/v1/workflows/w/result?runId=run-1&follow=false')
    assert.deepEqual(first.body, {
      workflowId: 'w',
      runId: 'run-1',
      status: 'continuedAsNew',
      newRunId: next,
    })
    const described = await at.call('GET', '/api/v1/workflows/w?runId=run-1')
    assert.equal(described.body.continuedAs, next)
    const last = await at.call('GET', '/api/v1/workflows/w')
    assert.deepEqual([last.body.runId, last.body.firstRunId], [next, 'run-1'])
    assert.equal(last.body.pendingChildren[0].workflowId, 'w-ship')
  })

  it('pages and streams stay with the run that they began with; it ends where it continued as new', async () => {
    const next = at.engine.continueAsNew('w', null)
    const page = await at.call('GET', '/api/v1/workflows/w/history?runId=run-1')
    assert.deepEqual(
      page.body.events.map((event: { type: string }) => event.type),
      ['WorkflowExecutionStarted', 'WorkflowExecutionContinuedAsNew'],
    )
    const stream = await at.call('GET', '/api/v1/workflows/w/events?runId=run-1')
    assert.equal(stream.headers.get('perdure-run-id'), 'run-1')
    assert.match(stream.text, /WorkflowExecutionContinuedAsNew/)
    const again = await at.call('GET', '/api/v1/workflows/w/events?runId=run-1', {
      headers: { 'last-event-id': '2' },
    })
    assert.equal(again.status, 204)
    const latest = await at.call('GET', '/api/v1/workflows/w/history')
    assert.equal(latest.body.events[0].runId, next)
    assert.equal(latest.body.events[0].deadlineAt, '2026-01-02T03:05:05.678Z')
  })

  it('lists events on their way to sinks, by state and sink, and sends one again', async () => {
    const one = (deliveryId: string, sink: string, state: 'pending' | 'dead') => ({
      deliveryId,
      sink,
      state,
      attempts: state === 'dead' ? 20 : 1,
      dueAt: '2026-01-02T03:04:05.678Z',
      lastError: state === 'dead' ? 'HTTP 500' : null,
      event: { specversion: '1.0', id: `run-1/${deliveryId}`, type: 'order.shipped' },
    })
    at.engine.deliveriesKept = [
      one('1', 'audit', 'dead'),
      one('2', 'mail', 'pending'),
      one('3', 'mail', 'dead'),
    ]
    const path = '/api/v1/event-deliveries'
    const idsAt = async (query: string) =>
      (await at.call('GET', `${path}${query}`)).body.items.map(
        (item: { deliveryId: string }) => item.deliveryId,
      )
    assert.deepEqual(await idsAt(''), ['1', '2', '3'])
    assert.deepEqual(await idsAt('?state=dead'), ['1', '3'])
    assert.deepEqual(await idsAt('?state=dead&sink=mail'), ['3'])
    const first = await at.call('GET', `${path}?limit=2`)
    assert.deepEqual(await idsAt(`?limit=2&cursor=${first.body.cursor}`), ['3'])
    const wrong = await at.call('GET', `${path}?state=ded`)
    assert.deepEqual([wrong.status, wrong.body.suggestion], [400, "did you mean 'dead'?"])
    assert.equal((await at.call('POST', `${path}/1/redeliver`)).status, 202)
    assert.deepEqual(at.engine.argsOf('redeliver'), ['default', '1'])
    const gone = await at.call('POST', `${path}/9/redeliver`)
    assert.deepEqual([gone.status, gone.body.code], [404, 'DeliveryNotFound'])
  })
})
