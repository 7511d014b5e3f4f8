import assert from 'node:assert/strict'
import type { EngineOptions } from '../../../engine/create.ts'
import { type EventSink, wants, wholeSinks } from '../../../engine/outbox/event-sinks.ts'
import { StorageUnavailableError } from '../../../storage/contract.ts'
import { createMemoryData } from '../../../storage/memory/data.ts'
import { openStorage } from '../../../storage/open.ts'
import { SetClock } from '../../set-clock.ts'
import {
  allEvents,
  type Bench,
  codeOf,
  deploy,
  doc,
  echo,
  FunctionExecutor,
  namespace,
  startEngine,
  until,
} from '../support.ts'
import { type Taps, wrapStorage } from '../wrapped-storage.ts'
import { openSink, type SinkServer } from './event-sink-server.ts'

const emitting = doc(
  `
input: { type: object, properties: { count: { type: integer, default: 1 }, type: { type: string, default: order.placed } } }
steps:
  - forEach: "[1..input.count]"
    do:
      - emit: { type: "\${ input.type }", subject: "order/\${ item }", data: { n: "\${ item }" } }
`,
  'emitting',
)

describe('engine: the outbox', () => {
  let sink: SinkServer
  let taps: Taps
  const benches: Bench[] = []
  const ref = { namespace, workflowId: 'order 7' }

  beforeEach(async () => {
    sink = await openSink()
    taps = {}
  })
  afterEach(async () => {
    for (const { engine } of benches.splice(0)) await engine.stop({ graceMs: 0 })
    await sink.close()
  })

  async function open(
    sinks: Partial<EventSink>[] = [{}],
    options: Partial<EngineOptions> = {},
    settings: Partial<EngineOptions['settings']> = {},
  ): Promise<Bench> {
    const eventSinks = sinks.map((one, n) => ({
      name: n === 0 ? 'main' : `sink-${n}`,
      url: sink.url,
      initialIntervalMs: 10,
      ...one,
    }))
    const storage = options.storage ?? openStorage({ kind: 'memory' })
    const opened = await startEngine(new FunctionExecutor(echo), {
      ...options,
      storage: wrapStorage(storage, taps),
      settings: { eventSinks, ...settings },
    })
    benches.push(opened)
    await deploy(opened.engine, emitting)
    return opened
  }

  const emit = (
    { engine }: Bench,
    input: { count?: number; type?: string } = {},
    workflowId = ref.workflowId,
  ) => engine.startExecution({ namespace, workflowId, workflow: 'emitting', input })

  it('delivers an event as a CloudEvent in structured mode, and forgets it', async () => {
    const bench = await open([{ headers: { authorization: 'Bearer x' } }])
    const { runId } = await emit(bench)
    await bench.engine.result(ref)
    await until(() => sink.received.length === 1)
    const [one] = sink.received
    assert.match(one?.headers['content-type'] ?? '', /^application\/cloudevents\+json/)
    assert.equal(one?.headers.authorization, 'Bearer x')
    const recorded = (await allEvents(bench.engine, ref.workflowId)).find(
      ({ type }) => type === 'EventEmitted',
    )
    assert.deepEqual(one?.event, {
      specversion: '1.0',
      id: `${runId}/${recorded?.eventId}`,
      source: '/perdure/default/workflows/order%207',
      type: 'order.placed',
      subject: 'order/1',
      time: new Date(recorded?.timestamp ?? 0).toISOString(),
      datacontenttype: 'application/json',
      data: { n: 1 },
      perdurerunid: runId,
    })
    await bench.engine.quiet()
    assert.deepEqual(await bench.engine.deliveries(namespace, {}), { items: [], cursor: null })
    assert.equal(sink.received.length, 1)
  })

  it('delivers many, to every sink that wants them, a few at once', async () => {
    const bench = await open([
      {},
      { name: 'picky', types: ['order.*', 'x'] },
      { name: 'other', types: ['user.*'] },
    ])
    await emit(bench, { count: 40 })
    await until(() => sink.received.length === 80)
    await bench.engine.quiet()
    const ids = new Set(sink.received.map(({ event }) => event['id']))
    assert.equal(ids.size, 40)
    assert.equal(sink.received.length, 80)
  })

  it('tries again with growing pauses, and waits as long as the sink asks', async () => {
    const clock = new SetClock()
    const bench = await open([{}], { clock })
    sink.answer = (_one, response) => {
      if (sink.received.length === 1) return response.writeHead(500).end('try later')
      if (sink.received.length === 2) return response.writeHead(503, { 'retry-after': '60' }).end()
      response.writeHead(200).end()
    }
    const tried = async (attempts: number) => {
      await until(async () => (await bench.engine.deliveries(namespace, {})).items[0]?.attempts === attempts)
      await bench.engine.quiet()
      assert.equal(sink.received.length, attempts)
    }
    await emit(bench)
    await tried(1)
    clock.advance(9)
    await tried(1)
    clock.advance(1)
    await tried(2)
    const { items } = await bench.engine.deliveries(namespace, { state: 'pending', sink: 'main' })
    assert.equal(items[0]?.lastError, 'HTTP 503')
    assert.equal(JSON.stringify(items[0]?.event).includes('order.placed'), true)
    clock.advance(59_999)
    await tried(2)
    clock.advance(1)
    await until(async () => (await bench.engine.deliveries(namespace, {})).items.length === 0)
  })

  it('gives up after the last attempt, keeps the event, and delivers it when it is asked to', async () => {
    const bench = await open([{ maximumAttempts: 3 }])
    sink.answer = (_one, response) => response.writeHead(400).end('no')
    await emit(bench, { count: 2 })
    const dead = () => bench.engine.deliveries(namespace, { state: 'dead' })
    await until(async () => (await dead()).items.length === 2)
    assert.equal(sink.received.length, 6)
    const first = await bench.engine.deliveries(namespace, { limit: 1 })
    assert.equal(first.items.length, 1)
    assert.ok(first.cursor)
    const second = await bench.engine.deliveries(namespace, { limit: 1, cursor: first.cursor })
    assert.equal(second.cursor, null)
    const [one] = first.items
    assert.ok(one)
    assert.equal(one.attempts, 3)
    assert.equal(one.lastError, 'HTTP 400: no')
    sink.answer = (_one, response) => response.writeHead(200).end()
    await bench.engine.redeliver(namespace, one.deliveryId)
    await until(() => sink.received.length === 7)
    await until(async () => (await bench.engine.deliveries(namespace, {})).items.length === 1)
    assert.equal((await dead()).items.length, 1)
    assert.deepEqual(sink.received[6]?.event, one.event)
    assert.equal(await codeOf(bench.engine.redeliver(namespace, one.deliveryId)), 'DeliveryNotFound')
    assert.equal(
      await codeOf(bench.engine.redeliver('elsewhere', second.items[0]?.deliveryId ?? '')),
      'DeliveryNotFound',
    )
    assert.equal(await codeOf(bench.engine.deliveries(namespace, { cursor: 'x' })), 'RequestInvalid')
  })

  it('gives up what no node has a sink for, with the reason, and sends it when one has', async () => {
    const data = createMemoryData()
    const storage = () => openStorage({ kind: 'memory', data })
    const settings = { soleNode: false, unservedSinkMs: 20, pollIntervalMs: 5 }
    sink.answer = (_one, response) => response.writeHead(503).end()
    const before = await open([{ initialIntervalMs: 60_000 }], { storage: storage() }, settings)
    const without = await open([], { storage: storage() }, settings)
    await emit(before)
    await until(() => sink.received.length === 1)
    // The node that has the sink lives: a pause between two attempts is no reason.
    await new Promise((resolve) => setTimeout(resolve, 60))
    const deliveries = async (bench: Bench) => (await bench.engine.deliveries(namespace, {})).items
    assert.deepEqual(
      (await deliveries(without)).map(({ state }) => state),
      ['pending'],
    )
    await before.engine.stop({ graceMs: 0 })
    for (const row of data.outbox.values()) row.dueAt = 0
    await until(async () => (await deliveries(without))[0]?.state === 'dead')
    const [given] = await deliveries(without)
    assert.match(given?.lastError ?? '', /^no node has an event sink of this name/)
    sink.answer = (_one, response) => response.writeHead(204).end()
    const again = await open([{}], { storage: storage() }, settings)
    await until(async () => (await deliveries(again)).length === 0)
    assert.deepEqual(sink.received.at(-1)?.event, given?.event)
  })

  it('sends what was given up while the node joined that has the sink', async () => {
    const data = createMemoryData()
    const settings = { soleNode: false, unservedSinkMs: 20, pollIntervalMs: 5 }
    sink.answer = (_one, response) => response.writeHead(503).end()
    const before = await open(
      [{ initialIntervalMs: 60_000 }],
      { storage: openStorage({ kind: 'memory', data }) },
      settings,
    )
    await emit(before)
    await until(() => sink.received.length === 1)
    await before.engine.stop({ graceMs: 0 })
    sink.answer = (_one, response) => response.writeHead(204).end()
    const rows = [...data.outbox.values()]
    taps.serve = async (inner) => {
      delete taps.serve
      const served = await inner()
      for (const row of rows) Object.assign(row, { isDead: true, isUnserved: true })
      return served
    }
    await open([{}], { storage: wrapStorage(openStorage({ kind: 'memory', data }), taps) }, settings)
    await until(() => data.outbox.size === 0)
    assert.equal(sink.received.length, 2)
  })

  it('stops though the store does not answer', async () => {
    taps.serve = () => new Promise(() => {})
    const settings = { stopCommitMs: 20, stopGraceMs: 0 }
    const { engine } = await open(
      [{}],
      { storage: wrapStorage(openStorage({ kind: 'memory' }), taps) },
      settings,
    )
    await engine.stop({ graceMs: 0 })
    assert.equal(await codeOf(engine.startExecution({ ...ref, workflow: 'emitting' })), 'Draining')
  })

  it('says what went wrong: no answer, nobody there, a redirect', async () => {
    const closed = await openSink()
    await closed.close()
    const silent = await openSink()
    const bench = await open([
      { timeoutMs: 50, maximumAttempts: 1, url: silent.url },
      { url: closed.url, maximumAttempts: 1 },
      { maximumAttempts: 1 },
    ])
    silent.answer = () => {}
    sink.answer = (_one, response) => response.writeHead(302, { location: sink.url }).end()
    await emit(bench)
    await until(async () => (await bench.engine.deliveries(namespace, { state: 'dead' })).items.length === 3)
    await silent.close()
    const { items } = await bench.engine.deliveries(namespace, {})
    const errors = Object.fromEntries(items.map(({ sink, lastError }) => [sink, lastError]))
    assert.equal(errors['main'], 'no answer within 50 ms')
    assert.match(errors['sink-1'] ?? '', /ECONNREFUSED/)
    assert.equal(errors['sink-2'], 'HTTP 302')
    await bench.engine.redeliver(namespace, items.find(({ sink }) => sink === 'sink-2')?.deliveryId ?? '')
    await until(() => sink.received.length === 2)
    await until(
      async () => (await bench.engine.deliveries(namespace, { sink: 'sink-2' })).items[0]?.state === 'dead',
    )
  })

  it('holds up no sink by another one', async () => {
    const slow = await openSink()
    try {
      slow.answer = () => {}
      const bench = await open([{ url: slow.url, timeoutMs: 600_000 }, {}])
      await emit(bench, { count: 30 })
      await until(() => sink.received.length === 30)
      assert.ok(slow.received.length <= 8)
    } finally {
      await slow.close()
    }
  })

  it('is sent again where the process dies between the POST and the note of it', async () => {
    const data = createMemoryData()
    const storage = () => openStorage({ kind: 'memory', data })
    let now = Date.now()
    const clock = {
      now: () => now,
      monotonic: () => performance.now(),
      schedule: () => ({ cancel: () => {} }),
    }
    let dead: Bench | undefined
    taps.delivered = async () => {
      dead?.engine.abandon()
      throw new StorageUnavailableError('the process died')
    }
    dead = await open([{}], { storage: storage(), clock })
    await emit(dead)
    await until(() => sink.received.length === 1)
    taps = {}
    const next = await open([{}], { storage: storage(), clock })
    await next.engine.quiet()
    // Its lease is not over: the other process might be alive.
    assert.equal(sink.received.length, 1)
    now += 60_000
    await emit(next, {}, 'wakes the sender')
    await until(() => sink.received.length === 3)
    const ids = sink.received.map(({ event }) => event['id'])
    assert.equal(ids.filter((id) => id === ids[0]).length, 2)
  })

  it('sends each event once though two nodes serve the sink', async () => {
    const data = createMemoryData()
    const storage = () => openStorage({ kind: 'memory', data })
    const settings = { soleNode: false, pollIntervalMs: 2 }
    const first = await open([{}], { storage: storage() }, settings)
    await open([{}], { storage: storage() }, settings)
    await emit(first, { count: 60 })
    await until(() => sink.received.length >= 60)
    await until(async () => (await first.engine.deliveries(namespace, {})).items.length === 0)
    assert.equal(sink.received.length, 60)
  })

  it('drains: what is under way is waited for, the rest stays for the next', async () => {
    const data = createMemoryData()
    const bench = await open([{}], { storage: openStorage({ kind: 'memory', data }) })
    let answer: (() => void) | null = null
    sink.answer = (_one, response) => {
      answer = () => response.writeHead(204).end()
    }
    await emit(bench)
    await until(() => answer !== null)
    const stopping = bench.engine.stop({ graceMs: 5_000 })
    setTimeout(() => answer?.(), 20)
    await stopping
    assert.equal(data.outbox.size, 0)
  })

  it('keeps an event that no sink wants in the history alone', async () => {
    const bench = await open([{ types: ['user.*'] }])
    await emit(bench)
    assert.equal((await bench.engine.result(ref)).status, 'completed')
    assert.deepEqual((await bench.engine.deliveries(namespace, {})).items, [])
  })

  it('refuses sinks that cannot be', async () => {
    const refused = (sinks: EventSink[], pattern: RegExp) => assert.throws(() => wholeSinks(sinks), pattern)
    refused([{ name: '', url: 'http://x' }], /has no name/)
    refused([{ name: 'a', url: 'ftp://x' }], /'a' has no http/)
    refused(
      [
        { name: 'a', url: 'http://x' },
        { name: 'a', url: 'http://x' },
      ],
      /'a' is there twice/,
    )
    refused([{ name: 'a', url: 'http://x', timeoutMs: 0 }], /timeoutMs 0/)
    refused([{ name: 'a', url: 'http://x', headers: { 'b c': 'd' } }], /headers/)
  })

  it('matches types by patterns', () => {
    const [one] = wholeSinks([
      { name: 'a', url: 'http://x', types: ['order.*', '*.failed', 'a*b*c', 'exact'] },
    ])
    assert.ok(one)
    for (const type of ['order.placed', 'order.', 'x.failed', 'abc', 'a1b2c', 'exact'])
      assert.ok(wants(one, type), type)
    for (const type of ['order', 'failed', 'ac', 'acb', 'exactly', 'orders.x'])
      assert.ok(!wants(one, type), type)
  })
})
