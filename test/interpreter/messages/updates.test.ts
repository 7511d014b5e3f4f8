import assert from 'node:assert/strict'
import { doc, Run } from '../harness.ts'
import { answerTo, eventsOf, pause, refusalOf, resume, terminate, update } from '../others.ts'

const plan = doc(`
vars: { plan: basic }
updates:
  change:
    validate: update != vars.plan
    do:
      - { id: check, activity: y, input: "\${ update }" }
      - set: { plan: "\${ update }" }
    return: { plan: "\${ vars.plan }", checked: "\${ steps.check }" }
steps:
  - { id: a, activity: x, input: "\${ vars.plan }" }
  - { id: b, activity: x, input: "\${ vars.plan }" }
`)

describe('updates', () => {
  it('run beside the main steps, and the sender gets the result', async () => {
    const run = await Run.start(plan)
    await update(run, 'change', 'pro')
    assert.deepEqual(run.waitingSteps(), ['a', 'check'])
    assert.equal(run.pending('check').path, 'updates.change[0].check')
    assert.equal(answerTo(run), null)
    await run.answer('check', { returns: 'fine' })
    assert.deepEqual(answerTo(run), { kind: 'completed', result: { plan: 'pro', checked: 'fine' } })
    await run.answer('a', { returns: null })
    assert.equal(run.pending('b').input, 'pro')
    assert.deepEqual(run.types, [
      'WorkflowExecutionStarted',
      'ActivityTaskScheduled',
      'WorkflowUpdateAccepted',
      'ActivityTaskScheduled',
      'ActivityTaskStarted',
      'ActivityTaskCompleted',
      'WorkflowUpdateCompleted',
      'ActivityTaskStarted',
      'ActivityTaskCompleted',
      'ActivityTaskScheduled',
    ])
    const [done] = eventsOf(run, 'WorkflowUpdateCompleted')
    assert.deepEqual([done?.update, done?.updateId], ['change', 'u-1'])
    assert.deepEqual(done?.outcome, answerTo(run))
  })

  it('without `return` the answer is null, without `do` it comes in the same turn', async () => {
    const run = await Run.start(
      doc(
        'updates: { ping: { do: [ { set: { n: 1 } } ] }, pong: { return: "${ update }" } }\nvars: { n: 0 }\nsteps: [ { id: a, activity: x } ]',
      ),
    )
    await update(run, 'ping', null, 'u-1')
    await update(run, 'pong', 'ball', 'u-2')
    assert.deepEqual(answerTo(run, 'u-1'), { kind: 'completed', result: null })
    assert.deepEqual(answerTo(run, 'u-2'), { kind: 'completed', result: 'ball' })
    assert.equal(run.state.vars['n'], 1)
  })

  it('are numbered by name, apart from signals of that name', async () => {
    const run = await Run.start(
      doc(`
signals: { note: { do: [ { id: s, activity: y } ] } }
updates: { note: { do: [ { id: u, activity: y } ] } }
steps: [ { id: a, activity: x } ]
`),
    )
    await run.signal('note')
    await update(run, 'note', null, 'u-1')
    await update(run, 'note', null, 'u-2')
    assert.deepEqual(
      Object.values(run.state.activitiesPending).map(({ path }) => path),
      ['a', 'signals.note[0].s', 'updates.note[0].u', 'updates.note[1].u'],
    )
  })

  it('one that is delivered again while it is handled runs once', async () => {
    const run = await Run.start(plan)
    await update(run, 'change', 'pro')
    await update(run, 'change', 'pro')
    assert.equal(eventsOf(run, 'WorkflowUpdateAccepted').length, 1)
    assert.deepEqual(run.waitingSteps(), ['a', 'check'])
  })

  it('what it did is undone with the run', async () => {
    const run = await Run.start(
      doc(`
updates: { book: { do: [ { id: c, activity: y, compensate: { id: undo, activity: z } } ] } }
steps: [ { id: a, activity: x, retry: false } ]
`),
    )
    await update(run, 'book')
    await run.answer('c', { returns: 1 })
    assert.equal(answerTo(run)?.kind, 'completed')
    await run.answer('a', { throws: { type: 'Bad', message: 'bad' } })
    assert.equal(run.pending('undo').compensationOf, 'c')
  })
})

