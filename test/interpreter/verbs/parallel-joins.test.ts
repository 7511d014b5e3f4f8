/** Which branches decide a `parallel`, what it gives then, and what joins the enclosing scope (docs/language/verbs/parallel.md). */
import assert from 'node:assert/strict'
import { doc, Run } from '../harness.ts'

const broken = { throws: { type: 'Broken', message: 'no', retryable: false } }

function down(type: string) {
  return { throws: { type, message: 'no', retryable: false } }
}

function three(join: string): string {
  return doc(`
steps:
  - id: p
    join: ${join}
    parallel:
      left: [ { id: a, activity: x }, { id: aa, set: { n: 1 } } ]
      middle: [ { id: b, activity: y } ]
      right: [ { id: c, activity: z } ]
  - return: { p: "\${ steps.p }", a: "\${ steps.a ?? 'none' }", b: "\${ steps.b ?? 'none' }", c: "\${ steps.c ?? 'none' }" }
vars: { n: 0 }
`)
}

describe('join: any', () => {
  it('the first success wins and the rest is canceled; the map and the scope hold the winner alone', async () => {
    const run = await Run.start(three('any'))
    await run.answer('b', broken)
    assert.ok(run.isOpen)
    await run.answer('c', { returns: 3 })
    assert.deepEqual(run.result(), { p: { right: 3 }, a: 'none', b: 'none', c: 3 })
    assert.deepEqual(
      run.events.flatMap((event) => (event.type === 'ActivityTaskCancelRequested' ? [event.step] : [])),
      ['a'],
    )
  })

  it('fails with the last error when no branch can succeed any more', async () => {
    const run = await Run.start(three('any'))
    await run.answer('c', down('First'))
    await run.answer('a', down('Second'))
    assert.ok(run.isOpen)
    await run.answer('b', down('Third'))
    assert.equal(run.error().type, 'Third')
    assert.equal(run.error().path, 'p.middle.b')
  })

  it('waits for the cleaning up of the losers, and does not count one that succeeds then', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: p
    join: any
    parallel:
      slow:
        - try: [ { id: a, activity: x } ]
          catch: [ { errors: [Canceled], do: [ { id: clean, activity: z } ] } ]
      fast: [ { id: b, activity: y } ]
  - return: { p: "\${ steps.p }", clean: "\${ steps.clean ?? 'none' }" }
`),
    )
    await run.answer('b', { returns: 2 })
    assert.deepEqual(run.waitingSteps(), ['clean'])
    await run.answer('clean', { returns: 'late' })
    assert.deepEqual(run.result(), { p: { fast: 2 }, clean: 'none' })
  })

  it('a failure while a loser cleans up changes nothing', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: p
    join: any
    parallel:
      slow:
        - try: [ { id: a, activity: x } ]
          finally: [ { id: clean, activity: z } ]
      fast: [ { id: b, activity: y } ]
  - return: \${ steps.p }
`),
    )
    await run.answer('b', { returns: 2 })
    await run.answer('clean', broken)
    assert.deepEqual(run.result(), { fast: 2 })
  })

  it('a cancellation that comes while losers clean up is delivered after the join', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: p
    join: any
    parallel:
      slow:
        - try: [ { id: a, activity: x } ]
          finally: [ { id: clean, activity: z } ]
      fast: [ { id: b, activity: y } ]
  - { id: after, activity: w }
`),
    )
    await run.answer('b', { returns: 2 })
    await run.cancel()
    assert.deepEqual(run.waitingSteps(), ['clean'])
    await run.answer('clean', { returns: null })
    assert.equal(run.outcome?.kind, 'canceled')
  })

  it('a loser that is waited for and finishes all the same is pushed for compensation', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: p
    join: any
    parallel:
      slow: [ { id: a, activity: x, compensate: { id: undoA, activity: u } } ]
      fast: [ { id: b, activity: y } ]
  - fail: { type: Own, message: mine }
`),
    )
    await run.answer('b', { returns: 2 })
    assert.deepEqual(run.waitingSteps(), ['a'])
    await run.answer('a', { returns: 1 })
    assert.deepEqual(run.waitingSteps(), ['undoA'])
  })
})

describe('join: atLeast', () => {
  it('the n-th success decides and the rest is canceled', async () => {
    const run = await Run.start(three('{ atLeast: 2 }'))
    await run.answer('c', { returns: 3 })
    assert.ok(run.isOpen)
    await run.answer('a', { returns: 1 })
    assert.deepEqual(run.result(), { p: { left: 1, right: 3 }, a: 1, b: 'none', c: 3 })
  })

  it('fails as soon as it cannot succeed, with the last error, and nothing joins', async () => {
    const run = await Run.start(
      doc(`
steps:
  - try:
      - id: p
        join: { atLeast: "\${ input.n }" }
        parallel:
          left: [ { id: a, activity: x } ]
          middle: [ { id: b, activity: y } ]
          right: [ { id: c, activity: z } ]
    catch: [ { do: [ { return: { type: "\${ error.type }", a: "\${ steps.a ?? 'none' }" } } ] } ]
`),
      { n: 2 },
    )
    await run.answer('a', { returns: 1 })
    await run.answer('b', down('First'))
    assert.ok(run.isOpen)
    await run.answer('c', down('Second'))
    assert.deepEqual(run.result(), { type: 'Second', a: 'none' })
  })

  it('must be a whole number from 1 to the number of branches', async () => {
    const yaml = three(`{ atLeast: "\${ input.n }" }`)
    for (const n of [0, 4, 1.5, '2', null]) {
      const run = await Run.start(yaml, { n })
      assert.equal(run.error().type, 'ExpressionError', JSON.stringify(n))
      assert.match(run.error().message, /from 1 to the number of branches \(3\)/)
      assert.ok(!run.types.includes('ActivityTaskScheduled'))
    }
    assert.equal((await Run.start(yaml, { n: 3 })).waitingSteps().length, 3)
  })
})

