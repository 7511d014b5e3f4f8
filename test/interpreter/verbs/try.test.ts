import assert from 'node:assert/strict'
import type { InputEvent } from '../../../interpreter/events.ts'
import { reduce } from '../../../interpreter/reduce.ts'
import { doc, Run } from '../harness.ts'

const down = { throws: { type: 'net.Down', message: 'down', retryable: false } }

describe('try, catch, finally', () => {
  const caught = doc(`
steps:
  - id: t
    try: [ { id: a, activity: x } ]
    catch:
      - { errors: [Other], do: [ { return: other } ] }
      - { errors: ['net.*'], if: "error.message = 'down'", as: e, do: [ { id: h, activity: y, input: "\${ e }" } ] }
      - { do: [ { return: any } ] }
    finally: [ { id: f, activity: z, input: "\${ error }" } ]
  - return: \${ steps.t }
`)

  it('the first handler that matches takes the error, and finally runs after it', async () => {
    const run = await Run.start(caught)
    await run.answer('a', down)
    const seen = run.pending('h').input as { type: string; path: string; cause: null }
    assert.deepEqual([seen.type, seen.path, seen.cause], ['net.Down', 'a', null])
    await run.answer('h', { returns: 'handled' })
    assert.equal(run.pending('f').input, null)
    await run.answer('f', { returns: 'dropped' })
    assert.equal(run.result(), 'handled')
  })

  it('a handler whose if does not hold passes the error on to the next', async () => {
    const run = await Run.start(caught)
    await run.answer('a', { throws: { type: 'net.Down', message: 'odd', retryable: false } })
    await run.answer('f', { returns: null })
    assert.equal(run.result(), 'any')
  })

  it('finally sees the error about to leave; its own error replaces it and carries it as cause', async () => {
    const run = await Run.start(
      doc(`
steps:
  - try: [ { id: a, activity: x } ]
    finally: [ { id: f, activity: z, input: "\${ error.type }", retry: false } ]
`),
    )
    await run.answer('a', down)
    assert.equal(run.pending('f').input, 'net.Down')
    await run.answer('f', { throws: { type: 'Worse', message: 'worse' } })
    assert.equal(run.error().type, 'Worse')
    assert.equal(run.error().cause?.type, 'net.Down')
  })

  it('an error in a handler is not caught by its siblings and carries the first as cause', async () => {
    const run = await Run.start(
      doc(`
steps:
  - try: [ { id: a, activity: x } ]
    catch:
      - { errors: [net.Down], do: [ { fail: { type: Second, message: second } } ] }
      - { errors: [Second], do: [ { return: wrong } ] }
`),
    )
    await run.answer('a', down)
    assert.equal(run.error().type, 'Second')
    assert.equal(run.error().cause?.type, 'net.Down')
  })

  it('rethrow raises the same error again', async () => {
    const run = await Run.start(
      doc(
        'steps: [ { try: [ { id: a, activity: x } ], catch: [ { as: problem, do: [ { fail: rethrow } ] } ] } ]',
      ),
    )
    await run.answer('a', down)
    assert.equal(run.error().type, 'net.Down')
    assert.equal(run.error().step, 'a')
    assert.equal(run.error().cause, null)
  })

  it('rethrow out of two handlers, one in the other, is still the same error: it is not its own cause', async () => {
    const run = await Run.start(
      doc(`
steps:
  - try: [ { id: a, activity: x } ]
    catch:
      - do:
          - try: [ { fail: rethrow } ]
            catch: [ { do: [ { id: b, activity: y }, { fail: rethrow } ] } ]
`),
    )
    await run.answer('a', down)
    await run.answer('b', { returns: null })
    assert.equal(run.error().type, 'net.Down')
    assert.equal(run.error().cause, null)
  })

  it('an error of the inner handler has what was raised again as its cause, once', async () => {
    const run = await Run.start(
      doc(`
steps:
  - try: [ { id: a, activity: x } ]
    catch:
      - do:
          - try: [ { fail: rethrow } ]
            catch: [ { do: [ { fail: { type: Worse } } ] } ]
`),
    )
    await run.answer('a', down)
    assert.deepEqual([run.error().type, run.error().cause?.type], ['Worse', 'net.Down'])
    assert.equal(run.error().cause?.cause, null)
  })

  it('finally runs on return, and the return goes on', async () => {
    const run = await Run.start(
      doc('steps: [ { try: [ { return: early } ], finally: [ { id: f, activity: z } ] } ]'),
    )
    await run.answer('f', { returns: null })
    assert.equal(run.result(), 'early')
  })

  for (const errors of ['', "errors: ['*'], "]) {
    it(`${errors === '' ? 'a catch without errors' : 'a catch of *'} does not catch Canceled`, async () => {
      const run = await Run.start(
        doc(
          `steps: [ { try: [ { id: a, activity: x } ], catch: [ { ${errors}do: [ { return: wrong } ] } ] } ]`,
        ),
      )
      await run.cancel('stop')
      assert.equal(run.outcome?.kind, 'canceled')
    })
  }
})

