import assert from 'node:assert/strict'
import { latestInstant } from '../../../interpreter/values/time.ts'
import { doc, Run, t0 } from '../harness.ts'

const greet = doc(`
steps:
  - id: greet
    activity: greetings.greet
    input: { name: "\${ input.name }" }
  - return: \${ steps.greet }
`)

describe('activity', () => {
  it('is scheduled with its rendered input and gives what it returned', async () => {
    const run = await Run.start(greet, { name: 'Ada' })
    assert.deepEqual(run.pending('greet').input, { name: 'Ada' })
    await run.answer('greet', { returns: 'Hello' })
    assert.equal(run.result(), 'Hello')
    assert.deepEqual(run.types, [
      'WorkflowExecutionStarted',
      'ActivityTaskScheduled',
      'ActivityTaskStarted',
      'ActivityTaskCompleted',
      'WorkflowExecutionCompleted',
    ])
  })

  it('is retried three times by default, 1 s and 2 s later, and then its own error goes on', async () => {
    const run = await Run.start(greet, { name: 'Ada' })
    const error = { type: 'Unreachable', message: 'no route' }
    await run.answer('greet', { throws: error })
    assert.equal(run.pending('greet').retryAt, t0 + 1_000)
    await run.advance(1_000)
    await run.answer('greet', { throws: error })
    assert.equal(run.pending('greet').retryAt, t0 + 3_000)
    await run.advance(2_000)
    await run.answer('greet', { throws: error })
    assert.deepEqual(run.error(), {
      ...error,
      details: null,
      retryable: true,
      step: 'greet',
      path: 'greet',
      attempt: 3,
      cause: null,
    })
    const retries = run.events.map((event) =>
      event.type === 'ActivityTaskFailed' ? event.willRetryAt : undefined,
    )
    assert.deepEqual(
      retries.filter((at) => at !== undefined),
      [t0 + 1_000, t0 + 3_000],
    )
  })

  it('is not retried after an error that is not retryable, or whose type is listed, or with retry: false', async () => {
    const once = await Run.start(greet, { name: 'Ada' })
    await once.answer('greet', { throws: { type: 'Bad', message: 'no', retryable: false } })
    assert.equal(once.error().attempt, 1)
    const listed = await Run.start(
      doc('steps: [{ id: a, activity: x, retry: { nonRetryableErrorTypes: [Declined] } }]'),
    )
    await listed.answer('a', { throws: { type: 'Declined', message: 'no' } })
    assert.equal(listed.error().type, 'Declined')
    const never = await Run.start(doc('steps: [{ id: a, activity: x, retry: false }]'))
    await never.answer('a', { throws: { type: 'Any', message: 'no' } })
    assert.equal(never.error().attempt, 1)
  })

  it('lets a delay that the error names win over the policy', async () => {
    const run = await Run.start(greet, { name: 'Ada' })
    await run.answer('greet', { throws: { type: 'Busy', message: 'later' }, retryAfterMs: 42_000 })
    assert.equal(run.pending('greet').retryAt, t0 + 42_000)
  })

  it('waits until the last instant at most, whatever delay the error names', async () => {
    const run = await Run.start(
      doc(
        'steps: [{ id: a, activity: x, scheduleToStartTimeout: 104249991d, scheduleToCloseTimeout: 104249991d }]',
      ),
    )
    await run.answer('a', { throws: { type: 'Busy', message: 'later' }, retryAfterMs: 1e300 })
    const { retryAt, scheduleToStartAt, scheduleToCloseAt } = run.pending('a')
    assert.deepEqual(
      [retryAt, scheduleToStartAt, scheduleToCloseAt],
      [latestInstant, latestInstant, latestInstant],
    )
  })

  it('takes settings key by key from the step, the defaults, the activity and the engine', async () => {
    const yaml = doc(`
defaults:
  activity: { startToCloseTimeout: 30s, retry: { maximumAttempts: 7, initialInterval: 5s } }
steps:
  - { id: a, activity: x, heartbeatTimeout: 9s, retry: { maximumAttempts: 2 } }
`)
    const run = await Run.start(
      yaml,
      {},
      {
        activities: {
          x: {
            heartbeatTimeoutMs: 1,
            scheduleToStartTimeoutMs: 77,
            retry: { backoffCoefficient: 3, maximumAttempts: 9 },
          },
        },
      },
    )
    const pending = run.pending('a')
    assert.equal(pending.startToCloseTimeoutMs, 30_000)
    assert.equal(pending.heartbeatTimeoutMs, 9_000)
    assert.equal(pending.scheduleToStartAt, t0 + 77)
    assert.deepEqual(pending.retry, { backoffCoefficient: 3, maximumAttempts: 2, initialIntervalMs: 5_000 })
  })

  it('has 60 s from start to close when nobody says otherwise', async () => {
    const run = await Run.start(greet, { name: 'Ada' })
    assert.equal(run.pending('greet').startToCloseTimeoutMs, 60_000)
  })

  it('retries after StartToClose and Heartbeat', async () => {
    for (const kind of ['StartToClose', 'Heartbeat'] as const) {
      const run = await Run.start(greet, { name: 'Ada' })
      await run.answer('greet', { timesOut: kind })
      assert.equal(run.pending('greet').attempt, 2)
      await run.advance(1_000)
      await run.answer('greet', { timesOut: kind })
      await run.advance(2_000)
      await run.answer('greet', { timesOut: kind })
      assert.equal(run.error().type, 'Timeout')
      assert.deepEqual(run.error().details, { kind })
    }
  })

  it('ends at scheduleToStartTimeout when no worker takes it', async () => {
    const run = await Run.start(doc('steps: [{ id: a, activity: x, scheduleToStartTimeout: 10s }]'))
    await run.feed({
      type: 'ActivityTaskTimedOut',
      timestamp: t0 + 10_000,
      activityId: run.pending('a').id,
      attempt: 1,
      kind: 'ScheduleToStart',
    })
    assert.deepEqual(run.error().details, { kind: 'ScheduleToStart' })
    assert.equal(run.pending.length, 1)
  })

  it('ends at scheduleToCloseTimeout, over all attempts, with the last error as cause', async () => {
    const run = await Run.start(
      doc('steps: [{ id: a, activity: x, scheduleToCloseTimeout: 2500ms, retry: { maximumAttempts: 0 } }]'),
    )
    await run.answer('a', { throws: { type: 'Down', message: 'down' } })
    await run.advance(1_000)
    // The next attempt could only start at 3 s, after the deadline: the step ends now.
    await run.answer('a', { throws: { type: 'Down', message: 'still down' } })
    assert.deepEqual(run.error().details, { kind: 'ScheduleToClose' })
    assert.equal(run.error().cause?.message, 'still down')
    assert.equal(run.now, t0 + 1_000)
  })

  it('ends at scheduleToCloseTimeout while an attempt runs', async () => {
    const run = await Run.start(doc('steps: [{ id: a, activity: x, scheduleToCloseTimeout: 5s }]'))
    await run.advance(5_000)
    assert.deepEqual(run.error().details, { kind: 'ScheduleToClose' })
  })

  it('ignores an outcome of an attempt that is over (I4)', async () => {
    const run = await Run.start(greet, { name: 'Ada' })
    const { id: activityId } = run.pending('greet')
    await run.answer('greet', { throws: { type: 'Down', message: 'down' } })
    const before = run.events.length
    await run.feed({
      type: 'ActivityTaskCompleted',
      timestamp: run.now,
      activityId,
      attempt: 1,
      result: 'late',
    })
    assert.equal(run.events.length, before)
    await run.advance(1_000)
    await run.answer('greet', { returns: 'ok' })
    assert.equal(run.types.filter((type) => type === 'ActivityTaskCompleted').length, 1)
  })

  it('without input is given null, and its queue and timeouts may be templates', async () => {
    const yaml = doc(`
vars: { queue: warehouse, patience: 90s }
steps:
  - { id: a, activity: x, taskQueue: "\${ vars.queue }", startToCloseTimeout: "\${ vars.patience }" }
`)
    const run = await Run.start(yaml)
    assert.equal(run.pending('a').input, null)
    assert.equal(run.pending('a').taskQueue, 'warehouse')
    assert.equal(run.pending('a').startToCloseTimeoutMs, 90_000)
  })

  it('says its priority in history, which a template may give', async () => {
    const yaml = doc(`
input: { type: object }
steps:
  - { id: a, activity: x, priority: 5 }
  - { id: b, activity: x, priority: "\${ input.urgent ? 10 : 0.5 }" }
  - { id: c, activity: x, priority: "\${ input.who }" }
`)
    const run = await Run.start(yaml, { urgent: true, who: 'me' })
    assert.equal(run.pending('a').priority, 5)
    await run.answer('a', { returns: 1 })
    await run.answer('b', { returns: 1 })
    const told = run.events.flatMap((event) => (event.type === 'ActivityTaskScheduled' ? event.priority : []))
    assert.deepEqual(told, [5, 10])
    assert.deepEqual([run.error().type, run.error().step], ['ExpressionError', 'c'])
  })

  it('fails the step when its input gives nothing', async () => {
    const run = await Run.start(doc('steps: [{ id: a, activity: x, input: "${ input.missing }" }]'))
    assert.equal(run.error().type, 'ExpressionUndefined')
    assert.equal(run.error().step, 'a')
    assert.ok(!run.types.includes('ActivityTaskScheduled'))
  })
})
