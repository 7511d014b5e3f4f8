import assert from 'node:assert/strict'
import { doc, Run, t0 } from '../harness.ts'

const parallel = doc(`
steps:
  - id: both
    parallel:
      left: [ { id: a, activity: x } ]
      right: [ { id: b, activity: y } ]
  - return: { both: "\${ steps.both }", a: "\${ steps.a }", b: "\${ steps.b }" }
`)

describe('parallel', () => {
  it('runs branches at once, gives a map in the order of the document, and joins their results', async () => {
    const run = await Run.start(parallel)
    assert.deepEqual(run.waitingSteps(), ['a', 'b'])
    assert.equal(run.pending('a').path, 'both.left.a')
    await run.answer('b', { returns: 2 })
    assert.ok(run.isOpen)
    await run.answer('a', { returns: 1 })
    assert.equal(JSON.stringify(run.result()), '{"both":{"left":1,"right":2},"a":1,"b":2}')
  })

  it('the first failure cancels the rest, and its error goes on', async () => {
    const run = await Run.start(parallel)
    await run.answer('b', { throws: { type: 'Broken', message: 'no', retryable: false } })
    assert.equal(run.error().type, 'Broken')
    assert.ok(run.types.includes('ActivityTaskCancelRequested'))
  })

  it('waits for the cleaning up of the branches that it cancels', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: both
    parallel:
      left:
        - try: [ { id: a, activity: x } ]
          finally: [ { id: clean, activity: z } ]
      right: [ { id: b, activity: y } ]
`),
    )
    await run.answer('b', { throws: { type: 'Broken', message: 'no', retryable: false } })
    assert.deepEqual(run.waitingSteps(), ['clean'])
    await run.answer('clean', { returns: null })
    assert.equal(run.error().type, 'Broken')
  })

  it('has no more branches than the limit on what is in flight allows', async () => {
    const run = await Run.start(parallel, {}, { limits: { concurrency: 1 } })
    assert.equal(run.error().type, 'LimitExceeded')
    assert.deepEqual(run.error().details, { limit: 'concurrency', allowed: 1 })
  })

  it('a return in a branch cancels the siblings and ends the workflow', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: both
    parallel:
      left: [ { id: a, activity: x }, { return: done } ]
      right:
        - try: [ { id: b, activity: y } ]
          finally: [ { id: clean, activity: z } ]
`),
    )
    await run.answer('a', { returns: 1 })
    assert.deepEqual(run.waitingSteps(), ['clean'])
    await run.answer('clean', { returns: null })
    assert.equal(run.result(), 'done')
  })
})

const each = doc(`
steps:
  - id: all
    forEach: input.items
    concurrency: 2
    do: [ { id: work, activity: x, input: { item: "\${ item }", index: "\${ index }" } } ]
    collect: { n: "\${ steps.work * 10 }" }
  - return: \${ steps.all }
`)

