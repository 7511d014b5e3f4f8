/** Children that are canceled, closed with their parent, or undone. */
import assert from 'node:assert/strict'
import { describeState } from '../../../interpreter/describe/describe.ts'
import { doc, Run } from '../harness.ts'
import {
  childCompletes,
  childFails,
  childOf,
  childStarts,
  eventsOf,
  sent,
  startFails,
  terminate,
} from '../others.ts'

const broken = { type: 'Lost', message: 'gone' }

describe('cancellation of a child', () => {
  const under = (mode: string) =>
    doc(`steps: [ { id: c, workflow: w, workflowId: c-1, cancellation: ${mode} } ]`)

  it('`try` asks it and goes on at once; what it then says means nothing', async () => {
    const run = await Run.start(under('try'))
    await childStarts(run, 'c')
    const { runId } = childOf(run, 'c')
    await run.cancel('stop')
    assert.equal(run.outcome?.kind, 'canceled')
    const [asked, ...more] = [...sent(run, 'cancelChild'), ...sent(run, 'terminateChild')]
    assert.deepEqual([asked?.kind, asked?.workflowId, asked?.runId], ['cancelChild', 'c-1', runId])
    assert.deepEqual(more, [], 'a child that was asked is left alone when the run closes')
  })

  it('`wait` goes on with its own outcome: canceled closes the run as canceled', async () => {
    const run = await Run.start(under('wait'))
    await childStarts(run, 'c')
    await run.cancel('stop')
    assert.ok(run.isOpen)
    assert.match(describeState(run.program, run.state).waits[0]?.text ?? '', /asked to stop/)
    await childFails(run, 'c', 'ChildWorkflowExecutionCanceled', { type: 'Canceled', message: 'canceled' })
    assert.equal(run.outcome?.kind, 'canceled')
    assert.equal(run.error().cause?.type, 'Canceled')
    assert.equal(sent(run, 'cancelChild').length, 1)
  })

  it('`wait`: an error of its own goes on, and it is not tried again', async () => {
    const run = await Run.start(
      doc('steps: [ { id: c, workflow: w, cancellation: wait, retry: { maximumAttempts: 5 } } ]'),
    )
    await run.cancel()
    await childFails(run, 'c', 'ChildWorkflowExecutionFailed', broken)
    assert.equal(run.outcome?.kind, 'failed')
    assert.equal(run.error().type, 'ChildWorkflowFailed')
    assert.equal(sent(run, 'startChild').length, 1)
  })

  it('`wait`: a late success is undone', async () => {
    const run = await Run.start(
      doc('steps: [ { id: c, workflow: w, compensate: { id: undo, activity: u, input: "${ steps.c }" } } ]'),
    )
    await run.cancel()
    await childCompletes(run, 'c', 5)
    assert.equal(run.pending('undo').input, 5)
    await run.answer('undo', { returns: null })
    assert.equal(run.outcome?.kind, 'canceled')
  })

  it('`abandon` does not ask; it stays for `onParentClose`', async () => {
    const run = await Run.start(
      doc(`
steps:
  - try: [ { id: c, workflow: w, workflowId: c-1, cancellation: abandon, timeout: 5s } ]
    catch: [ { errors: [Timeout], do: [ { id: a, activity: x } ] } ]
`),
    )
    await childStarts(run, 'c')
    await run.advance(5_000)
    assert.deepEqual(run.waitingSteps(), ['a'])
    assert.equal(childOf(run, 'c').fiber, null)
    assert.deepEqual(
      describeState(run.program, run.state).waits.map(({ kind }) => kind),
      ['activity'],
    )
    assert.deepEqual(sent(run, 'cancelChild'), [])
    await run.answer('a', { returns: null })
    assert.equal(sent(run, 'terminateChild')[0]?.workflowId, 'c-1')
  })

  it('`abandon`: one that ends is forgotten, and nobody is told', async () => {
    const run = await Run.start(
      doc(`
steps:
  - try: [ { id: c, workflow: w, cancellation: abandon, timeout: 5s } ]
    catch: [ { errors: [Timeout], do: [ { id: a, activity: x } ] } ]
`),
    )
    await run.advance(5_000)
    await childFails(run, 'c', 'ChildWorkflowExecutionFailed', broken)
    assert.deepEqual(run.state.childrenPending, {})
    await run.answer('a', { returns: null })
    assert.equal(run.outcome?.kind, 'completed')
    assert.deepEqual(sent(run, 'terminateChild'), [])
  })

  it('a timeout of the step is raised at once under `try`', async () => {
    const run = await Run.start(doc('steps: [ { id: c, workflow: w, timeout: 5s, retry: {} } ]'))
    await run.advance(5_000)
    assert.equal(run.error().type, 'Timeout')
    assert.equal(sent(run, 'cancelChild').length, 1)
  })
})

