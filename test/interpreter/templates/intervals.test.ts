/** Intervals of `retry` that are templates: rendered when the step begins, kept with what is pending. */
import assert from 'node:assert/strict'
import { doc, Run } from '../harness.ts'

const flaky = { throws: { type: 'Flaky', message: 'not now' } }
const limited = { throws: { type: 'Limited', message: 'slowly' } }

describe('templates in retry', () => {
  it('pause an activity as they were when its step began; entries of `on` have their own', async () => {
    const run = await Run.start(
      doc(`
vars: { pause: 10s }
signals: { slower: { do: [ { set: { pause: 1h } } ] } }
steps:
  - id: call
    activity: a
    retry:
      initialInterval: \${ vars.pause }
      maximumInterval: \${ $string(input.most) & 's' }
      on: [ { errors: [Limited], initialInterval: "\${ input.limited }", maximumInterval: 1h } ]
  - return: \${ steps.call }
`),
      { most: 15, limited: '5m' },
    )
    assert.deepEqual(run.pending('call').retry, {
      initialIntervalMs: 10_000,
      maximumIntervalMs: 15_000,
      on: [{ errors: ['Limited'], initialIntervalMs: 300_000, maximumIntervalMs: 3_600_000 }],
    })
    await run.signal('slower', {})
    const pauses: (readonly [{ throws: { type: string; message: string } }, number])[] = [
      [flaky, 10_000],
      [limited, 300_000],
      [flaky, 15_000],
    ]
    for (const [failure, pauseMs] of pauses) {
      await run.answer('call', failure)
      assert.equal(run.pending('call').retryAt, run.now + pauseMs)
      await run.advance(pauseMs)
    }
    await run.answer('call', { returns: 1 })
    assert.equal(run.result(), 1)
  })

  const groups: readonly (readonly [what: string, keys: string])[] = [
    ['a group', 'do: [ { set: { pause: 1h } }, { id: inner, activity: a, retry: false } ]'],
    [
      'the else of a group',
      'if: false\n    do: [ { fail: { type: A, message: a } } ]\n    else: [ { set: { pause: 1h } }, { id: inner, activity: a, retry: false } ]',
    ],
  ]
  for (const [what, keys] of groups) {
    it(`pause ${what} between its rounds, each the same`, async () => {
      const run = await Run.start(
        doc(`
vars: { pause: 10s }
steps:
  - id: group
    retry: { initialInterval: "\${ vars.pause }", backoffCoefficient: 1 }
    ${keys}
  - return: done
`),
      )
      for (const _round of [1, 2]) {
        await run.answer('inner', flaky)
        await run.advance(9_999)
        assert.deepEqual(run.waitingSteps(), [])
        await run.advance(1)
      }
      await run.answer('inner', { returns: 1 })
      assert.equal(run.result(), 'done')
    })
  }

  it('that give no duration fail the step, and say where', async () => {
    for (const step of ['activity: a', 'workflow: a', 'do: [ { return: 1 } ]']) {
      const run = await Run.start(
        doc(`steps: [ { id: s, ${step}, retry: { initialInterval: "\${ input.pause }" } } ]\n`),
        { pause: 10 },
      )
      const { type, step: failed, details, message } = run.error()
      assert.deepEqual([type, failed], ['ExpressionError', 's'])
      assert.match(message, /a duration must be a text such as '30s' or 'PT5M', not 10/)
      assert.ok(details !== null && typeof details === 'object' && 'line' in details)
    }
  })

  it('are what a compensation keeps of the scope of its step', async () => {
    const run = await Run.start(
      doc(`
vars: { pause: 10s }
steps:
  - id: s
    activity: a
    compensate: { activity: b, retry: { initialInterval: "\${ vars.pause }" } }
  - set: { pause: 1h }
  - fail: { type: Own, message: own }
`),
    )
    await run.answer('s', { returns: 1 })
    await run.answer('s_compensate', flaky)
    assert.equal(run.pending('s_compensate').retryAt, run.now + 10_000)
  })
})
