/** The shipped workflows on a real engine with their real activities, from their own inputs to what is in the books. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as activities from '../../definitions/activities.ts'
import { Perdure } from '../../engine/embedded/perdure.ts'
import type { JsonObject } from '../../schema/json.ts'

const definitions = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'definitions')

function input(path: string): JsonObject {
  return JSON.parse(readFileSync(join(definitions, path), 'utf8'))
}

describe('the shipped workflows do their work', () => {
  let folder = ''
  let perdure: Perdure
  const book = (name: string) => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
  const states = (of: object) => Object.values(of).map((entry) => Reflect.get(Object(entry), 'state'))

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'perdure-runs-'))
    process.env['DEMO_DATA_DIRECTORY'] = folder
    perdure = new Perdure({
      inMemory: true,
      activities,
      definitions: ['order-fulfilment', 'invoice-reminders', 'csv-import'].map((name) =>
        join(definitions, name, '1.0.0.yaml'),
      ),
    })
    await perdure.start()
  })
  after(async () => {
    await perdure.stop()
    delete process.env['DEMO_DATA_DIRECTORY']
    rmSync(folder, { recursive: true })
  })

  it('an order: one retry, a label, and books that agree', async () => {
    const handle = await perdure.client.start('order-fulfilment', {
      input: input('order-fulfilment/input.json'),
    })
    const outcome = await handle.outcome({ waitMs: 15_000 })
    assert.ok(outcome.status === 'completed', JSON.stringify(outcome))
    const { tracking, label, approver } = outcome.result as JsonObject
    assert.equal(approver, 'by rule')
    assert.match(readFileSync(String(label), 'utf8'), new RegExp(`Ada Lovelace[^]*${tracking}`))
    assert.equal(book('stock').levels['green-tea'], 498)
    assert.deepEqual(states(book('payments')), ['charged'])
    assert.deepEqual(
      Object.values(book('carrier').parcels).map((parcel) => Reflect.get(Object(parcel), 'requests')),
      [2],
    )
  })

  it('a large order that is rejected: money and stock go back', async () => {
    const stockBefore = book('stock').levels
    const handle = await perdure.client.start('order-fulfilment', {
      input: input('order-fulfilment/input-large.json'),
    })
    await handle.signal('approval', { approved: false, approver: 'eve' })
    const outcome = await handle.outcome({ waitMs: 15_000 })
    assert.ok(outcome.status === 'failed', JSON.stringify(outcome))
    assert.equal(outcome.error.type, 'Rejected')
    assert.deepEqual(book('stock').levels, stockBefore)
    assert.deepEqual(states(book('payments')), ['charged', 'refunded'])
  })

  it('an invoice that is paid in two parts', async () => {
    const handle = await perdure.client.start('invoice-reminders', {
      input: { ...input('invoice-reminders/input.json'), every: '1h' },
    })
    await handle.signal('payment', { amount: 20, reference: 'a' })
    await handle.signal('payment', { amount: 20, reference: 'a' })
    await handle.signal('payment', { amount: 100, reference: 'b' })
    const outcome = await handle.outcome({ waitMs: 15_000 })
    assert.ok(outcome.status === 'completed', JSON.stringify(outcome))
    assert.deepEqual(outcome.result, { status: 'paid', paid: 120, reminders: 0 })
    assert.equal(book('invoices')['i-2001'].state, 'paid')
    assert.equal(readdirSync(join(folder, 'outbox')).length, 2)
  })

  it('a file that is loaded, and one that is taken back whole', async () => {
    const run = async (name: string) => {
      const { file } = input(`csv-import/${name}`)
      const handle = await perdure.client.start('csv-import', {
        input: { file: join(definitions, '..', String(file)) },
      })
      return handle.outcome({ waitMs: 15_000 })
    }
    const loaded = await run('input.json')
    assert.ok(loaded.status === 'completed', JSON.stringify(loaded))
    assert.equal((loaded.result as JsonObject)['rows'], 7)
    const customers = book('customers')
    const unusable = await run('input-unusable.json')
    assert.ok(unusable.status === 'failed', JSON.stringify(unusable))
    assert.match(unusable.error.message, /^batch 2: c-24: "no address at all" is no address$/)
    assert.deepEqual(book('customers'), customers)
    assert.deepEqual(readdirSync(join(folder, 'batches')), [])
  })
})
