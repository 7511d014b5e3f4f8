/** Every message is counted from when a run has taken it until it is dealt with. */
import assert from 'node:assert/strict'
import { pendingMessages } from '../../../interpreter/messages/pending.ts'
import { doc, Run } from '../harness.ts'
import { pause, resume } from '../others.ts'

describe('messages that a run has not dealt with', () => {
  const pending = (run: Run) => pendingMessages(run.state)

  it('of a signal: buffered until it is taken', async () => {
    const run = await Run.start(
      doc(`
signals: { go: {}, note: {} }
steps: [ { id: a, wait: { signal: go } }, { id: b, wait: { signal: note } }, { id: c, wait: { signal: go } } ]
`),
    )
    assert.equal(pending(run), 0)
    await run.signal('note', 1)
    await run.signal('note', 2)
    assert.equal(pending(run), 2)
    await run.signal('go', null)
    assert.equal(pending(run), 1)
  })

  it('with a handler: until that has ended, also while it waits for its turn', async () => {
    const run = await Run.start(
      doc(`
signals: { note: { concurrency: 1, do: [ { id: h, activity: y } ] } }
steps: [ { id: a, activity: x } ]
`),
    )
    for (const n of [1, 2, 3]) await run.signal('note', n)
    assert.equal(pending(run), 3)
    await run.answer('h', { returns: null })
    assert.equal(pending(run), 2)
    await run.answer('h', { returns: null })
    await run.answer('h', { returns: null })
    assert.equal(pending(run), 0)
  })

  it('during a pause: signals alone, not what else it holds', async () => {
    const run = await Run.start(doc('signals: { note: {} }\nsteps: [ { id: a, activity: x }, { wait: 1h } ]'))
    await pause(run)
    await run.signal('note', 1)
    await run.answer('a', { returns: null })
    assert.equal(pending(run), 1)
    await resume(run)
    assert.equal(pending(run), 1)
  })

  it('of a state machine: while it waits for the next state', async () => {
    const run = await Run.start(
      doc(`
initial: one
states:
  one:
    do: [ { try: [ { id: a, activity: x } ], finally: [ { id: clean, activity: y } ] } ]
    on: { go: two }
  two: { on: { go: three } }
  three: {}
`),
    )
    await run.signal('go', null)
    assert.equal(pending(run), 0)
    await run.signal('go', null)
    assert.equal(pending(run), 1)
    await run.answer('clean', { returns: null })
    assert.equal(run.state.workflow.state, 'three')
    assert.equal(pending(run), 0)
  })
})
