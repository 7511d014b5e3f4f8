/** Groups that are tried again. Their sagas are in `do-saga.test.ts`. */
import assert from 'node:assert/strict'
import { doc, Run, t0 } from '../harness.ts'

const broken = { throws: { type: 'Broken', message: 'no', retryable: false } }
const flaky = { throws: { type: 'Flaky', message: 'not now' } }

describe('do with retry', () => {
  const retried = doc(`
vars: { rounds: 0 }
steps:
  - id: group
    retry: { initialInterval: 10s, maximumAttempts: 3 }
    do:
      - set: { rounds: "\${ vars.rounds + 1 }" }
      - { id: first, if: vars.rounds = 1, activity: a }
      - { id: second, activity: b, retry: false }
  - return: { rounds: "\${ vars.rounds }", first: "\${ steps.first ?? 'none' }", second: "\${ steps.second }" }
`)

  it('runs again from its first step after the pause, and what the round before gave is gone', async () => {
    const run = await Run.start(retried)
    await run.answer('first', { returns: 'one' })
    await run.answer('second', flaky)
    assert.deepEqual(run.waitingSteps(), [])
    const timer = Object.values(run.state.timers)[0]
    assert.deepEqual([timer?.purpose, timer?.step], ['retry', 'group'])
    await run.advance(9_999)
    assert.deepEqual(run.waitingSteps(), [])
    await run.advance(1)
    await run.answer('second', { returns: 'two' })
    assert.deepEqual(run.result(), { rounds: 2, first: 'none', second: 'two' })
  })

  it('gives up after maximumAttempts with the last error', async () => {
    const run = await Run.start(retried)
    await run.answer('first', { returns: 'one' })
    for (const pause of [10_000, 20_000]) {
      await run.answer('second', flaky)
      await run.advance(pause)
    }
    await run.answer('second', { throws: { type: 'Flaky', message: 'the last' } })
    assert.equal(run.error().message, 'the last')
  })

  it('does not retry what is not retryable, a cancellation or its own timeout', async () => {
    const once = await Run.start(retried)
    await once.answer('first', { returns: 1 })
    await once.answer('second', broken)
    assert.equal(once.error().type, 'Broken')

    const canceled = await Run.start(retried)
    await canceled.answer('first', { returns: 1 })
    await canceled.answer('second', flaky)
    await canceled.cancel()
    assert.equal(canceled.outcome?.kind, 'canceled')
    assert.deepEqual(Object.keys(canceled.state.timers), [])

    const late = await Run.start(
      doc(`
steps:
  - { id: group, timeout: 15s, retry: { initialInterval: 10s, maximumAttempts: 0 }, do: [ { id: a, activity: a, retry: false } ] }
`),
    )
    await late.answer('a', flaky)
    await late.advance(10_000)
    await late.answer('a', flaky)
    await late.advance(5_000)
    assert.deepEqual([late.error().type, late.error().step], ['Timeout', 'group'])
    assert.equal(late.now - t0, 15_000)
  })

  it('counts failures by entry of `on`, each with its own policy', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: group
    retry: { initialInterval: 1s, maximumAttempts: 2, on: [ { errors: [Flaky*], initialInterval: 5s, maximumAttempts: 3 } ] }
    do: [ { id: a, activity: a, retry: false } ]
`),
    )
    await run.answer('a', { throws: { type: 'FlakyNetwork', message: '1' } })
    await run.advance(5_000)
    await run.answer('a', { throws: { type: 'Other', message: 'o1' } })
    await run.advance(1_000)
    await run.answer('a', { throws: { type: 'FlakyDisk', message: '2' } })
    await run.advance(10_000)
    await run.answer('a', { throws: { type: 'Other', message: 'o2' } })
    assert.equal(run.error().message, 'o2')
  })

  it('retries its `else` where that is what ran', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: group
    if: input.yes = true
    retry: { initialInterval: 1s }
    do: [ { id: a, activity: a, retry: false } ]
    else: [ { id: b, activity: b, retry: false } ]
  - return: \${ steps.group }
`),
      { yes: false },
    )
    await run.answer('b', flaky)
    await run.advance(1_000)
    await run.answer('b', { returns: 'else' })
    assert.equal(run.result(), 'else')
  })
})