describe('forEach', () => {
  it('runs as many at once as concurrency says, and gives results in order', async () => {
    const run = await Run.start(each, { items: ['a', 'b', 'c'] })
    assert.equal(run.waitingSteps().length, 2)
    const [first, second] = Object.values(run.state.activitiesPending)
    assert.deepEqual([first?.path, second?.path], ['all[0].work', 'all[1].work'])
    const finish = async (path: string, result: number) => {
      const pending = Object.values(run.state.activitiesPending).find((activity) => activity.path === path)
      assert.ok(pending)
      await run.feed({
        type: 'ActivityTaskCompleted',
        timestamp: run.now,
        activityId: pending.id,
        attempt: 1,
        result,
      })
    }
    await finish('all[1].work', 2)
    assert.deepEqual(Object.values(run.state.activitiesPending)[1]?.input, { item: 'c', index: 2 })
    await finish('all[2].work', 3)
    await finish('all[0].work', 1)
    assert.deepEqual(run.result(), [{ n: 10 }, { n: 20 }, { n: 30 }])
  })

  it('is one after the other by default, with the last result of each', async () => {
    const run = await Run.start(
      doc(
        'steps: [ { id: all, forEach: input.items, as: it, do: [ { id: w, activity: x, input: "${ it }" } ] }, { return: "${ steps.all }" } ]',
      ),
      { items: [1, 2] },
    )
    assert.deepEqual(run.waitingSteps(), ['w'])
    await run.answer('w', { returns: 'A' })
    await run.answer('w', { returns: 'B' })
    assert.deepEqual(run.result(), ['A', 'B'])
  })

  it('takes a value that is not a list as a list of one, and refuses nothing and null', async () => {
    const one = await Run.start(each, { items: 'x' })
    assert.equal(one.waitingSteps().length, 1)
    assert.equal((await Run.start(each, {})).error().type, 'ExpressionUndefined')
    assert.match((await Run.start(each, { items: null })).error().message, /append `\?\? \[\]`/)
    assert.deepEqual((await Run.start(each, { items: [] })).result(), [])
  })

  it('the first failed item cancels the rest, starts no more, and its own error goes on', async () => {
    const run = await Run.start(each, { items: [1, 2, 3] })
    await run.answer('work', { throws: { type: 'Broken', message: 'no', retryable: false } })
    assert.equal(run.error().type, 'Broken')
    assert.equal(run.error().path, 'all[0].work')
    assert.equal(run.types.filter((type) => type === 'ActivityTaskScheduled').length, 2)
  })

  it('a limit that is exceeded fails the step and names the limit', async () => {
    const run = await Run.start(each, { items: [1, 2, 3] }, { limits: { forEachItems: 2 } })
    assert.equal(run.error().type, 'LimitExceeded')
    assert.deepEqual(run.error().details, { limit: 'forEachItems', allowed: 2 })
  })

  it('set is safe under concurrency', async () => {
    const run = await Run.start(
      doc(`
vars: { n: 0 }
steps:
  - id: all
    forEach: input.items
    concurrency: 10
    do: [ { id: w, activity: x }, { set: { n: "\${ vars.n + 1 }" } } ]
  - return: \${ vars.n }
`),
      { items: [1, 2, 3, 4, 5] },
    )
    for (let n = 0; n < 5; n++) await run.answer('w', { returns: null })
    assert.equal(run.result(), 5)
  })
})

describe('timeout of a step', () => {
  it('cancels what runs inside and raises Timeout', async () => {
    const run = await Run.start(
      doc('steps: [ { id: g, timeout: 10s, do: [ { id: a, activity: x, startToCloseTimeout: 1h } ] } ]'),
    )
    await run.advance(9_999)
    assert.ok(run.isOpen)
    await run.advance(1)
    assert.equal(run.error().type, 'Timeout')
    assert.deepEqual(run.error().details, { kind: 'Step' })
    assert.equal(run.error().step, 'g')
    assert.equal(run.now, t0 + 10_000)
  })

  it('has the own error of a body that ends after it as cause', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: g
    timeout: 10s
    do:
      - try: [ { id: a, activity: x, startToCloseTimeout: 1h } ]
        catch: [ { errors: [Canceled], do: [ { fail: { type: Own, message: mine } } ] } ]
`),
    )
    await run.advance(10_000)
    assert.equal(run.error().type, 'Timeout')
    assert.equal(run.error().cause?.type, 'Own')
  })

  it('whatever the body gave: a handled cancellation is a Timeout all the same', async () => {
    const run = await Run.start(
      doc(`
steps:
  - try:
      - id: g
        timeout: 10s
        do:
          - try: [ { id: a, activity: x, startToCloseTimeout: 1h } ]
            catch: [ { errors: [Canceled], do: [ { id: clean, activity: z, startToCloseTimeout: 1h } ] } ]
          - return: swallowed
    catch: [ { errors: [Timeout], do: [ { return: "caught \${ error.step }" } ] } ]
`),
    )
    await run.advance(10_000)
    assert.deepEqual(run.waitingSteps(), ['clean'])
    await run.advance(60_000)
    await run.answer('clean', { returns: null })
    assert.equal(run.result(), 'caught g')
  })

  it('is canceled when the step ends in time', async () => {
    const run = await Run.start(doc('steps: [ { id: a, activity: x, timeout: 10s }, { return: ok } ]'))
    await run.answer('a', { returns: 1 })
    assert.equal(run.result(), 'ok')
    assert.deepEqual(
      run.types.filter((type) => type.startsWith('Timer')),
      ['TimerStarted', 'TimerCanceled'],
    )
  })

  it('covers the pauses between attempts, and the retry of the step does not retry it', async () => {
    const run = await Run.start(doc('steps: [ { id: a, activity: x, timeout: 1500ms } ]'))
    await run.answer('a', { throws: { type: 'Down', message: 'down' } })
    await run.advance(1_000)
    await run.answer('a', { throws: { type: 'Down', message: 'down' } })
    await run.advance(10_000)
    assert.equal(run.error().type, 'Timeout')
    assert.deepEqual(run.error().details, { kind: 'Step' })
  })
})
