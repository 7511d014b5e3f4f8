/** Updates, pauses, chains, children, state machines and published events: HTTP over the real engine on the memory store. */
import assert from 'node:assert/strict'
import { createServer as createHttpServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  PerdureApiError,
  PerdureClient,
  UpdateFailedError,
  WorkflowFailedError,
  type WorkflowHandle,
} from '../../client/index.ts'
import { createServer, type PerdureServer } from '../../server/index.ts'
import { type Bench, FunctionExecutor, startEngine } from '../engine/support.ts'
import { call, until } from './harness.ts'

const basket = `
dsl: perdure/1
name: basket
version: 1.0.0
vars: { items: 0 }
signals: { checkout: {} }
queries:
  items: \${ vars.items }
  missing:
    schema: { type: object, required: [of], properties: { of: { type: integer } } }
    return: \${ query.of - vars.items }
updates:
  add:
    schema: { type: object, required: [n], properties: { n: { type: integer } } }
    validate: update.n > 0
    do:
      - if: update.n > 100
        fail: { type: TooMany, message: "not so many" }
      - set: { items: "\${ vars.items + update.n }" }
    return: \${ vars.items }
  slow:
    do:
      - id: ask
        activity: ask
    return: \${ steps.ask }
steps:
  - id: checkout
    wait: { signal: checkout }
  - return: \${ vars.items }
`

const draft = `
dsl: perdure/1
name: draft
version: 1.0.0
signals: { submit: {}, approve: {}, reject: {} }
initial: draft
states:
  draft: { on: { submit: review } }
  review: { on: { approve: published, reject: draft } }
  published: { final: true, return: { status: published } }
`

const counting = `
dsl: perdure/1
name: counting
version: 1.0.0
input: { type: object, properties: { n: { type: integer } } }
steps:
  - id: gate
    wait: 5ms
  - if: input.n < 3
    continueAsNew: { input: { n: "\${ input.n + 1 }" } }
  - if: input.n > 3
    fail: { type: TooFar, message: "gone too far" }
  - return: \${ input.n }
`

const parent = `
dsl: perdure/1
name: parent
version: 1.0.0
steps:
  - id: kid
    workflow: basket
    workflowId: \${ workflow.id & '-kid' }
  - emit: { type: basket.done, subject: "\${ workflow.id }", data: { items: "\${ steps.kid }" } }
  - return: \${ steps.kid }
`

const refund = `
dsl: perdure/1
name: refund
version: 1.0.0
saga: { onFailure: pause }
steps:
  - id: charge
    activity: charge
    compensate: { activity: refund, retry: false }
  - fail: { type: Late, message: "too late" }
`

interface Received {
  readonly headers: { readonly [name: string]: string | string[] | undefined }
  readonly event: { readonly [key: string]: unknown }
}