describe('onParentClose', () => {
  const closing = (policy: string) =>
    doc(`
steps:
  - id: p
    parallel:
      one: [ { id: c, workflow: w, workflowId: c-1, onParentClose: ${policy}, cancellation: abandon } ]
      two: [ { id: a, activity: x }, { return: done } ]
`)

  for (const [policy, kinds] of [
    ['terminate', ['startChild', 'terminateChild']],
    ['cancel', ['startChild', 'cancelChild']],
    ['abandon', ['startChild']],
  ] as const) {
    it(`${policy}, when the run closes`, async () => {
      const run = await Run.start(closing(policy))
      await childStarts(run, 'c')
      await run.answer('a', { returns: null })
      assert.equal(run.result(), 'done')
      assert.deepEqual(
        run.sent.map(({ kind }) => kind),
        kinds,
      )
      assert.deepEqual(run.state.childrenPending, {})
    })

    it(`${policy}, when the run is terminated`, async () => {
      const run = await Run.start(closing(policy))
      await terminate(run)
      assert.deepEqual(
        run.sent.map(({ kind }) => kind),
        kinds,
      )
    })
  }
})

describe('compensateWhen: attempted of a child', () => {
  const attempted = (more: string) =>
    doc(`
steps:
  - id: c
    workflow: w
    compensateWhen: attempted
    compensate: { id: undo, activity: u, input: "\${ steps.c ?? 'unknown' }" }
    ${more}
  - fail: { type: After, message: after }
`)

  it('is undone where it started and failed', async () => {
    const run = await Run.start(attempted(''))
    await childStarts(run, 'c')
    assert.equal(run.state.compensations.length, 1)
    await childFails(run, 'c', 'ChildWorkflowExecutionFailed', broken)
    assert.equal(run.pending('undo').input, 'unknown')
  })

  it('is not undone where it never started', async () => {
    const run = await Run.start(attempted(''))
    await startFails(run, 'c', { type: 'WorkflowNotFound', message: 'none' })
    assert.equal(run.error().type, 'WorkflowNotFound')
  })

  it('is undone once, with the values of its success', async () => {
    const run = await Run.start(attempted('retry: { maximumAttempts: 2 }'))
    await childStarts(run, 'c')
    await childFails(run, 'c', 'ChildWorkflowExecutionFailed', broken)
    await run.advance(1_000)
    await childStarts(run, 'c')
    await childCompletes(run, 'c', 'known')
    assert.equal(run.state.compensations.length, 0)
    assert.equal(run.pending('undo').input, 'known')
    await run.answer('undo', { returns: null })
    assert.equal(run.error().type, 'After')
    assert.equal(eventsOf(run, 'CompensationScheduled').length, 1)
  })

  it('is undone where its end came before its start', async () => {
    const run = await Run.start(attempted(''))
    await childFails(run, 'c', 'ChildWorkflowExecutionFailed', broken)
    assert.equal(run.pending('undo').input, 'unknown')
  })

  it('is undone under `try` where it was canceled before anything was heard of it', async () => {
    const run = await Run.start(attempted('cancellation: try'))
    await run.cancel()
    assert.equal(run.pending('undo').input, 'unknown')
    await run.answer('undo', { returns: null })
    assert.equal(run.outcome?.kind, 'canceled')
  })

  it('a child that undoes names the step', async () => {
    const run = await Run.start(
      doc(`
steps:
  - { id: a, activity: x, compensate: { id: undo, workflow: w } }
  - fail: { type: After, message: after }
`),
    )
    await run.answer('a', { returns: 1 })
    assert.equal(eventsOf(run, 'StartChildWorkflowExecutionInitiated')[0]?.compensationOf, 'a')
    await childCompletes(run, 'undo', null)
    assert.equal(run.error().type, 'After')
  })
})
