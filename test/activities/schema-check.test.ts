/** Inputs and results against JSON Schema and Standard Schema, through the runner. */
import assert from 'node:assert/strict'
import { z } from 'zod'
import { defineActivity } from '../../activities/define.ts'
import type { Json } from '../../schema/json.ts'
import { outcomeOf, runnerOf, taskOf } from './attempts.ts'

const order = {
  type: 'object',
  required: ['orderId', 'items'],
  additionalProperties: false,
  properties: {
    orderId: { type: 'string' },
    currency: { type: 'string', default: 'EUR' },
    items: { type: 'array', items: { type: 'object', properties: { qty: { type: 'integer', minimum: 1 } } } },
    email: { type: 'string', format: 'email' },
  },
}

async function call(definition: Parameters<typeof runnerOf>[0][number], input: Json) {
  const { runner } = runnerOf([definition])
  return outcomeOf(runner, taskOf(definition.name, { input }))
}

describe('a JSON Schema', () => {
  const charge = { name: 'a', input: order, run: (input: unknown) => input }

  it('fills in defaults, and leaves the recorded input as it is', async () => {
    const input = { orderId: 'o', items: [] }
    const outcome = await call(charge, input)
    assert.ok(outcome.kind === 'completed')
    assert.deepEqual(outcome.result, { orderId: 'o', items: [], currency: 'EUR' })
    assert.deepEqual(input, { orderId: 'o', items: [] })
  })

  it('refuses an input with all its problems, for good', async () => {
    const outcome = await call(charge, { items: [{ qty: 1 }, { qty: 0.5 }], email: 'nobody', colour: 'red' })
    assert.ok(outcome.kind === 'failed')
    const { type, retryable, message, details } = outcome.error
    assert.deepEqual({ type, retryable }, { type: 'ActivityInputInvalid', retryable: false })
    assert.match(message, /activity "a"/)
    assert.deepEqual(details, {
      problems: [
        { path: 'orderId', message: 'is missing' },
        { path: 'colour', message: 'is not a known property' },
        { path: 'items[1].qty', message: 'must be integer' },
        { path: 'items[1].qty', message: 'must be >= 1' },
        { path: 'email', message: 'must match format "email"' },
      ],
    })
  })

  it('refuses a result', async () => {
    const outcome = await call({ name: 'a', output: { type: 'string' }, run: () => 7 }, null)
    assert.ok(outcome.kind === 'failed')
    assert.equal(outcome.error.type, 'ActivityOutputInvalid')
    assert.equal(outcome.error.retryable, false)
    assert.match(outcome.error.message, /must be string/)
  })

  it('sees null where run returned nothing', async () => {
    const outcome = await call({ name: 'a', output: { type: 'null' }, run: () => undefined }, null)
    assert.equal(outcome.kind, 'completed')
  })
})

describe('a Standard Schema', () => {
  const schema = z.object({ at: z.coerce.date(), count: z.number().default(1) })

  it('gives run what it makes of the input, typed', async () => {
    const definition = defineActivity({
      name: 'a',
      input: schema,
      run: (input) => `${input.at.getUTCFullYear()} ${input.count.toFixed(1)}`,
    })
    const outcome = await call(definition, { at: '2026-01-02T00:00:00Z' })
    assert.ok(outcome.kind === 'completed')
    assert.equal(outcome.result, '2026 1.0')
  })

  it('may be asynchronous', async () => {
    const slow = z.string().refine(async (text) => text === 'ok', 'not ok')
    const definition = defineActivity({ name: 'a', input: slow, run: (input) => input })
    assert.equal((await call(definition, 'ok')).kind, 'completed')
    const outcome = await call(definition, 'no')
    assert.ok(outcome.kind === 'failed')
    assert.match(outcome.error.message, /not ok/)
  })

  it('refuses with the path', async () => {
    const definition = defineActivity({
      name: 'a',
      input: z.object({ items: z.array(z.object({ qty: z.int() })) }),
      run: () => null,
    })
    const outcome = await call(definition, { items: [{ qty: 'x' }] })
    assert.ok(outcome.kind === 'failed')
    assert.match(JSON.stringify(outcome.error.details), /items\[0\]\.qty/)
  })

  it('decides what of a result is recorded', async () => {
    const definition = defineActivity({
      name: 'a',
      output: z.object({ at: z.date(), extra: z.number().default(5) }),
      run: () => ({ at: new Date(0) }),
    })
    const outcome = await call(definition, null)
    assert.ok(outcome.kind === 'completed')
    assert.deepEqual(outcome.result, { at: '1970-01-01T00:00:00.000Z', extra: 5 })
  })

  it('that throws fails the attempt, not the process', async () => {
    const hostile = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: () => {
          throw new Error('schema bug')
        },
      },
    }
    const asInput = await call({ name: 'a', input: hostile, run: () => null }, null)
    assert.ok(asInput.kind === 'failed')
    assert.match(asInput.error.message, /schema bug/)
    const asOutput = await call({ name: 'a', output: hostile, run: () => null }, null)
    assert.ok(asOutput.kind === 'failed')
    assert.equal(asOutput.error.type, 'ActivityOutputInvalid')
  })
})