describe('server: the whole language over the real engine', () => {
  let bench: Bench
  let server: PerdureServer
  let sink: Server
  let url: string
  let client: PerdureClient
  let answerSlow: (() => void) | null = null
  let refundsFail = false
  const received: Received[] = []
  let sinkStatus = 500

  before(async () => {
    sink = createHttpServer((request, response) => {
      let text = ''
      request.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      request.on('end', () => {
        received.push({ headers: request.headers, event: JSON.parse(text) })
        response.writeHead(sinkStatus).end()
      })
    })
    await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve))
    const { port } = sink.address() as AddressInfo
    bench = await startEngine(
      new FunctionExecutor({
        ask: () => new Promise((resolve) => (answerSlow = () => resolve('asked'))),
        charge: () => ({ id: 'c-1' }),
        refund: () => {
          if (refundsFail) throw new Error('the bank is closed')
          return null
        },
      }),
      {
        settings: {
          eventSinks: [
            {
              name: 'audit',
              url: `http://127.0.0.1:${port}/events`,
              headers: { authorization: 'Bearer s' },
              maximumAttempts: 1,
            },
          ],
        },
      },
    )
    server = createServer({ engine: bench.engine, port: 0 })
    url = (await server.start()).url
    client = new PerdureClient({ server: url })
    for (const source of [basket, draft, counting, parent, refund])
      await client.deploy({ source, format: 'yaml' })
  })
  after(async () => {
    await server.stop(1_000)
    await bench.engine.stop()
    sink.close()
  })

  const refusedWith = async (work: Promise<unknown>, code: string): Promise<PerdureApiError> => {
    try {
      await work
    } catch (error) {
      assert.ok(error instanceof PerdureApiError, String(error))
      assert.equal(error.code, code)
      return error
    }
    throw new Error('was not refused')
  }
  /** Until the description says so; the test's timeout is the bound. */
  const described = async (
    handle: WorkflowHandle,
    holds: (description: Awaited<ReturnType<WorkflowHandle['describe']>>) => boolean,
  ) => {
    for (;;) {
      const description = await handle.describe()
      if (holds(description)) return description
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  it('updates: answered, rejected, failed, once per id, and readable after the close', async () => {
    const handle = await client.start('basket', { workflowId: 'b-1' })
    assert.equal(await handle.update('add', { n: 2 }, { updateId: 'first' }), 2)
    assert.equal(await handle.update('add', { n: 2 }, { updateId: 'first' }), 2)
    assert.equal(await handle.update('add', { n: 3 }), 5)
    await refusedWith(handle.update('add', { n: -1 }), 'UpdateRejected')
    await refusedWith(handle.update('add', { n: 'x' }), 'UpdateInvalid')
    await refusedWith(handle.update('nothing', {}), 'UpdateNotDeclared')
    await assert.rejects(handle.update('add', { n: 101 }, { updateId: 'much' }), (error) => {
      assert.ok(error instanceof UpdateFailedError)
      assert.deepEqual([error.error.type, error.error.message], ['TooMany', 'not so many'])
      return true
    })
    const events: string[] = []
    for await (const event of handle.history()) events.push(event.type)
    assert.equal(events.filter((type) => type === 'WorkflowUpdateAccepted').length, 3)
    assert.equal(await handle.query('missing', { of: 9 }), 4)
    await refusedWith(handle.query('missing', { of: 'x' }), 'QueryInvalid')
    await handle.signal('checkout')
    assert.equal(await handle.result(), 5)
    assert.equal(await handle.update('add', { n: 2 }, { updateId: 'first' }), 2)
    const failed = await handle.updateAnswer('add', { n: 101 }, { updateId: 'much' })
    assert.equal(failed.status, 'failed')
    await refusedWith(handle.update('add', { n: 1 }), 'ExecutionClosed')
  })

  it('an update is pending until its handler has answered', async () => {
    const handle = await client.start('basket', { workflowId: 'b-2' })
    const pending = await call(url, 'POST', '/api/v1/workflows/b-2/updates/slow', {
      json: { updateId: 'u', wait: '20ms' },
    })
    assert.deepEqual([pending.status, pending.body], [202, { updateId: 'u', status: 'pending' }])
    await until(() => answerSlow !== null)
    const waiting = handle.update('slow', undefined, { updateId: 'u' })
    answerSlow?.()
    assert.equal(await waiting, 'asked')
    await handle.terminate()
  })

  it('paused: updates are refused, signals wait, why tells; resumed it goes on', async () => {
    const handle = await client.start('basket', { workflowId: 'b-3' })
    await handle.pause('audit')
    const paused = await described(handle, (description) => description.paused !== null)
    assert.equal(paused.paused?.reason, 'audit')
    assert.ok(paused.waitingFor.some(({ kind }) => kind === 'paused'))
    await refusedWith(handle.update('add', { n: 1 }), 'ExecutionPaused')
    await handle.signal('checkout')
    assert.equal((await handle.outcome({ waitMs: 20 })).status, 'running')
    await handle.resume({ reason: 'done' })
    assert.equal(await handle.result(), 0)
    const types: string[] = []
    for await (const event of handle.history()) types.push(event.type)
    assert.ok(types.includes('WorkflowExecutionPaused') && types.includes('WorkflowExecutionResumed'))
    await refusedWith(handle.pause(), 'ExecutionClosed')
  })

  it('a saga that pauses at what it cannot undo is resumed or skipped', async () => {
    refundsFail = true
    const again = await client.start('refund', { workflowId: 'r-1' })
    const paused = await described(again, (description) => description.paused !== null)
    assert.ok(paused.paused?.step, JSON.stringify(paused.paused))
    refundsFail = false
    await again.resume()
    await assert.rejects(again.result(), (error) => {
      assert.ok(error instanceof WorkflowFailedError)
      assert.equal(error.outcome.error.type, 'Late')
      return true
    })
    refundsFail = true
    const skipped = await client.start('refund', { workflowId: 'r-2' })
    await described(skipped, (description) => description.paused !== null)
    await skipped.resume({ skip: true, reason: 'by hand' })
    await assert.rejects(skipped.result(), (error) => {
      assert.ok(error instanceof WorkflowFailedError)
      assert.equal(error.outcome.error.type, 'CompensationFailed')
      assert.equal(error.outcome.error.cause?.type, 'Late')
      return true
    })
  })

  it('a state machine takes what its state takes, and names that where it refuses', async () => {
    const handle = await client.start('draft', { workflowId: 'd-1' })
    const refusal = await refusedWith(handle.signal('approve', {}), 'SignalNotExpected')
    assert.match(`${refusal.detail} ${refusal.suggestion ?? ''} ${JSON.stringify(refusal.details)}`, /submit/)
    await handle.signal('submit', {})
    assert.equal((await handle.describe()).state, 'review')
    await refusedWith(handle.signal('submit', {}), 'SignalNotExpected')
    await refusedWith(handle.signal('nothing', {}), 'SignalNotDeclared')
    await handle.signal('approve', {})
    assert.deepEqual(await handle.result(), { status: 'published' })
    const moves: string[] = []
    for await (const event of handle.history())
      if (event.type === 'StateTransitioned') moves.push(`${event.from} ${event.to} ${event.signal}`)
    assert.deepEqual(moves, ['draft review submit', 'review published approve'])
  })

  it('a chain is one execution: its result, its list entry, its runs by id', async () => {
    const first = await client.start('counting', { workflowId: 'c-1', input: { n: 1 } })
    assert.equal(await first.result(), 3)
    const ofFirst = await first.outcome({ follow: false })
    assert.ok(ofFirst.status === 'continuedAsNew')
    const second = client.handle('c-1', ofFirst.newRunId)
    const description = await second.describe()
    assert.deepEqual([description.firstRunId, description.status], [first.runId, 'continuedAsNew'])
    const listed = await client.list({ query: "workflowId = 'c-1'" })
    assert.deepEqual(
      listed.items.map(({ status }) => status),
      ['completed'],
    )
    const runs = await client.list({ query: "workflowId = 'c-1' and status = 'continuedAsNew'" })
    assert.equal(runs.items.length, 2)
    assert.equal(await client.count("workflowId = 'c-1' and runs = 'all'"), 3)
    const failing = await client.start('counting', { workflowId: 'c-2', input: { n: 4 } })
    await assert.rejects(failing.result(), /TooFar/)
  })

  it('a child is an execution of its own, told by its parent; what is emitted goes to the sink', async () => {
    const handle = await client.start('parent', { workflowId: 'p-1' })
    const waiting = await described(handle, ({ pendingChildren }) => pendingChildren.length > 0)
    assert.equal(waiting.pendingChildren[0]?.workflowId, 'p-1-kid')
    const kid = client.handle('p-1-kid')
    assert.deepEqual((await kid.describe()).parent, { workflowId: 'p-1', runId: handle.runId })
    const children = await client.list({ query: `parentRunId = '${handle.runId}'` })
    assert.deepEqual(
      children.items.map(({ workflowId }) => workflowId),
      ['p-1-kid'],
    )
    assert.equal(await kid.update('add', { n: 7 }), 7)
    await kid.signal('checkout')
    assert.equal(await handle.result(), 7)
    let dead = await client.deliveries({ state: 'dead' })
    while (dead.items.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      dead = await client.deliveries({ state: 'dead' })
    }
    const [delivery] = dead.items
    assert.ok(delivery)
    assert.deepEqual([delivery.sink, delivery.attempts], ['audit', 1])
    assert.match(delivery.lastError ?? '', /500/)
    const [first] = received
    assert.match(String(first?.headers['content-type']), /^application\/cloudevents\+json/)
    assert.equal(first?.headers['authorization'], 'Bearer s')
    assert.deepEqual(
      [first?.event['type'], first?.event['subject'], first?.event['data']],
      ['basket.done', 'p-1', { items: 7 }],
    )
    sinkStatus = 204
    await client.redeliver(delivery.deliveryId)
    while (received.length < 2 || (await client.deliveries()).items.length > 0)
      await new Promise((resolve) => setTimeout(resolve, 5))
    assert.deepEqual(received[1]?.event, received[0]?.event)
    await refusedWith(client.redeliver(delivery.deliveryId), 'DeliveryNotFound')
  })
})
