import assert from 'node:assert/strict'
import { doc, Run, t0 } from '../harness.ts'

const broken = { throws: { type: 'Broken', message: 'no', retryable: false } }
const flaky = { throws: { type: 'Flaky', message: 'not now' } }

function undone(run: Run): string[] {
  return run.events.flatMap((event) => (event.type === 'CompensationScheduled' ? [event.path] : []))
}

/** Ends the activities that wait, whatever they are, in order. */
async function answerAll(run: Run): Promise<void> {
  for (let [step] = run.waitingSteps(); step !== undefined; [step] = run.waitingSteps()) {
    await run.answer(step, { returns: null })
  }
}

describe('do with retry', () => {
  const retried = doc(`
vars: { rounds: 0 }
steps:
  - id: group
    retry: { initialInterval: 10s, maximumAttempts: 3 }
    do:
      - set: { rounds: "\${ vars.rounds + 1 }" }
      - { id: first, if: vars.rounds = 1, activity: a }
      - { id: second, activity: b, retry: false }
  - return: { rounds: "\${ vars.rounds }", first: "\${ steps.first ?? 'none' }", second: "\${ steps.second }" }
`)

  it('runs again from its first step after the pause, and what the round before gave is gone', async () => {
    const run = await Run.start(retried)
    await run.answer('first', { returns: 'one' })
    await run.answer('second', flaky)
    assert.deepEqual(run.waitingSteps(), [])
    const timer = Object.values(run.state.timers)[0]
    assert.deepEqual([timer?.purpose, timer?.step], ['retry', 'group'])
    await run.advance(9_999)
    assert.deepEqual(run.waitingSteps(), [])
    await run.advance(1)
    await run.answer('second', { returns: 'two' })
    assert.deepEqual(run.result(), { rounds: 2, first: 'none', second: 'two' })
  })

  it('gives up after maximumAttempts with the last error', async () => {
    const run = await Run.start(retried)
    await run.answer('first', { returns: 'one' })
    for (const pause of [10_000, 20_000]) {
      await run.answer('second', flaky)
      await run.advance(pause)
    }
    await run.answer('second', { throws: { type: 'Flaky', message: 'the last' } })
    assert.equal(run.error().message, 'the last')
  })

  it('does not retry what is not retryable, a cancellation or its own timeout', async () => {
    const once = await Run.start(retried)
    await once.answer('first', { returns: 1 })
    await once.answer('second', broken)
    assert.equal(once.error().type, 'Broken')

    const canceled = await Run.start(retried)
    await canceled.answer('first', { returns: 1 })
    await canceled.answer('second', flaky)
    await canceled.cancel()
    assert.equal(canceled.outcome?.kind, 'canceled')
    assert.deepEqual(Object.keys(canceled.state.timers), [])

    const late = await Run.start(
      doc(`
steps:
  - { id: group, timeout: 15s, retry: { initialInterval: 10s, maximumAttempts: 0 }, do: [ { id: a, activity: a, retry: false } ] }
`),
    )
    await late.answer('a', flaky)
    await late.advance(10_000)
    await late.answer('a', flaky)
    await late.advance(5_000)
    assert.deepEqual([late.error().type, late.error().step], ['Timeout', 'group'])
    assert.equal(late.now - t0, 15_000)
  })

  it('counts failures by entry of `on`, each with its own policy', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: group
    retry: { initialInterval: 1s, maximumAttempts: 2, on: [ { errors: [Flaky*], initialInterval: 5s, maximumAttempts: 3 } ] }
    do: [ { id: a, activity: a, retry: false } ]
`),
    )
    await run.answer('a', { throws: { type: 'FlakyNetwork', message: '1' } })
    await run.advance(5_000)
    await run.answer('a', { throws: { type: 'Other', message: 'o1' } })
    await run.advance(1_000)
    await run.answer('a', { throws: { type: 'FlakyDisk', message: '2' } })
    await run.advance(10_000)
    await run.answer('a', { throws: { type: 'Other', message: 'o2' } })
    assert.equal(run.error().message, 'o2')
  })

  it('retries its `else` where that is what ran', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: group
    if: input.yes = true
    retry: { initialInterval: 1s }
    do: [ { id: a, activity: a, retry: false } ]
    else: [ { id: b, activity: b, retry: false } ]
  - return: \${ steps.group }
`),
      { yes: false },
    )
    await run.answer('b', flaky)
    await run.advance(1_000)
    await run.answer('b', { returns: 'else' })
    assert.equal(run.result(), 'else')
  })
})

