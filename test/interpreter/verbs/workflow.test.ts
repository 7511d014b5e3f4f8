/** Children: their start, their ends, what is tried again. How they are stopped and undone is in `workflow-ends.test.ts`. */
import assert from 'node:assert/strict'
import { describeState } from '../../../interpreter/describe/describe.ts'
import { workflowError } from '../../../interpreter/errors/fault.ts'
import { doc, Run, t0 } from '../harness.ts'
import {
  childCompletes,
  childFails,
  childOf,
  childStarts,
  eventsOf,
  pause,
  resume,
  sent,
  startFails,
} from '../others.ts'

const child = doc(`
steps:
  - { id: ship, workflow: ship-order, version: ^1.2, input: { order: "\${ input.order }" } }
  - return: \${ steps.ship }
`)

const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const broken = { type: 'Lost', message: 'gone' }

describe('workflow', () => {
  it('starts a child in the turn that decides it, and gives its result', async () => {
    const run = await Run.start(child, { order: 7 })
    const [start] = sent(run, 'startChild')
    assert.ok(start)
    const { runId, workflowId, ...said } = start
    assert.deepEqual(said, {
      kind: 'startChild',
      childId: childOf(run, 'ship').id,
      workflow: 'ship-order',
      versionRange: '^1.2',
      input: { order: 7 },
      attempt: 1,
      initiatedAt: t0,
    })
    assert.match(runId, uuid7)
    assert.equal(Number.parseInt(runId.slice(0, 13).replace('-', ''), 16), t0)
    assert.match(workflowId, /^w-1\/ship-[0-9a-f]{8}$/)
    await childStarts(run, 'ship')
    assert.ok(run.isOpen)
    await childCompletes(run, 'ship', { tracking: 't-1' })
    assert.deepEqual(run.result(), { tracking: 't-1' })
    assert.deepEqual(run.types, [
      'WorkflowExecutionStarted',
      'StartChildWorkflowExecutionInitiated',
      'ChildWorkflowExecutionStarted',
      'ChildWorkflowExecutionCompleted',
      'WorkflowExecutionCompleted',
    ])
    for (const event of run.events.slice(1, 4)) {
      assert.ok('step' in event && event.step === 'ship' && event.path === 'ship')
    }
  })

  it('an end that arrives without the start is an end, and what comes after it is not recorded', async () => {
    const run = await Run.start(doc('steps: [ { id: c, workflow: w }, { id: a, activity: x } ]'))
    const { id: childId, workflowId, runId } = childOf(run, 'c')
    await childCompletes(run, 'c', 1)
    assert.deepEqual(run.waitingSteps(), ['a'])
    const before = JSON.stringify(run.state)
    run.now += 1_000
    const late = { timestamp: run.now, childId, workflowId, runId }
    await run.feed({ type: 'ChildWorkflowExecutionStarted', ...late, version: '1.0.0' })
    await run.feed({ type: 'ChildWorkflowExecutionCompleted', ...late, result: 2 })
    assert.equal(JSON.stringify(run.state), before)
    assert.equal(run.types.filter((type) => type.startsWith('Child')).length, 1)
  })

  it('a start that is told twice is recorded once, and cannot fail afterwards', async () => {
    const run = await Run.start(child, { order: 1 })
    await childStarts(run, 'ship')
    await childStarts(run, 'ship')
    await startFails(run, 'ship', { type: 'WorkflowAlreadyRunning', message: 'taken' })
    assert.equal(eventsOf(run, 'ChildWorkflowExecutionStarted').length, 1)
    assert.ok(run.isOpen)
  })

  it('takes workflowId and version from templates; a text that is none fails the step', async () => {
    const yaml = doc(
      'steps: [ { id: c, workflow: w, workflowId: "${ input.id }", version: "${ input.version }" } ]',
    )
    const run = await Run.start(yaml, { id: 'order-7', version: '2.0.0' })
    assert.equal(childOf(run, 'c').workflowId, 'order-7')
    assert.equal(childOf(run, 'c').versionRange, '2.0.0')
    assert.equal(childOf(run, 'c').input, null)
    const wrong = await Run.start(yaml, { id: 7, version: '1' })
    assert.equal(wrong.error().type, 'ExpressionError')
    assert.match(wrong.error().message, /`workflowId`/)
    assert.deepEqual(wrong.sent, [])
  })

  it('two visits of one step never share an id', async () => {
    const run = await Run.start(
      doc(`steps: [ { id: l, forEach: "[1, 2]", concurrency: 2, do: [ { id: c, workflow: w } ] } ]`),
    )
    const ids = Object.values(run.state.childrenPending).map(({ workflowId, runId }) => [workflowId, runId])
    assert.equal(new Set(ids.flat()).size, 4)
    assert.match(ids[1]?.[0] ?? '', /^w-1\/l\[1\]\.c-[0-9a-f]{8}$/)
  })

  for (const [type, said] of [
    ['ChildWorkflowExecutionFailed', 'failed'],
    ['ChildWorkflowExecutionTimedOut', 'timed out'],
    ['ChildWorkflowExecutionTerminated', 'was terminated'],
    ['ChildWorkflowExecutionCanceled', 'was canceled'],
  ] as const) {
    it(`raises ChildWorkflowFailed where it ${said}, with the child's error as cause`, async () => {
      const run = await Run.start(child, { order: 1 })
      await childStarts(run, 'ship')
      const { runId } = childOf(run, 'ship')
      await childFails(run, 'ship', type, { ...broken, retryable: false })
      const error = run.error()
      assert.equal(run.outcome?.kind, 'failed')
      assert.equal(error.type, 'ChildWorkflowFailed')
      assert.equal(error.message, `child workflow \`ship-order\` ${said}: gone`)
      assert.equal((error.details as { runId: string }).runId, runId)
      assert.deepEqual([error.step, error.path, error.attempt], ['ship', 'ship', 1])
      assert.equal(error.retryable, false)
      assert.equal(error.cause?.type, 'Lost')
    })
  }

  it('is retryable as its cause is', async () => {
    const run = await Run.start(child, { order: 1 })
    await childFails(run, 'ship', 'ChildWorkflowExecutionFailed', broken)
    assert.equal(run.error().retryable, true)
  })

  for (const [type, retryable] of [
    ['WorkflowNotFound', false],
    ['WorkflowAlreadyRunning', true],
  ] as const) {
    it(`a start that fails raises ${type} as it is`, async () => {
      const run = await Run.start(child, { order: 1 })
      await startFails(run, 'ship', { type, message: 'no' })
      assert.deepEqual([run.error().type, run.error().retryable, run.error().step], [type, retryable, 'ship'])
      assert.ok(run.types.includes('StartChildWorkflowExecutionFailed'))
    })
  }

  it('an input that the child does not take is ChildWorkflowFailed, and not tried again', async () => {
    const run = await Run.start(doc('steps: [ { id: c, workflow: w, retry: {} } ]'))
    await startFails(run, 'c', { type: 'InputInvalid', message: 'input.n is missing' })
    assert.equal(run.error().type, 'ChildWorkflowFailed')
    assert.equal(run.error().retryable, false)
    assert.equal(run.error().cause?.type, 'InputInvalid')
  })

  it('detached goes on with its ids once it has started, and keeps no book of it', async () => {
    const run = await Run.start(
      doc('steps: [ { id: c, workflow: w, workflowId: c-1, detached: true }, { return: "${ steps.c }" } ]'),
    )
    const { runId } = childOf(run, 'c')
    assert.ok(run.isOpen)
    await childStarts(run, 'c')
    assert.deepEqual(run.result(), { workflowId: 'c-1', runId })
    assert.deepEqual(run.state.childrenPending, {})
    assert.deepEqual(
      run.sent.map(({ kind }) => kind),
      ['startChild'],
    )
  })

  for (const kept of ['', 'compensate: { activity: stop }, ']) {
    it(`detached is not asked to stop where a sibling returns before its start was heard of${kept && ', compensated'}`, async () => {
      const run = await Run.start(
        doc(`
steps:
  - parallel:
      one: [ { id: c, workflow: w, detached: true, ${kept}input: 1 } ]
      two: [ { return: done } ]
`),
      )
      if (kept !== '') await childStarts(run, 'c')
      assert.equal(run.result(), 'done')
      assert.deepEqual(
        run.sent.map(({ kind }) => kind),
        ['startChild'],
      )
    })
  }

  it('detached raises the error of a start', async () => {
    const run = await Run.start(doc('steps: [ { id: c, workflow: w, detached: true } ]'))
    await startFails(run, 'c', { type: 'WorkflowNotFound', message: 'none' })
    assert.equal(run.error().type, 'WorkflowNotFound')
  })

  it('an input beyond the payload limit fails the step, and nothing is started', async () => {
    const run = await Run.start(child, { order: 'x'.repeat(200) }, { limits: { payloadBytes: 100 } })
    assert.equal(run.error().type, 'LimitExceeded')
    assert.deepEqual(run.sent, [])
  })
})