describe('join: settled', () => {
  it('waits for all, gives how each ended in the order of the document, and joins what every branch finished', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: p
    join: settled
    parallel:
      good: [ { id: a, activity: x } ]
      bad: [ { id: b, activity: y }, { id: c, activity: z } ]
  - return: { p: "\${ steps.p }", b: "\${ steps.b }", c: "\${ steps.c ?? 'none' }" }
`),
    )
    await run.answer('b', { returns: 2 })
    await run.answer('c', broken)
    assert.ok(run.isOpen)
    await run.answer('a', { returns: 1 })
    const error = {
      type: 'Broken',
      message: 'no',
      details: null,
      retryable: false,
      step: 'c',
      path: 'p.bad.c',
      attempt: 1,
      cause: null,
    }
    assert.deepEqual(run.result(), {
      p: { good: { status: 'ok', value: 1 }, bad: { status: 'failed', error } },
      b: 2,
      c: 'none',
    })
    assert.deepEqual(Object.keys((run.result() as { p: object }).p), ['good', 'bad'])
  })

  it('does not take a cancellation of the run for a failure', async () => {
    const run = await Run.start(three('settled'))
    await run.answer('a', broken)
    await run.cancel('enough')
    assert.equal(run.outcome?.kind, 'canceled')
    assert.equal(run.error().type, 'Canceled')
  })

  it('nor one that finds an activity which is waited for and then fails', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: p
    join: settled
    parallel:
      one: [ { id: a, activity: x, cancellation: wait } ]
      two: [ { id: b, activity: y, cancellation: wait } ]
  - return: swallowed
`),
    )
    await run.cancel()
    await run.answer('a', { returns: 1 })
    await run.stopped('b')
    assert.equal(run.outcome?.kind, 'canceled')
  })

  it('nor the timeout of the step', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: p
    timeout: 10s
    join: settled
    parallel:
      one: [ { id: a, activity: x, startToCloseTimeout: 1h } ]
      two: [ { id: b, activity: y, startToCloseTimeout: 1h } ]
  - return: swallowed
`),
    )
    await run.answer('a', { returns: 1 })
    await run.advance(10_000)
    assert.equal(run.error().type, 'Timeout')
    assert.equal(run.error().step, 'p')
  })

  it('takes an activity that was canceled by others for a failure: nobody canceled the run', async () => {
    const run = await Run.start(three('settled'))
    await run.stopped('a')
    await run.answer('b', { returns: 2 })
    await run.answer('c', { returns: 3 })
    const { p } = run.result() as { p: { left: { status: string; error: { type: string } } } }
    assert.deepEqual([p.left.status, p.left.error.type], ['failed', 'Canceled'])
  })

  it('goes on where every branch has handled the cancellation, and not where one has not', async () => {
    const yaml = (other: string) =>
      doc(`
steps:
  - id: p
    join: settled
    parallel:
      one:
        - try: [ { id: a, activity: x } ]
          catch: [ { errors: [Canceled], do: [ { id: clean, activity: z } ] } ]
      two: ${other}
  - return: \${ steps.p.two.status }
`)
    const handled = await Run.start(
      yaml(
        `[ { try: [ { id: b, activity: y } ], catch: [ { errors: [Canceled], do: [ { fail: { type: Own, message: mine } } ] } ] } ]`,
      ),
    )
    await handled.cancel()
    await handled.answer('clean', { returns: null })
    assert.equal(handled.result(), 'failed')
    const not = await Run.start(yaml('[ { id: b, activity: y } ]'))
    await not.cancel()
    await not.answer('clean', { returns: null })
    assert.equal(not.outcome?.kind, 'canceled')
  })
})

describe('a cancellation from outside, whatever the join', () => {
  for (const join of ['all', 'any', 'settled', '{ atLeast: 2 }']) {
    it(`\`${join}\`: one branch that handled it does not speak for the others`, async () => {
      const run = await Run.start(
        doc(`
steps:
  - id: p
    join: ${join}
    parallel:
      quick:
        - try: [ { id: a, activity: x } ]
          catch: [ { errors: [Canceled], do: [ { set: { n: 1 } } ] } ]
      slow:
        - try: [ { id: b, activity: y } ]
          finally: [ { id: clean, activity: z } ]
      other: [ { id: c, activity: w } ]
  - return: swallowed
vars: { n: 0 }
`),
      )
      await run.cancel()
      await run.answer('clean', { returns: null })
      assert.equal(run.outcome?.kind, 'canceled')
    })

    it(`\`${join}\`: a return in a branch cancels the siblings and ends the workflow`, async () => {
      const run = await Run.start(
        doc(`
steps:
  - id: p
    join: ${join}
    parallel:
      left: [ { id: a, activity: x }, { return: done } ]
      middle: [ { id: b, activity: y } ]
      right: [ { id: c, activity: z } ]
`),
      )
      await run.answer('a', { returns: 1 })
      assert.equal(run.result(), 'done')
    })

    it(`\`${join}\`: so does continueAsNew`, async () => {
      const run = await Run.start(
        doc(`
steps:
  - id: p
    join: ${join}
    parallel:
      left: [ { id: a, activity: x }, { continueAsNew: { input: { n: 2 } } } ]
      middle: [ { id: b, activity: y } ]
      right: [ { id: c, activity: z } ]
`),
      )
      await run.answer('a', { returns: 1 })
      assert.equal(run.outcome?.kind, 'continuedAsNew')
    })
  }
})