describe('an update that is refused', () => {
  /** Neither history nor state knows of it. */
  async function leavesNoTrace(run: Run, name: string, input: string | null): Promise<void> {
    const before = JSON.stringify(run.state)
    const events = run.events.length
    run.now += 1_000
    await update(run, name, input)
    assert.equal(JSON.stringify(run.state), before)
    assert.equal(run.events.length, events)
  }

  it('by `validate` is UpdateRejected and leaves no trace', async () => {
    const run = await Run.start(plan)
    await leavesNoTrace(run, 'change', 'basic')
    assert.equal(refusalOf(run).type, 'UpdateRejected')
    assert.match(refusalOf(run).message, /update != vars\.plan/)
  })

  it('by an error in `validate` is UpdateRejected with it as cause', async () => {
    const run = await Run.start(
      doc('updates: { u: { validate: update.ok, return: 1 } }\nsteps: [ { id: a, activity: x } ]'),
    )
    await leavesNoTrace(run, 'u', null)
    assert.equal(refusalOf(run).type, 'UpdateRejected')
    assert.equal(refusalOf(run).cause?.type, 'ExpressionUndefined')
  })

  it('leaves the generator of the run as it was, as one that is accepted does', async () => {
    const run = await Run.start(
      doc(
        'updates: { u: { validate: "$random() > update", return: "${ $random() }" } }\nsteps: [ { id: a, activity: x } ]',
      ),
    )
    await leavesNoTrace(run, 'u', '2')
    const random = JSON.stringify(run.state.random)
    await run.feed({
      type: 'WorkflowUpdateAccepted',
      timestamp: run.now,
      update: 'u',
      updateId: 'u-2',
      input: 2,
    })
    assert.equal(JSON.stringify(run.state.random), random)
    assert.equal(refusalOf(run, 'u-2').type, 'UpdateRejected')
    await run.feed({
      type: 'WorkflowUpdateAccepted',
      timestamp: run.now,
      update: 'u',
      updateId: 'u-3',
      input: -1,
    })
    assert.equal(answerTo(run, 'u-3')?.kind, 'completed')
    assert.notEqual(JSON.stringify(run.state.random), random, '`return` draws from the run')
  })

  it('does not let conditions be tested again', async () => {
    const run = await Run.start(
      doc(`
updates: { u: { validate: "false" } }
steps: [ { id: w, wait: { condition: "$millis() > ${Date.UTC(2026, 0, 1)}" } } ]
`),
    )
    await leavesNoTrace(run, 'u', null)
    assert.ok(run.isOpen)
  })

  it('by a paused run is ExecutionPaused', async () => {
    const run = await Run.start(plan)
    await pause(run)
    await leavesNoTrace(run, 'change', 'pro')
    assert.equal(refusalOf(run).type, 'ExecutionPaused')
  })

  it('when the main steps have ended is ExecutionClosed', async () => {
    const run = await Run.start(
      doc(`
signals: { note: { do: [ { id: h, activity: y } ] } }
updates: { u: { return: 1 } }
steps: [ { id: a, activity: x } ]
`),
    )
    await run.signal('note')
    await run.answer('a', { returns: null })
    await leavesNoTrace(run, 'u', null)
    assert.equal(refusalOf(run).type, 'ExecutionClosed')
  })

  it('while the run is undone is ExecutionClosed', async () => {
    const run = await Run.start(
      doc(`
updates: { u: { return: 1 } }
steps: [ { id: a, activity: x, compensate: { id: undo, activity: z } }, { fail: { type: T, message: t } } ]
`),
    )
    await run.answer('a', { returns: null })
    await leavesNoTrace(run, 'u', null)
    assert.equal(refusalOf(run).type, 'ExecutionClosed')
  })

  it('for its name is UpdateNotDeclared', async () => {
    const run = await Run.start(plan)
    await leavesNoTrace(run, 'other', null)
    assert.equal(refusalOf(run).type, 'UpdateNotDeclared')
  })
})

