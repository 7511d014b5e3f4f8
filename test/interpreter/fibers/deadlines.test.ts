import assert from 'node:assert/strict'
import { doc, Run } from '../harness.ts'

/** Fails with its own error when it is stopped. */
const cleaning = `
        - try: [ { id: a, activity: x } ]
          finally: [ { fail: { type: Mess, message: mess } } ]`

describe('the timeout of a step', () => {
  for (const [what, body] of [
    ['a group', `    do:${cleaning}`],
    ['a branch', `    parallel:\n      one:${cleaning}\n      two: [ { id: b, activity: y } ]`],
    ['an iteration', `    forEach: '[1, 2]'\n    do:${cleaning}`],
  ] as const) {
    it(`carries the own error of ${what} that ends after it as cause`, async () => {
      const run = await Run.start(doc(`steps:\n  - id: g\n    timeout: 5s\n${body}\n`))
      await run.advance(5_000)
      const { type, details, step, cause } = run.error()
      assert.deepEqual([type, details, step], ['Timeout', { kind: 'Step' }, 'g'])
      assert.equal(cause?.type, 'Mess')
      assert.equal(cause?.cause?.type, 'Canceled')
    })
  }

  const waits = doc(`
steps:
  - id: a
    activity: x
    timeout: 5s
    cancellation: wait
    compensate: { id: undo, activity: u }
`)

  it('under wait is raised once the activity has stopped, with its own error as cause', async () => {
    const run = await Run.start(waits)
    await run.advance(6_000)
    assert.ok(run.isOpen)
    await run.answer('a', { throws: { type: 'Down', message: 'down' } })
    assert.equal(run.error().type, 'Timeout')
    assert.equal(run.error().cause?.type, 'Down')
  })

  it('has no cause where the activity was stopped by it', async () => {
    const run = await Run.start(waits)
    await run.advance(6_000)
    await run.stopped('a')
    assert.equal(run.error().type, 'Timeout')
    assert.equal(run.error().cause, null)
  })

  it('a late success under wait is a Timeout, and is undone', async () => {
    const run = await Run.start(waits)
    await run.advance(6_000)
    await run.answer('a', { returns: 1 })
    await run.answer('undo', { returns: null })
    assert.equal(run.error().type, 'Timeout')
    assert.ok(run.types.includes('CompensationScheduled'))
  })
})
