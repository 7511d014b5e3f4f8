import assert from 'node:assert/strict'
import { describeState } from '../../../interpreter/describe/describe.ts'
import { doc, Run } from '../harness.ts'
import { pause, resume } from '../others.ts'

const queued = (concurrency: string) =>
  doc(`
signals:
  note:
    concurrency: ${concurrency}
    do: [ { id: h, activity: y, input: "\${ signal }", retry: false } ]
steps: [ { id: a, activity: x } ]
`)

/** What the handlers under way were given. */
function underWay(run: Run): unknown[] {
  return Object.values(run.state.activitiesPending).flatMap(({ step, input }) =>
    step === 'h' ? [input] : [],
  )
}

describe('concurrency of the handlers of a signal', () => {
  it('1 queues them, in order of arrival', async () => {
    const run = await Run.start(queued('1'))
    for (const n of [1, 2, 3]) await run.signal('note', n)
    assert.deepEqual(underWay(run), [1])
    assert.deepEqual(
      describeState(run.program, run.state).waits.map(({ kind, path, text }) => [kind, path, text])[2],
      ['signal', 'signals.note[1]', '2 of the signal `note` until a handler of it has ended (`concurrency`)'],
    )
    await run.answer('h', { returns: null })
    assert.deepEqual(underWay(run), [2])
    assert.equal(run.pending('h').path, 'signals.note[1].h')
    await run.answer('h', { returns: null })
    await run.answer('h', { returns: null })
    assert.deepEqual(run.state.handlersQueued, {})
  })

  it('absent, as many as come run at once', async () => {
    const run = await Run.start(
      doc(
        'signals: { note: { do: [ { id: h, activity: y, input: "${ signal }" } ] } }\nsteps: [ { id: a, activity: x } ]',
      ),
    )
    for (const n of [1, 2, 3]) await run.signal('note', n)
    assert.deepEqual(underWay(run), [1, 2, 3])
  })

  it('may be a template over the run, of the moment when a signal comes; the order of arrival stays', async () => {
    const run = await Run.start(
      doc(`
vars: { slots: 2 }
signals:
  note: { concurrency: "\${ vars.slots }", do: [ { id: h, activity: y, input: "\${ signal }" } ] }
  slots: { do: [ { set: { slots: "\${ signal }" } } ] }
steps: [ { id: a, activity: x } ]
`),
    )
    await run.signal('note', 1)
    await run.signal('slots', 1)
    await run.signal('note', 2)
    await run.signal('slots', 9)
    await run.signal('note', 3)
    assert.deepEqual(underWay(run), [1])
    await run.answer('h', { returns: null })
    assert.deepEqual(underWay(run), [2, 3])
  })

  it('those that wait still run when the main steps have ended', async () => {
    const run = await Run.start(queued('1'))
    await run.signal('note', 1)
    await run.signal('note', 2)
    await run.answer('a', { returns: null })
    await run.signal('note', 3)
    for (const n of [1, 2, 3]) {
      assert.deepEqual(underWay(run), [n])
      await run.answer('h', { returns: null })
    }
    assert.equal(run.outcome?.kind, 'completed')
  })

  it('those that wait never begin when one fails, or the run is canceled', async () => {
    const failed = await Run.start(queued('1'))
    await failed.signal('note', 1)
    await failed.signal('note', 2)
    await failed.answer('h', { throws: { type: 'Bad', message: 'bad' } })
    assert.equal(failed.error().type, 'Bad')
    const canceled = await Run.start(queued('1'))
    await canceled.signal('note', 1)
    await canceled.signal('note', 2)
    await canceled.cancel()
    assert.equal(canceled.outcome?.kind, 'canceled')
    for (const run of [failed, canceled]) {
      assert.equal(run.types.filter((type) => type === 'ActivityTaskScheduled').length, 2)
    }
  })

  it('one that is no whole number from 1, or beyond the limit, fails the run as its `do` would', async () => {
    for (const [value, type] of [
      [0, 'ExpressionError'],
      ['2', 'ExpressionError'],
      [5, 'LimitExceeded'],
    ] as const) {
      const run = await Run.start(queued('"${ input }"'), value, { limits: { concurrency: 4 } })
      await run.signal('note')
      assert.equal(run.error().type, type)
      assert.equal(run.error().path, 'signals.note[0]')
    }
  })

  it('of a paused run signals queue, and take effect on resume in their order', async () => {
    const run = await Run.start(queued('1'))
    await pause(run)
    await run.signal('note', 1)
    await run.signal('note', 2)
    assert.deepEqual(underWay(run), [])
    assert.equal(run.types.filter((type) => type === 'WorkflowSignalReceived').length, 2)
    await resume(run)
    assert.deepEqual(underWay(run), [1])
    await run.answer('h', { returns: null })
    assert.deepEqual(underWay(run), [2])
  })
})
