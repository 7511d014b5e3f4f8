/** The routes over the real engine on the memory store: that both mean the same by the contract. */
import assert from 'node:assert/strict'
import { PerdureClient, WorkflowFailedError } from '../../client/index.ts'
import { createServer, type PerdureServer } from '../../server/index.ts'
import { type Bench, FunctionExecutor, startEngine } from '../engine/support.ts'
import { call } from './harness.ts'

const order = `
# a comment that must survive
dsl: perdure/1
name: order
version: 1.2.0
input: { type: object, required: [item], properties: { item: { type: string } } }
vars: { approver: null }
signals:
  approval: { schema: { type: object, required: [ok], properties: { ok: { type: boolean }, by: { type: string } } } }
queries:
  status: { approver: "\${ vars.approver }" }
steps:
  - id: reserve
    activity: reserve
    input: { item: "\${ input.item }" }
    retry: { initialInterval: 10ms, maximumAttempts: 3 }
  - id: approval
    wait: { signal: approval }
  - set: { approver: "\${ steps.approval.by ?? null }" }
  - if: $not(steps.approval.ok)
    fail: { type: Rejected, message: "not wanted" }
  - return: { reserved: "\${ steps.reserve.id }" }
`

describe('server: over the real engine', () => {
  let bench: Bench
  let server: PerdureServer
  let url: string
  let client: PerdureClient
  let failures = 0

  before(async () => {
    bench = await startEngine(
      new FunctionExecutor({
        reserve: (task) => {
          failures -= 1
          if (failures >= 0) throw new Error('busy')
          return { id: `r-${String((task.input as { item: string }).item)}` }
        },
      }),
    )
    server = createServer({ engine: bench.engine, port: 0 })
    url = (await server.start()).url
    client = new PerdureClient({ server: url })
    await client.deploy({ source: order, format: 'yaml' })
  })
  after(async () => {
    await server.stop(1_000)
    await bench.engine.stop()
  })

  it('deploys, and refuses with the problems of the document', async () => {
    const post = (text: string, path = '') =>
      call(url, 'POST', `/api/v1/definitions${path}`, {
        text,
        headers: { 'content-type': 'application/yaml' },
      })
    assert.equal((await post(order)).status, 200)
    assert.equal((await post(order.replace('1.2.0', '1.3.0-beta.1'))).status, 201)
    const other = order.replace('not wanted', 'changed')
    assert.equal((await post(other)).status, 409)
    const validated = await post(other, '/validate')
    assert.equal(validated.body.valid, true)
    const wrong = await post(order.replace('activity: reserve', 'activty: reserve'))
    assert.equal(wrong.status, 422)
    const [problem] = wrong.body.problems
    assert.ok(problem.line > 1 && problem.excerpt.includes('^'), JSON.stringify(problem))
    assert.equal((await post('a: [')).status, 422)
    const got = await client.definition('order', '1.2.0')
    assert.equal(got.source, order)
    assert.equal((got.document as { name: string }).name, 'order')
    const resolved = await client.resolve('order')
    assert.equal(resolved.version, '1.2.0')
    assert.ok((await client.definitions('order')).length >= 2)
  })

  it('runs an order from start to result, with retry, signal and query', async () => {
    failures = 1
    const started = await client.start('order', { workflowId: 'o-1', input: { item: 'tea' }, version: '^1' })
    assert.equal(started.version, '1.2.0')
    const result = started.result()
    const events: string[] = []
    const watching = (async () => {
      for await (const event of started.history({ follow: true })) {
        events.push(event.type)
        assert.match(event.timestamp, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
        if (event.type === 'ActivityTaskCompleted') await started.signal('approval', { ok: true, by: 'ann' })
      }
    })()
    assert.deepEqual(await result, { reserved: 'r-tea' })
    await watching
    assert.deepEqual(await started.query('status'), { approver: 'ann' })
    assert.equal(events.at(-1), 'WorkflowExecutionCompleted')
    assert.ok(events.includes('ActivityTaskFailed'))
    const described = await call(url, 'GET', '/api/v1/workflows/o-1')
    assert.deepEqual([described.body.status, described.body.result], ['completed', { reserved: 'r-tea' }])
    const pages: number[] = []
    for await (const event of started.history({ pageEvents: 2 })) pages.push(event.eventId)
    assert.deepEqual(
      pages,
      events.map((_, index) => index + 1),
    )
    const stream = await fetch(`${url}/api/v1/workflows/o-1/events`, { headers: { 'last-event-id': '3' } })
    const ids = [...(await stream.text()).matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))
    assert.deepEqual(ids, pages.slice(3))
    const over = await call(url, 'GET', '/api/v1/workflows/o-1/events', {
      headers: { 'last-event-id': String(pages.length) },
    })
    assert.equal(over.status, 204)
  })

  it('tells what a run waits for, and how it ended', async () => {
    failures = 0
    const started = await client.start('order', { workflowId: 'o-2', input: { item: 'tea' } })
    for await (const event of started.history({ follow: true }))
      if (event.type === 'ActivityTaskCompleted') break
    const { body } = await call(url, 'GET', '/api/v1/workflows/o-2')
    assert.equal(body.status, 'running')
    assert.ok(
      body.waitingFor.some((one: { kind: string }) => one.kind === 'signal'),
      JSON.stringify(body),
    )
    assert.ok(
      (await call(url, 'GET', "/api/v1/workflows?query=status%20=%20'running'")).body.items.length >= 1,
    )
    await started.signal('approval', { ok: false })
    await assert.rejects(started.result(), (error) => {
      assert.ok(error instanceof WorkflowFailedError)
      assert.deepEqual([error.outcome.status, error.outcome.error.type], ['failed', 'Rejected'])
      return true
    })
    const closed = await call(url, 'POST', '/api/v1/workflows/o-2/signals/approval', {
      json: { input: { ok: true } },
    })
    assert.deepEqual([closed.status, closed.body.code], [409, 'ExecutionClosed'])
  })

  it('refuses as the catalogue says', async () => {
    const start = (json: object) => call(url, 'POST', '/api/v1/workflows', { json })
    const expect = (answer: { status: number; body: { code: string } }, status: number, code: string) =>
      assert.deepEqual([answer.status, answer.body.code], [status, code])
    expect(await start({ workflow: 'none' }), 404, 'WorkflowNotFound')
    expect(
      await start({ workflow: 'order', version: '9.0.0', input: { item: 'x' } }),
      404,
      'WorkflowNotFound',
    )
    expect(await start({ workflow: 'order', input: {} }), 422, 'InputInvalid')
    expect(await start({ workflow: 'order', input: { item: 'x'.repeat(3_000_000) } }), 413, 'LimitExceeded')
    const first = await start({
      workflow: 'order',
      workflowId: 'o-3',
      input: { item: 'a' },
      requestId: 'once',
    })
    assert.equal(first.status, 201)
    const again = await start({
      workflow: 'order',
      workflowId: 'o-3',
      input: { item: 'a' },
      requestId: 'once',
    })
    assert.deepEqual([again.status, again.body], [200, first.body])
    expect(
      await start({ workflow: 'order', workflowId: 'o-3', input: { item: 'a' } }),
      409,
      'WorkflowAlreadyRunning',
    )
    const use = await start({
      workflow: 'order',
      workflowId: 'o-3',
      input: { item: 'a' },
      idConflict: 'useExisting',
    })
    assert.deepEqual([use.status, use.body], [200, first.body])
    const post = (path: string, json: object) => call(url, 'POST', `/api/v1/workflows/o-3/${path}`, { json })
    expect(await post('signals/nothing', {}), 422, 'SignalNotDeclared')
    expect(await post('signals/approval', { input: { ok: 'yes' } }), 422, 'SignalInvalid')
    expect(await post('queries/nothing', {}), 404, 'QueryNotDeclared')
    expect(await call(url, 'GET', '/api/v1/workflows?query=nonsense!'), 400, 'RequestInvalid')
    expect(await call(url, 'GET', '/api/v1/workflows?cursor=abc'), 400, 'RequestInvalid')
    expect(await call(url, 'GET', '/api/v1/workflows/none/history'), 404, 'ExecutionNotFound')
    expect(await call(url, 'GET', '/api/v1/workflows/o-3?runId=none'), 404, 'ExecutionNotFound')
    await post('cancel', { reason: 'tired' })
    const canceled = await call(url, 'GET', '/api/v1/workflows/o-3/result?wait=5s')
    assert.deepEqual([canceled.status, canceled.body.status], [200, 'canceled'])
    const last = await start({ workflow: 'order', workflowId: 'o-4', input: { item: 'a' } })
    assert.equal(last.status, 201)
    await call(url, 'POST', '/api/v1/workflows/o-4/terminate', { json: { reason: 'now' } })
    const terminated = await call(url, 'GET', '/api/v1/workflows/o-4/result?wait=5s')
    assert.equal(terminated.body.status, 'terminated')
    expect(await call(url, 'POST', '/api/v1/workflows/o-4/terminate'), 409, 'ExecutionClosed')
  })

  it('is ready until the engine stops', async () => {
    assert.equal((await call(url, 'GET', '/readyz')).status, 200)
    await bench.engine.stop()
    const answer = await call(url, 'GET', '/readyz')
    assert.deepEqual([answer.status, answer.body.code], [503, 'Draining'])
    const refused = await call(url, 'POST', '/api/v1/workflows', {
      json: { workflow: 'order', input: { item: 'a' } },
    })
    assert.equal(refused.status, 503)
  })
})