describe('do with saga', () => {
  const nested = doc(`
steps:
  - { id: outer, activity: a, compensate: { activity: undo.outer } }
  - try:
      - id: trip
        saga: true
        do:
          - { id: car, activity: book, compensate: { activity: undo.car } }
          - { id: hotel, activity: book, compensate: { activity: undo.hotel } }
          - { id: flight, activity: book, retry: false }
    catch:
      - do: [ { id: caught, activity: note, input: "\${ error.type }" } ]
  - { id: last, activity: end, retry: false }
`)

  it('undoes its own stack before the error leaves it, and nothing else', async () => {
    const run = await Run.start(nested)
    for (const step of ['outer', 'car', 'hotel']) await run.answer(step, { returns: null })
    await run.answer('flight', broken)
    assert.equal(Object.values(run.state.activitiesPending)[0]?.activity, 'undo.hotel')
    await run.answer(run.waitingSteps()[0] ?? '', { returns: null })
    assert.equal(Object.values(run.state.activitiesPending)[0]?.activity, 'undo.car')
    await run.answer(run.waitingSteps()[0] ?? '', { returns: null })
    assert.equal(run.pending('caught').input, 'Broken')
    await run.answer('caught', { returns: null })
    await run.answer('last', { returns: null })
    assert.equal(run.result(), null)
    assert.deepEqual(undone(run), ['hotel', 'car'])
  })

  it('hands its stack on when it succeeds, in the order of completion', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: both
    parallel:
      left: [ { id: slow, activity: a, compensate: { activity: undo.slow } } ]
      right:
        - id: group
          saga: true
          do:
            - { id: one, activity: a, compensate: { activity: undo.one } }
            - { id: two, activity: a, compensate: { activity: undo.two } }
  - { id: last, activity: end, retry: false }
`),
    )
    await run.answer('one', { returns: null })
    await run.answer('slow', { returns: null })
    await run.answer('two', { returns: null })
    await run.answer('last', broken)
    await answerAll(run)
    assert.deepEqual(undone(run), ['both.right.two', 'both.left.slow', 'both.right.one'])
    assert.equal(run.error().type, 'Broken')
  })

  it('is undone between the rounds of a retry', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: group
    saga: true
    retry: { initialInterval: 1s, maximumAttempts: 2 }
    do:
      - { id: one, activity: a, compensate: { activity: undo.one } }
      - { id: two, activity: b, retry: false }
`),
    )
    await run.answer('one', { returns: 1 })
    await run.answer('two', flaky)
    assert.deepEqual(undone(run), ['one'])
    await answerAll(run)
    assert.equal(Object.values(run.state.timers)[0]?.purpose, 'retry')
    await run.advance(1_000)
    await run.answer('one', { returns: 1 })
    await run.answer('two', { returns: 2 })
    assert.equal(run.result(), null)
    assert.deepEqual(undone(run), ['one'])
  })

  it('fails with CompensationFailed where something could not be undone; it is not retried', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: group
    saga: true
    retry: { initialInterval: 1s }
    do:
      - { id: one, activity: a, compensate: { activity: undo.one, retry: false } }
      - { id: two, activity: b, retry: false }
`),
    )
    await run.answer('one', { returns: 1 })
    await run.answer('two', flaky)
    await run.answer(run.waitingSteps()[0] ?? '', broken)
    const error = run.error()
    assert.deepEqual([error.type, error.cause?.type, error.step], ['CompensationFailed', 'Flaky', 'group'])
    const details = error.details as { step: string }[]
    assert.deepEqual(
      details.map(({ step }) => step),
      ['one'],
    )
  })

  it('is shielded from a cancellation of the run while it is undone; the run is canceled afterwards', async () => {
    const run = await Run.start(nested)
    for (const step of ['outer', 'car', 'hotel']) await run.answer(step, { returns: null })
    await run.answer('flight', broken)
    await run.cancel('enough')
    assert.equal(Object.values(run.state.activitiesPending)[0]?.activity, 'undo.hotel')
    await answerAll(run)
    assert.equal(run.outcome?.kind, 'canceled')
    assert.deepEqual(undone(run), ['hotel', 'car', 'outer'])
  })

  it('its compensation is outside of its own timeout', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: group
    saga: true
    timeout: 10s
    do:
      - { id: one, activity: a, compensate: { activity: undo.one } }
      - { id: two, activity: b, retry: false, startToCloseTimeout: 1h }
`),
    )
    await run.answer('one', { returns: 1 })
    await run.advance(10_000)
    assert.deepEqual(undone(run), ['one'])
    await run.advance(60_000)
    await answerAll(run)
    assert.deepEqual([run.error().type, run.error().step], ['Timeout', 'group'])
  })

  it('runs its stack at once with order: parallel', async () => {
    const run = await Run.start(
      doc(`
saga: { order: parallel }
steps:
  - { id: one, activity: a, compensate: { activity: undo.one } }
  - { id: two, activity: a, compensate: { activity: undo.two } }
  - { id: last, activity: end, retry: false }
`),
    )
    await run.answer('one', { returns: 1 })
    await run.answer('two', { returns: 1 })
    await run.answer('last', broken)
    const activities = Object.values(run.state.activitiesPending).map(({ activity }) => activity)
    assert.deepEqual(activities, ['undo.two', 'undo.one'])
    await answerAll(run)
    assert.equal(run.error().type, 'Broken')
  })
})

