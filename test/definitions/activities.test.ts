/** The activities of the shipped workflows do what they say to real files and over real HTTP, once for each activity. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ActivityRunner } from '../../activities/index.ts'
import { createActivityRunner, type PreparedActivities, prepareActivities } from '../../activities/index.ts'
import { systemClock } from '../../engine/clock.ts'
import { parseDuration } from '../../schema/duration.ts'
import type { Json, JsonObject } from '../../schema/json.ts'
import { parseActivitySettings } from '../../schema/settings.ts'
import { checkValue, outcomeOf, silentLog, taskOf } from '../activities/attempts.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
let folder = ''
let prepared: PreparedActivities
let runner: ActivityRunner
let nextId = 1

async function open(): Promise<void> {
  prepared = await prepareActivities({
    modules: ['./definitions/activities.ts'],
    cwd: root,
    log: silentLog,
    parseSettings: parseActivitySettings,
    builtIns: { parseDuration },
  })
  runner = createActivityRunner({
    registry: prepared.registry,
    clock: systemClock,
    log: silentLog,
    checkResult: checkValue,
  })
}

async function close(): Promise<void> {
  await runner.stop(1_000)
  await prepared.teardown()
}

async function outcome(activity: string, input: Json, activityId = nextId++, attempt = 1) {
  return outcomeOf(runner, taskOf(activity, { input, activityId, attempt }))
}

async function result(
  activity: string,
  input: Json,
  activityId = nextId++,
  attempt = 1,
): Promise<JsonObject> {
  const ended = await outcome(activity, input, activityId, attempt)
  assert.ok(ended.kind === 'completed', JSON.stringify(ended))
  return ended.result as JsonObject
}

async function failure(activity: string, input: Json, activityId = nextId++) {
  const ended = await outcome(activity, input, activityId)
  assert.ok(ended.kind === 'failed', JSON.stringify(ended))
  return { ...ended.error, retryAfterMs: ended.retryAfterMs }
}

function book(name: string) {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
}

/** New books for each test of a `describe`. */
function useBooks(): void {
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'perdure-definitions-'))
    process.env['DEMO_DATA_DIRECTORY'] = folder
    await open()
  })
  afterEach(async () => {
    await close()
    delete process.env['DEMO_DATA_DIRECTORY']
    rmSync(folder, { recursive: true })
  })
}

describe('the activities of order-fulfilment', () => {
  useBooks()

  const items = [{ sku: 'iron-teapot', qty: 3 }]

  it('take stock once for each activity, and give it back once', async () => {
    const { reservationId } = await result('stock.reserve', { orderId: 'o', items }, 100)
    assert.deepEqual(await result('stock.reserve', { orderId: 'o', items }, 100, 2), {
      reservationId: reservationId ?? null,
    })
    assert.equal(book('stock').levels['iron-teapot'], 37)
    await result('stock.release', { reservationId: reservationId ?? null })
    await result('stock.release', { reservationId: reservationId ?? null })
    assert.equal(book('stock').levels['iron-teapot'], 40)
  })

  it('never sell what is not there, however many ask at once', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, at) => outcome('stock.reserve', { orderId: `o-${at}`, items })),
    )
    assert.equal(outcomes.filter(({ kind }) => kind === 'completed').length, 13)
    assert.equal(book('stock').levels['iron-teapot'], 1)
    const refused = outcomes.find(({ kind }) => kind === 'failed')
    assert.ok(refused?.kind === 'failed')
    assert.equal(refused.error.type, 'OutOfStock')
    assert.equal(
      (await failure('stock.reserve', { orderId: 'o', items: [{ sku: 'x', qty: 1 }] })).type,
      'UnknownItem',
    )
  })

  it('charge once for each activity, decline, and refund', async () => {
    const payment = { orderId: 'o', token: 'tok', amount: 12.5 }
    const { paymentId } = await result('payments.charge', payment, 200)
    await result('payments.charge', payment, 200, 2)
    assert.deepEqual(Object.values(book('payments')), [{ orderId: 'o', amount: 12.5, state: 'charged' }])
    assert.deepEqual(await result('payments.refund', { paymentId: paymentId ?? null }), { refunded: 12.5 })
    assert.deepEqual(Object.values(book('payments')), [{ orderId: 'o', amount: 12.5, state: 'refunded' }])
    const declined = await failure('payments.charge', { ...payment, token: 'declined' })
    assert.deepEqual([declined.type, declined.retryable], ['CardDeclined', false])
  })

  it('book a parcel with a carrier that is busy at first, and take it back', async () => {
    const { url } = await result('carrier.locate', null)
    const request = { method: 'POST', url: `${url}/parcels`, json: { orderId: 'o' } }
    const busy = await failure('http.request', request, 300)
    assert.deepEqual([busy.type, busy.retryable, busy.retryAfterMs], ['HttpStatusError', true, 1_000])
    const first = await result('http.request', request, 300, 2)
    const again = await result('http.request', request, 300, 3)
    const { trackingNumber } = first['body'] as JsonObject
    assert.match(String(trackingNumber), /^PX[0-9A-F]{10}$/)
    assert.deepEqual(again['body'], first['body'])
    await result('http.request', { method: 'DELETE', url: `${url}/parcels/${trackingNumber}` })
    assert.deepEqual(
      Object.values(book('carrier').parcels).map((parcel) => Reflect.get(Object(parcel), 'state')),
      ['canceled'],
    )
    assert.equal((await failure('http.request', { url: `${url}/x` })).retryable, false)
  })

  it('find the carrier at the same address after a restart', async () => {
    const before = await result('carrier.locate', null)
    await close()
    await open()
    assert.deepEqual(await result('carrier.locate', null), before)
    assert.deepEqual(await prepared.health(), [{ name: 'carrier', error: null }])
  })

  it('write the label', async () => {
    const { path } = await result('labels.write', {
      orderId: 'o-1',
      tracking: 'PX1',
      address: ['Ada', 'London'],
    })
    assert.equal(path, join(folder, 'labels', 'o-1.txt'))
    assert.equal(readFileSync(String(path), 'utf8'), 'Ada\nLondon\n\nOrder o-1\nPX1\n')
  })
})