describe('cancellation', () => {
  it('is delivered as Canceled where the run stands, and closes it as canceled with the reason', async () => {
    const run = await Run.start(doc('steps: [ { id: a, activity: x } ]'))
    await run.cancel('changed my mind')
    assert.equal(run.outcome?.kind, 'canceled')
    assert.match(run.error().message, /changed my mind/)
    assert.deepEqual(run.types.slice(-3), [
      'WorkflowExecutionCancelRequested',
      'ActivityTaskCancelRequested',
      'WorkflowExecutionCanceled',
    ])
  })

  it('a catch that names it has handled it', async () => {
    const run = await Run.start(
      doc(`
steps:
  - try: [ { id: a, activity: x } ]
    catch: [ { errors: [Canceled], do: [ { id: clean, activity: y } ] } ]
  - { id: b, activity: z }
  - return: went on
`),
    )
    await run.cancel()
    await run.cancel('a second one during the cleaning up is ignored')
    assert.deepEqual(run.waitingSteps(), ['clean'])
    await run.answer('clean', { returns: null })
    await run.answer('b', { returns: null })
    assert.equal(run.result(), 'went on')
  })

  it('does not cancel the steps of finally that run afterwards', async () => {
    const run = await Run.start(
      doc(
        'steps: [ { try: [ { id: a, activity: x } ], finally: [ { id: f, activity: y }, { id: g, activity: y } ] } ]',
      ),
    )
    await run.cancel()
    await run.answer('f', { returns: null })
    await run.cancel()
    await run.answer('g', { returns: null })
    assert.equal(run.outcome?.kind, 'canceled')
  })

  it('under `try` goes on at once, and a late result means nothing', async () => {
    const run = await Run.start(doc('steps: [ { id: a, activity: x } ]'))
    const { id: activityId } = run.pending('a')
    await run.cancel()
    const before = run.events.length
    await run.feed({ type: 'ActivityTaskCompleted', timestamp: run.now, activityId, attempt: 1, result: 1 })
    assert.equal(run.events.length, before)
  })

  it('under `wait` goes on when the activity has stopped', async () => {
    const run = await Run.start(doc('steps: [ { id: a, activity: x, cancellation: wait } ]'))
    await run.cancel()
    assert.ok(run.isOpen)
    await run.stopped('a')
    assert.equal(run.outcome?.kind, 'canceled')
  })

  it('under `wait` an error of its own goes on, and it is not tried again', async () => {
    const run = await Run.start(doc('steps: [ { id: a, activity: x, cancellation: wait } ]'))
    await run.cancel()
    await run.answer('a', { throws: { type: 'Down', message: 'down' } })
    assert.equal(run.outcome?.kind, 'failed')
    assert.equal(run.error().type, 'Down')
  })

  it('under `abandon` does not ask', async () => {
    const run = await Run.start(doc('steps: [ { id: a, activity: x, cancellation: abandon } ]'))
    await run.cancel()
    assert.equal(run.outcome?.kind, 'canceled')
    assert.ok(!run.types.includes('ActivityTaskCancelRequested'))
  })

  it('a cancellation of the run during the cleaning up of a narrower scope is not lost', async () => {
    const run = await Run.start(
      doc(`
steps:
  - try:
      - id: g
        timeout: 10s
        do:
          - try: [ { id: a, activity: x, startToCloseTimeout: 1h } ]
            finally: [ { id: f, activity: y, startToCloseTimeout: 1h } ]
    catch: [ { errors: [Timeout], do: [ { id: h, activity: z } ] } ]
  - { id: next, activity: x }
`),
    )
    await run.advance(10_000)
    assert.deepEqual(run.waitingSteps(), ['f'])
    await run.cancel()
    assert.deepEqual(run.waitingSteps(), ['f'])
    await run.answer('f', { returns: null })
    assert.equal(run.outcome?.kind, 'canceled')
  })

  it('terminate undoes and cleans up nothing', async () => {
    const run = await Run.start(
      doc(`
steps:
  - { id: a, activity: x, compensate: { activity: undo } }
  - try: [ { id: b, activity: x } ]
    finally: [ { id: f, activity: y } ]
`),
    )
    await run.answer('a', { returns: 1 })
    await run.feed({ type: 'WorkflowExecutionTerminated', timestamp: run.now, reason: 'enough' })
    assert.equal(run.outcome?.kind, 'terminated')
    assert.equal(run.types.at(-1), 'WorkflowExecutionTerminated')
    assert.deepEqual(run.waitingSteps(), [])
  })

  it('takes all terminations of a turn, records one, and what came with it stands before', async () => {
    const run = await Run.start(
      doc('signals: { go: {} }\nsteps: [ { id: w, wait: { signal: go } }, { id: a, activity: x } ]'),
    )
    const end: InputEvent = { type: 'WorkflowExecutionTerminated', timestamp: run.now, reason: 'enough' }
    const signal: InputEvent = { type: 'WorkflowSignalReceived', timestamp: run.now, signal: 'go', input: 1 }
    const offered = [end, end, signal, end]
    const result = await reduce(run.program, run.state, offered)
    assert.equal(result.taken, offered.length)
    assert.deepEqual(
      result.events.map((event) => event.type),
      ['WorkflowSignalReceived', 'ActivityTaskScheduled', 'WorkflowExecutionTerminated'],
    )
  })
})