describe('retry of a child', () => {
  const retried = doc(`
vars: { n: 1 }
steps:
  - { id: c, workflow: w, input: "\${ vars.n }", retry: { maximumAttempts: 2, initialInterval: 5s } }
`)

  it('is not the default', async () => {
    const run = await Run.start(doc('steps: [ { id: c, workflow: w } ]'))
    await childFails(run, 'c', 'ChildWorkflowExecutionFailed', broken)
    assert.equal(run.error().type, 'ChildWorkflowFailed')
  })

  it('starts another run under the same id with the same input, after a durable pause', async () => {
    const run = await Run.start(retried)
    const first = childOf(run, 'c')
    await childStarts(run, 'c')
    await childFails(run, 'c', 'ChildWorkflowExecutionFailed', broken)
    assert.deepEqual(run.state.childrenPending, {})
    assert.equal(eventsOf(run, 'TimerStarted')[0]?.purpose, 'retry')
    assert.deepEqual(
      describeState(run.program, run.state).waits.map(({ kind, until }) => [kind, until]),
      [['timer', t0 + 5_000]],
    )
    await run.advance(5_000)
    const second = childOf(run, 'c')
    assert.equal(second.workflowId, first.workflowId)
    assert.notEqual(second.runId, first.runId)
    assert.deepEqual([second.attempt, second.input], [2, 1])
    assert.equal(sent(run, 'startChild')[1]?.attempt, 2)
    await childFails(run, 'c', 'ChildWorkflowExecutionFailed', broken)
    assert.equal(run.error().attempt, 2)
    assert.equal(run.error().cause?.type, 'Lost')
  })

  it('follows `on`, and a start that fails counts too', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: c
    workflow: w
    retry: { maximumAttempts: 1, on: [ { errors: [WorkflowAlreadyRunning], maximumAttempts: 3, initialInterval: 1s } ] }
`),
    )
    await startFails(run, 'c', { type: 'WorkflowAlreadyRunning', message: 'taken' })
    await run.advance(1_000)
    await startFails(run, 'c', { type: 'WorkflowAlreadyRunning', message: 'taken' })
    await run.advance(2_000)
    assert.equal(childOf(run, 'c').attempt, 3)
    await childFails(run, 'c', 'ChildWorkflowExecutionFailed', broken)
    assert.equal(run.error().type, 'ChildWorkflowFailed')
  })

  it('a cancellation ends the pause', async () => {
    const run = await Run.start(retried)
    await childFails(run, 'c', 'ChildWorkflowExecutionFailed', broken)
    await run.cancel('enough')
    assert.equal(run.outcome?.kind, 'canceled')
    assert.equal(eventsOf(run, 'TimerCanceled').length, 1)
  })

  it('a cancellation in the same turn as the failure leaves no attempt behind', async () => {
    const run = await Run.start(retried)
    const { id: childId, workflowId, runId } = childOf(run, 'c')
    const error = workflowError(broken)
    await run.feed(
      { type: 'ChildWorkflowExecutionFailed', timestamp: run.now, childId, workflowId, runId, error },
      { type: 'WorkflowExecutionCancelRequested', timestamp: run.now, reason: null },
    )
    assert.ok(!run.isOpen)
    assert.equal(sent(run, 'startChild').length, 1)
  })

  it('a failure while the run is paused waits for its resume', async () => {
    const run = await Run.start(retried)
    await pause(run)
    await childFails(run, 'c', 'ChildWorkflowExecutionFailed', broken)
    await run.advance(60_000)
    assert.equal(sent(run, 'startChild').length, 1)
    await resume(run)
    await run.advance(5_000)
    assert.equal(sent(run, 'startChild').length, 2)
  })
})
