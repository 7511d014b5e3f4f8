/** `forEach` with `tolerate` (docs/language/verbs/forEach.md). */
import assert from 'node:assert/strict'
import type { Json } from '../../../schema/json.ts'
import { doc, Run } from '../harness.ts'

const broken = { throws: { type: 'Broken', message: 'no', retryable: false } }

function each(tolerate: string, more = ''): string {
  return doc(`
steps:
  - id: all
    forEach: input.items
    tolerate: ${tolerate}
    ${more}
    do: [ { id: w, activity: x, input: "\${ item }" } ]
  - return: \${ steps.all }
`)
}

function statuses(value: Json): string[] {
  return (value as unknown as { status: string }[]).map((one) => one.status)
}

describe('forEach with tolerate', () => {
  it('says of each item how it ended, in order', async () => {
    const run = await Run.start(each('1'), { items: ['a', 'b'] })
    await run.answer('w', broken)
    await run.answer('w', { returns: 'B' })
    const error = {
      type: 'Broken',
      message: 'no',
      details: null,
      retryable: false,
      step: 'w',
      path: 'all[0].w',
      attempt: 1,
      cause: null,
    }
    assert.deepEqual(run.result(), [
      { status: 'failed', error },
      { status: 'ok', value: 'B' },
    ])
  })

  it('the failure that exceeds it is the cause of TooManyFailures, and cancels the rest', async () => {
    const run = await Run.start(each('1', 'concurrency: 3'), { items: ['a', 'b', 'c', 'd'] })
    await run.answer('w', broken)
    assert.ok(run.isOpen)
    await run.answer('w', { throws: { type: 'Last', message: 'no', retryable: false } })
    const error = run.error()
    assert.equal(error.type, 'TooManyFailures')
    assert.deepEqual(error.details, { failed: 2, tolerated: 1 })
    assert.equal(error.retryable, true)
    assert.deepEqual([error.step, error.path], ['all', 'all'])
    assert.equal(error.cause?.type, 'Last')
    assert.equal(error.cause?.path, 'all[1].w')
    assert.equal(run.types.filter((type) => type === 'ActivityTaskCancelRequested').length, 2)
  })

  it('a share is of all items, rounded down', async () => {
    const fails = async (count: number, failures: number) => {
      const run = await Run.start(each('10%', 'concurrency: 100'), {
        items: Array.from({ length: count }, (_, n) => n),
      })
      for (let n = 0; n < failures; n++) await run.answer('w', broken)
      return run
    }
    assert.ok((await fails(19, 1)).isOpen)
    assert.deepEqual((await fails(19, 2)).error().details, { failed: 2, tolerated: 1 })
    assert.ok((await fails(20, 2)).isOpen)
    assert.equal((await fails(9, 1)).error().type, 'TooManyFailures')
  })

  it('zero allows none, and still says how each item ended', async () => {
    const good = await Run.start(each('0'), { items: ['a'] })
    await good.answer('w', { returns: 1 })
    assert.deepEqual(good.result(), [{ status: 'ok', value: 1 }])
    const bad = await Run.start(each('0'), { items: ['a'] })
    await bad.answer('w', broken)
    assert.deepEqual(bad.error().details, { failed: 1, tolerated: 0 })
    assert.deepEqual((await Run.start(each('0'), { items: [] })).result(), [])
  })

  it('a `collect` that fails makes the item a failed one; one that holds gives its value', async () => {
    const run = await Run.start(each('1', `collect: "\${ steps.w.id }"`), { items: ['a', 'b'] })
    await run.answer('w', { returns: {} })
    await run.answer('w', { returns: { id: 7 } })
    const [first, second] = run.result() as unknown as [
      { status: string; error: { type: string; path: string } },
      Json,
    ]
    assert.deepEqual(
      [first.status, first.error.type, first.error.path],
      ['failed', 'ExpressionUndefined', 'all[0]'],
    )
    assert.deepEqual(second, { status: 'ok', value: 7 })
  })

  it('a cancellation is no failure of an item', async () => {
    const run = await Run.start(each('100%', 'concurrency: 2'), { items: ['a', 'b', 'c'] })
    await run.answer('w', broken)
    await run.cancel()
    assert.equal(run.outcome?.kind, 'canceled')
    assert.equal(run.types.filter((type) => type === 'ActivityTaskScheduled').length, 3)
  })

  it('nor is the timeout of the loop', async () => {
    const run = await Run.start(each('100%', 'timeout: 5s'), { items: ['a', 'b'] })
    await run.advance(5_000)
    assert.equal(run.error().type, 'Timeout')
    assert.equal(run.error().step, 'all')
  })

  it('an item that handled a cancellation and failed by itself counts, and what has not begun is canceled', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: all
    forEach: input.items
    tolerate: 5
    do:
      - try: [ { id: w, activity: x } ]
        catch: [ { errors: [Canceled], do: [ { fail: { type: Own, message: mine } } ] } ]
  - return: \${ steps.all }
`),
      { items: ['a', 'b'] },
    )
    await run.cancel()
    assert.equal(run.outcome?.kind, 'canceled')
  })

  it('goes on with more items than failures: all of them are tried', async () => {
    const items = Array.from({ length: 25 }, (_, n) => n)
    const run = await Run.start(each('50%', 'concurrency: 4'), { items })
    for (let n = 0; n < 25; n++) await run.answer('w', n % 3 === 0 ? broken : { returns: n })
    const found = statuses(run.result())
    assert.equal(found.length, 25)
    assert.equal(found.filter((status) => status === 'failed').length, 9)
  })

  it('a return in an item ends the workflow', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: all
    forEach: input.items
    tolerate: 5
    concurrency: 2
    do: [ { id: w, activity: x }, { return: "\${ item }" } ]
`),
      { items: ['a', 'b'] },
    )
    await run.answer('w', { returns: 1 })
    assert.equal(run.result(), 'a')
  })
})