describe('the activities of invoice-reminders', () => {
  useBooks()

  it('keep an invoice and its payments, each reference once', async () => {
    await result('invoices.issue', { invoiceId: 'i', email: 'a@b.c', amount: 10 })
    const payment = { invoiceId: 'i', amount: 4, reference: 'r-1' }
    assert.deepEqual(await result('invoices.book', payment, 400), { booked: true })
    assert.deepEqual(await result('invoices.book', payment, 400, 2), { booked: true })
    assert.deepEqual(await result('invoices.book', payment, 401), { booked: false })
    await outcome('invoices.close', { invoiceId: 'i', state: 'paid' })
    const { state, payments } = book('invoices').i
    assert.equal(state, 'paid')
    assert.deepEqual(Object.values(payments), [4])
  })

  it('put each message into the outbox once', async () => {
    const message = { to: 'a@b.c', subject: 'Hello', text: 'you' }
    await result('mail.send', message, 500)
    await result('mail.send', message, 500, 2)
    const [file = '', ...others] = readdirSync(join(folder, 'outbox'))
    assert.deepEqual(others, [])
    assert.match(
      readFileSync(join(folder, 'outbox', file), 'utf8'),
      /^To: a@b\.c\nSubject: Hello\nDate: .*\n\nyou\n$/,
    )
    assert.equal(
      (await failure('mail.send', { ...message, subject: 'a\nBcc: x' })).type,
      'ActivityInputInvalid',
    )
  })
})

describe('the activities of csv-import', () => {
  useBooks()

  const file = join(root, 'definitions', 'csv-import', 'customers.csv')

  it('split, check, repair, load and unload a real file', async () => {
    const split = await result('csv.split', { file, batchSize: 3 })
    const batches = split['batches'] as readonly JsonObject[]
    assert.deepEqual(
      batches.map(({ rows }) => rows),
      [3, 3, 1],
    )
    const verdicts: Json[] = []
    for (const { path } of batches)
      verdicts.push((await result('customers.check', { batch: path ?? null }))['verdict'] ?? null)
    assert.deepEqual(verdicts, ['clean', 'repairable', 'clean'])
    const repaired = await result('customers.repair', { batch: batches[1]?.['path'] ?? null })
    assert.equal((await result('customers.check', { batch: repaired['path'] ?? null }))['verdict'], 'clean')
    const { loadId, rows } = await result('customers.load', { batch: repaired['path'] ?? null })
    assert.equal(rows, 3)
    assert.deepEqual(Object.values(book('customers'))[0], [
      { id: 'c-4', name: 'Dorothy Vaughan', email: 'dorothy@example.com', balance: '1200.00' },
      { id: 'c-5', name: 'Mary Jackson', email: 'mary@example.com', balance: '15' },
      { id: 'c-6', name: 'Annie "Easley"', email: 'annie@example.com', balance: '9.99' },
    ])
    await result('customers.unload', { loadId: loadId ?? null })
    assert.deepEqual(book('customers'), {})
    await outcome('csv.discard', { folder: split['folder'] ?? null })
    assert.equal(existsSync(String(split['folder'])), false)
  })

  it('find what is beyond repair', async () => {
    const { batches } = await result('csv.split', {
      file: join(root, 'definitions', 'csv-import', 'customers-unusable.csv'),
      batchSize: 3,
    })
    const [, last] = batches as readonly JsonObject[]
    assert.deepEqual(await result('customers.check', { batch: last?.['path'] ?? null }), {
      verdict: 'unusable',
      problems: ['c-24: "no address at all" is no address', 'c-25: "many" is no amount'],
    })
  })

  it('refuse what is no such file, and folders that are not theirs', async () => {
    assert.equal((await failure('csv.split', { file: '/nowhere.csv', batchSize: 1 })).type, 'FileNotFound')
    const other = join(folder, 'other.csv')
    writeFileSync(other, 'a,b\n1,2\n')
    assert.equal((await failure('csv.split', { file: other, batchSize: 1 })).type, 'WrongFormat')
    writeFileSync(other, 'id,name,email,balance\n1,"never closed\n')
    assert.match(
      (await failure('csv.split', { file: other, batchSize: 1 })).message,
      /opened in line 2 is never closed/,
    )
    assert.equal((await failure('csv.discard', { folder: '/tmp' })).type, 'NotABatch')
    for (const name of ['batches', 'batches/..', 'batches/../stock.json', 'batches/x/../../y'])
      assert.equal((await failure('csv.discard', { folder: `${folder}/${name}` })).type, 'NotABatch')
  })
})
