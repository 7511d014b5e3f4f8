/** Sagas of a group: undone in reverse, in rounds, at once, with a pause where something cannot be undone. */
import assert from 'node:assert/strict'
import { doc, Run } from '../harness.ts'

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