describe('an update that fails', () => {
  it('fails its sender alone, with the error and its place', async () => {
    const run = await Run.start(
      doc(`
updates: { u: { do: [ { id: f, fail: { type: Nope, message: nope } } ] } }
steps: [ { id: a, activity: x } ]
`),
    )
    await update(run, 'u')
    const answer = answerTo(run)
    assert.ok(answer?.kind === 'failed')
    assert.deepEqual([answer.error.type, answer.error.path], ['Nope', 'updates.u[0].f'])
    await run.answer('a', { returns: null })
    assert.equal(run.outcome?.kind, 'completed')
  })

  it('in its `return` fails its sender too, and what it set stays', async () => {
    const run = await Run.start(
      doc(`
vars: { n: 0 }
updates: { u: { do: [ { set: { n: 1 } } ], return: "\${ update.none }" } }
steps: [ { id: a, activity: x } ]
`),
    )
    await update(run, 'u', {})
    const answer = answerTo(run)
    assert.ok(answer?.kind === 'failed')
    assert.deepEqual([answer.error.type, answer.error.path], ['ExpressionUndefined', 'updates.u[0]'])
    assert.equal(run.state.vars['n'], 1)
  })

  it('because its answer is beyond the payload limit', async () => {
    const run = await Run.start(
      doc('updates: { u: { return: "${ $pad(update, 300) }" } }\nsteps: [ { id: a, activity: x } ]'),
      {},
      { limits: { payloadBytes: 200 } },
    )
    await update(run, 'u', 'x')
    const answer = answerTo(run)
    assert.equal(answer?.kind === 'failed' ? answer.error.type : null, 'LimitExceeded')
  })
})

describe('updates under way when the run ends', () => {
  it('are waited for when the main steps end', async () => {
    const run = await Run.start(plan)
    await update(run, 'change', 'pro')
    await run.answer('a', { returns: null })
    await run.answer('b', { returns: null })
    assert.ok(run.isOpen)
    await run.answer('check', { returns: 1 })
    assert.equal(answerTo(run)?.kind, 'completed')
    assert.equal(run.outcome?.kind, 'completed')
    assert.equal(run.types.at(-1), 'WorkflowExecutionCompleted')
  })

  it('are canceled when it fails, and their senders are told', async () => {
    const run = await Run.start(plan)
    await update(run, 'change', 'pro')
    await run.answer('a', { throws: { type: 'Bad', message: 'bad', retryable: false } })
    assert.equal(run.error().type, 'Bad')
    const answer = answerTo(run)
    assert.equal(answer?.kind === 'failed' ? answer.error.type : null, 'Canceled')
    assert.deepEqual(run.types.slice(-2), ['WorkflowUpdateCompleted', 'WorkflowExecutionFailed'])
  })

  it('are answered with Terminated when it is terminated, and the closing event is the last', async () => {
    const run = await Run.start(plan)
    await update(run, 'change', 'pro')
    await terminate(run)
    const answer = answerTo(run)
    assert.equal(answer?.kind === 'failed' ? answer.error.type : null, 'Terminated')
    assert.equal(run.types.at(-1), 'WorkflowExecutionTerminated')
  })

  it('go on after a pause', async () => {
    const run = await Run.start(plan)
    await update(run, 'change', 'pro')
    await pause(run)
    await run.answer('check', { returns: 1 })
    assert.equal(answerTo(run), null)
    await resume(run)
    assert.equal(answerTo(run)?.kind, 'completed')
  })
})
