import assert from 'node:assert/strict'
import { doc, Run, t0 } from '../harness.ts'
import { childStarts, eventsOf, pause, refusalOf, resume, sent, update } from '../others.ts'

const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** The next run, which must have been sent once. */
function successor(run: Run) {
  const found = sent(run, 'continueAsNew')
  assert.equal(found.length, 1)
  const [one] = found
  assert.ok(one)
  return one
}

describe('continueAsNew', () => {
  it('ends the run and starts the next one with its input and version', async () => {
    const run = await Run.start(
      doc(`steps: [ { id: n, continueAsNew: { input: { n: "\${ input.n + 1 }" }, version: ^2 } } ]`),
      { n: 1 },
    )
    const { newRunId, ...next } = successor(run)
    assert.deepEqual(next, { kind: 'continueAsNew', input: { n: 2 }, version: '^2', signals: [] })
    assert.match(newRunId, uuid7)
    assert.deepEqual(run.events.slice(1), [
      {
        type: 'WorkflowExecutionContinuedAsNew',
        newRunId,
        input: { n: 2 },
        version: '^2',
        timestamp: t0,
      },
    ])
    assert.deepEqual(run.outcome, { kind: 'continuedAsNew', newRunId, input: { n: 2 }, version: '^2' })
  })

  it('input and version stay when they are not named', async () => {
    const run = await Run.start(doc('steps: [ { id: n, continueAsNew: {} } ]'), { n: 1 })
    const { input, version } = successor(run)
    assert.deepEqual([input, version], [{ n: 1 }, undefined])
  })

  it('a version that is no text, or an input beyond the limit, fails the step', async () => {
    const yaml = doc(
      'steps: [ { id: n, continueAsNew: { input: "${ input.next }", version: "${ input.version }" } } ]',
    )
    const version = await Run.start(yaml, { next: 1, version: 2 })
    assert.equal(version.error().type, 'ExpressionError')
    const limits = { payloadBytes: 50 }
    const large = await Run.start(yaml, { next: 'x'.repeat(60), version: '1' }, { limits })
    assert.equal(large.error().type, 'LimitExceeded')
    assert.deepEqual([...version.sent, ...large.sent], [])
  })

  it('in a branch or an iteration it cancels the siblings', async () => {
    for (const body of [
      'parallel: { one: [ { id: a, activity: x }, { if: input.go, continueAsNew: {} } ], two: [ { id: b, activity: y } ] }',
      'forEach: "[1, 2]"\n    concurrency: 2\n    do: [ { id: a, activity: x }, { if: input.go, continueAsNew: {} } ]',
    ]) {
      const run = await Run.start(doc(`steps:\n  - id: p\n    ${body}\n  - { id: never, activity: z }\n`), {
        go: true,
      })
      await run.answer('a', { returns: null })
      assert.equal(run.outcome?.kind, 'continuedAsNew')
      assert.equal(eventsOf(run, 'ActivityTaskCancelRequested').length, 1)
    }
  })

  it('leaves loops, groups, a handler of `catch` and switches', async () => {
    for (const body of [
      'while: "true"\n    do: [ { if: input.go, continueAsNew: {} } ]',
      'until: "false"\n    do: [ { if: input.go, continueAsNew: {} } ]',
      'do: [ { if: input.go, continueAsNew: {} } ]\n    retry: {}\n    saga: true',
      'switch: [ { when: "true", do: [ { if: input.go, continueAsNew: {} } ] } ]',
      'try: [ { fail: { type: T, message: t } } ]\n    catch: [ { do: [ { if: input.go, continueAsNew: {} } ] } ]',
    ]) {
      const run = await Run.start(doc(`steps:\n  - id: s\n    ${body}\n  - { id: never, activity: z }\n`), {
        go: true,
      })
      assert.equal(run.outcome?.kind, 'continuedAsNew', body)
    }
  })

  it('the `finally` blocks that it leaves run first', async () => {
    const run = await Run.start(
      doc(`
steps:
  - try: [ { continueAsNew: {} } ]
    catch: [ { errors: ["*"], do: [ { return: caught } ] } ]
    finally: [ { id: clean, activity: x, input: "\${ error }" } ]
`),
    )
    assert.deepEqual(run.waitingSteps(), ['clean'])
    assert.equal(run.pending('clean').input, null)
    assert.deepEqual(run.sent, [])
    await run.answer('clean', { returns: null })
    assert.equal(run.outcome?.kind, 'continuedAsNew')
  })

  it('drops the compensation stack', async () => {
    const run = await Run.start(
      doc('steps: [ { id: a, activity: x, compensate: { activity: u } }, { continueAsNew: {} } ]'),
    )
    await run.answer('a', { returns: null })
    assert.equal(run.outcome?.kind, 'continuedAsNew')
    assert.ok(!run.types.includes('CompensationScheduled'))
  })

  it('is not checked against `output`, which is that of the last run', async () => {
    const run = await Run.start(doc('output: { type: string }\nsteps: [ { continueAsNew: { input: 5 } } ]'))
    assert.equal(run.outcome?.kind, 'continuedAsNew')
  })

  it('children end by their `onParentClose`', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: p
    parallel:
      one: [ { id: c, workflow: w, workflowId: c-1, cancellation: abandon } ]
      two: [ { id: a, activity: x }, { continueAsNew: {} } ]
`),
    )
    await childStarts(run, 'c')
    await run.answer('a', { returns: null })
    assert.deepEqual(
      run.sent.map(({ kind }) => kind),
      ['startChild', 'terminateChild', 'continueAsNew'],
    )
  })
})

describe('what goes along with continueAsNew', () => {
  it('signals that nobody took, in order', async () => {
    const run = await Run.start(
      doc(`
signals: { go: {}, other: {} }
steps: [ { id: a, activity: x }, { id: w, wait: { signal: go } }, { continueAsNew: {} } ]
`),
    )
    await run.signal('go', 1)
    await run.signal('go', 2)
    await run.signal('other', 3)
    await run.signal('go', 4)
    await run.answer('a', { returns: null })
    assert.deepEqual(successor(run).signals, [
      { signal: 'go', input: 2 },
      { signal: 'go', input: 4 },
      { signal: 'other', input: 3 },
    ])
  })

  const handled = doc(`
signals:
  note: { concurrency: 1, do: [ { id: h, activity: y, input: "\${ signal }" } ] }
updates: { change: { return: changed } }
steps: [ { id: a, activity: x }, { continueAsNew: {} } ]
`)

  it('signals whose `do` has not begun, those that come later behind them', async () => {
    const run = await Run.start(handled)
    for (const n of [1, 2, 3]) await run.signal('note', n)
    await run.answer('a', { returns: null })
    assert.ok(run.isOpen, 'a handler under way is waited for')
    await run.signal('note', 4)
    assert.deepEqual(
      Object.values(run.state.activitiesPending).map(({ input }) => input),
      [1],
    )
    await run.answer('h', { returns: null })
    assert.deepEqual(
      successor(run).signals.map(({ input }) => input),
      [2, 3, 4],
    )
    assert.deepEqual(run.state.handlersQueued, {})
  })

  it('no update: those that come while handlers are waited for are refused', async () => {
    const run = await Run.start(handled)
    await run.signal('note', 1)
    await run.answer('a', { returns: null })
    await update(run, 'change')
    assert.equal(refusalOf(run).type, 'ExecutionClosed')
  })

  it('a handler that fails then fails the run instead', async () => {
    const run = await Run.start(handled)
    await run.signal('note', 1)
    await run.signal('note', 2)
    await run.answer('a', { returns: null })
    await run.answer('h', { throws: { type: 'Bad', message: 'bad', retryable: false } })
    assert.equal(run.error().type, 'Bad')
    assert.deepEqual(sent(run, 'continueAsNew'), [])
  })

  it('signals that came while the run was paused', async () => {
    const run = await Run.start(handled)
    await pause(run)
    await run.answer('a', { returns: null })
    await run.signal('note', 1)
    assert.ok(run.isOpen)
    await resume(run)
    assert.deepEqual(successor(run).signals, [{ signal: 'note', input: 1 }])
  })

  it('the deadline of the execution', async () => {
    const run = await Run.start(doc('timeout: 1h\nsteps: [ { wait: 10m }, { continueAsNew: {} } ]'))
    await run.advance(600_000)
    assert.equal(successor(run).deadlineAt, t0 + 3_600_000)
  })
})

describe('an end that comes in the same turn as continueAsNew', () => {
  for (const [type, kind] of [
    ['WorkflowExecutionCancelRequested', 'canceled'],
    ['WorkflowExecutionTerminated', 'terminated'],
  ] as const) {
    it(`${kind}: who means the execution means its next run too`, async () => {
      const run = await Run.start(doc('steps: [ { id: a, activity: x }, { continueAsNew: {} } ]'))
      const { id: activityId } = run.pending('a')
      const at = { timestamp: run.now }
      await run.feed(
        { type: 'ActivityTaskCompleted', ...at, activityId, attempt: 1, result: null },
        { type, ...at, reason: null },
      )
      assert.equal(run.outcome?.kind, kind)
      assert.deepEqual(sent(run, 'continueAsNew'), [])
    })
  }
})

describe('a continued run', () => {
  const more = { firstRunId: 'r-1', continuedFrom: 'r-1', deadlineAt: t0 + 1_000 }

  it('keeps the deadline of its chain', async () => {
    const run = await Run.start(doc('timeout: 1h\nsteps: [ { wait: 10m } ]'), {}, more)
    await run.advance(1_000)
    assert.equal(run.outcome?.kind, 'timedOut')
  })

  it('that cannot begin fails with what it was refused for', async () => {
    const refused = { type: 'InputInvalid', message: 'input.n is missing', retryable: false }
    const run = await Run.start(doc('steps: [ { wait: 10m } ]'), {}, { ...more, refused })
    assert.equal(run.error().type, 'InputInvalid')
  })
})