describe('saga with onFailure: pause', () => {
  const paused = doc(`
saga: { onFailure: pause }
steps:
  - { id: one, activity: a, compensate: { activity: undo.one, retry: false } }
  - { id: two, activity: a, compensate: { activity: undo.two, retry: false } }
  - { id: last, activity: end, retry: false }
`)

  async function stuck(): Promise<Run> {
    const run = await Run.start(paused)
    await run.answer('one', { returns: 1 })
    await run.answer('two', { returns: 1 })
    await run.answer('last', broken)
    await run.answer(run.waitingSteps()[0] ?? '', broken)
    assert.equal(run.state.paused, null)
    await run.advance(0)
    return run
  }

  it('pauses the run at what it cannot undo, and names the step', async () => {
    const run = await stuck()
    assert.deepEqual(run.state.paused?.stuck, { step: 'two', path: 'two' })
    const event = run.events.at(-1)
    assert.equal(event?.type === 'WorkflowExecutionPaused' && event.step, 'two')
    await run.advance(3_600_000)
    assert.equal(run.isOpen, true)
  })

  it('is tried again on resume', async () => {
    const run = await stuck()
    await run.resume()
    assert.equal(run.state.paused, null)
    await answerAll(run)
    assert.equal(run.error().type, 'Broken')
    assert.deepEqual(undone(run), ['two', 'two', 'one'])
  })

  it('skips it on resume with skip: it is told as not undone, the others still run', async () => {
    const run = await stuck()
    await run.resume({ skip: true })
    await answerAll(run)
    const error = run.error()
    assert.deepEqual([error.type, error.cause?.type], ['CompensationFailed', 'Broken'])
    const details = error.details as { step: string; skipped?: boolean }[]
    assert.deepEqual(
      details.map(({ step, skipped }) => [step, skipped]),
      [['two', true]],
    )
    assert.deepEqual(undone(run), ['two', 'one'])
  })

  it('skips what the operator saw, not what got stuck during the pause', async () => {
    const run = await Run.start(
      doc(`
saga: { order: parallel, onFailure: pause }
steps:
  - { id: a, activity: x, compensate: { id: undoA, activity: x, retry: false } }
  - { id: b, activity: x, compensate: { id: undoB, activity: x, retry: false } }
  - fail: { type: Late }
`),
    )
    await run.answer('a', { returns: null })
    await run.answer('b', { returns: null })
    await run.answer('undoA', broken)
    await run.advance(0)
    assert.equal(run.state.paused?.stuck?.step, 'a')
    await run.answer('undoB', broken)
    await run.resume({ skip: true })
    await run.advance(0)
    assert.equal(run.state.paused?.stuck?.step, 'b')
    await run.resume()
    await run.answer('undoB', { returns: null })
    const { type, details } = run.error()
    assert.equal(type, 'CompensationFailed')
    assert.deepEqual(
      (details as { step: string; skipped: boolean }[]).map(({ step, skipped }) => [step, skipped]),
      [['a', true]],
    )
  })

  it('a cancel cannot answer for the operator: the run is paused again', async () => {
    const run = await stuck()
    await run.cancel()
    await run.advance(0)
    assert.deepEqual(run.state.paused?.stuck, { step: 'two', path: 'two' })
  })
})

describe('compensateWhen: attempted', () => {
  const attempted = doc(`
steps:
  - { id: first, activity: a, compensate: { activity: undo.first } }
  - id: charge
    activity: pay
    retry: false
    compensateWhen: attempted
    compensate: { activity: undo.charge, input: "\${ steps.charge.id ?? 'unknown' }" }
  - { id: last, activity: end, retry: false }
`)

  it('records the start of the first attempt before the activity is called, and pushes then', async () => {
    const run = await Run.start(attempted)
    await run.answer('first', { returns: null })
    assert.equal(run.pending('charge').announce, 'due')
    await run.advance(0)
    assert.equal(run.events.at(-1)?.type, 'ActivityTaskStarted')
    assert.deepEqual(
      run.state.compensations.map(({ step }) => step),
      ['first', 'charge'],
    )
    await run.answer('charge', { timesOut: 'StartToClose' })
    assert.equal(run.pending(run.waitingSteps()[0] ?? '').input, 'unknown')
    await answerAll(run)
    assert.deepEqual(undone(run), ['charge', 'first'])
    assert.equal(run.types.filter((type) => type === 'ActivityTaskStarted').length, 4)
  })

  it('pushes nothing where it was asked to stop before it began', async () => {
    const yaml =
      'steps: [ { id: a, activity: a, compensateWhen: attempted, compensate: { activity: undo } } ]'
    const run = await Run.start(doc(yaml))
    await run.cancel()
    await run.advance(1_000)
    assert.ok(!run.types.includes('ActivityTaskStarted'))
    await run.stopped('a')
    assert.deepEqual([run.outcome?.kind, undone(run)], ['canceled', []])
  })

  it('keeps its place, and names the values of the moment when the step finished', async () => {
    const run = await Run.start(attempted)
    await run.answer('first', { returns: null })
    await run.advance(0)
    await run.answer('charge', { returns: { id: 'p-1' } })
    await run.answer('last', broken)
    assert.equal(run.pending(run.waitingSteps()[0] ?? '').input, 'p-1')
    await answerAll(run)
    assert.deepEqual(undone(run), ['charge', 'first'])
  })
})
