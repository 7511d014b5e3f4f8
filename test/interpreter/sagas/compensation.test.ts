import assert from 'node:assert/strict'
import { doc, Run } from '../harness.ts'

const broken = { throws: { type: 'Broken', message: 'no', retryable: false } }

function undone(run: Run): string[] {
  return run.events.flatMap((event) => (event.type === 'CompensationScheduled' ? [event.path] : []))
}

const trip = doc(`
vars: { rate: 1 }
steps:
  - { id: car, activity: book, compensate: { activity: undo.car, input: { id: "\${ steps.car.id }", rate: "\${ vars.rate }" } } }
  - set: { rate: 2 }
  - { id: hotel, activity: book, compensate: [ { id: ask, activity: undo.ask }, { activity: undo.hotel, input: "\${ steps.ask }" } ] }
  - { id: flight, activity: book, retry: false }
`)

describe('compensation', () => {
  it('runs in reverse order of completion, with the values of the moment when the step finished (I9)', async () => {
    const run = await Run.start(trip)
    await run.answer('car', { returns: { id: 'c1' } })
    await run.answer('hotel', { returns: { id: 'h1' } })
    await run.answer('flight', broken)
    assert.deepEqual(run.waitingSteps(), ['ask'])
    assert.equal(run.pending('ask').compensationOf, 'hotel')
    await run.answer('ask', { returns: 'why' })
    const hotel = Object.values(run.state.activitiesPending)[0]
    assert.deepEqual([hotel?.activity, hotel?.input], ['undo.hotel', 'why'])
    await run.answer(hotel?.step ?? '', { returns: null })
    const car = Object.values(run.state.activitiesPending)[0]
    assert.deepEqual([car?.activity, car?.input], ['undo.car', { id: 'c1', rate: 1 }])
    await run.answer(car?.step ?? '', { returns: null })
    assert.equal(run.error().type, 'Broken')
    assert.deepEqual(undone(run), ['hotel', 'car'])
  })

  it('one that fails for good is recorded, the others still run, and the run fails with CompensationFailed', async () => {
    const run = await Run.start(trip)
    await run.answer('car', { returns: { id: 'c1' } })
    await run.answer('hotel', { returns: { id: 'h1' } })
    await run.answer('flight', broken)
    await run.answer('ask', { throws: { type: 'Down', message: 'down', retryable: false } })
    await run.answer(run.waitingSteps()[0] ?? '', { returns: null })
    const error = run.error()
    assert.equal(run.outcome?.kind, 'failed')
    assert.equal(error.type, 'CompensationFailed')
    assert.equal(error.cause?.type, 'Broken')
    const details = error.details as { step: string; error: { type: string } }[]
    assert.deepEqual(
      details.map(({ step, error: why }) => [step, why.type]),
      [['hotel', 'Down']],
    )
  })

  it('sees what it sets itself, also in its iterations, and not what the run set meanwhile', async () => {
    const run = await Run.start(
      doc(`
vars: { seen: [] }
steps:
  - id: a
    activity: x
    compensate:
      - { id: l, forEach: '[1, 2]', concurrency: 2, do: [ { set: { seen: "\${ $append(vars.seen, [item]) }" } } ] }
      - { id: told, activity: tell, input: "\${ vars.seen }" }
  - set: { seen: [9] }
  - fail: { type: Broken }
`),
    )
    await run.answer('a', { returns: null })
    assert.deepEqual(run.pending('told').input, [1, 2])
  })
  it('is tried again by its own retry policy', async () => {
    const run = await Run.start(trip)
    await run.answer('car', { returns: { id: 'c1' } })
    await run.answer('hotel', broken)
    const step = run.waitingSteps()[0] ?? ''
    await run.answer(step, { throws: { type: 'Down', message: 'down' } })
    await run.advance(1_000)
    await run.answer(step, { returns: null })
    assert.equal(run.error().type, 'Broken')
    assert.deepEqual(undone(run), ['car'])
  })

  it('a cancellation undoes, and one during the undoing is ignored', async () => {
    const run = await Run.start(trip)
    await run.answer('car', { returns: { id: 'c1' } })
    await run.cancel('no')
    // `hotel` has a compensation, so its cancellation waits for its outcome.
    await run.stopped('hotel')
    await run.cancel('again')
    await run.answer(run.waitingSteps()[0] ?? '', { returns: null })
    assert.equal(run.outcome?.kind, 'canceled')
    assert.deepEqual(undone(run), ['car'])
  })

  it('a step that finishes in spite of a cancellation is undone too', async () => {
    const run = await Run.start(trip)
    await run.answer('car', { returns: { id: 'c1' } })
    await run.cancel('no')
    await run.answer('hotel', { returns: { id: 'h1' } })
    await run.answer('ask', { returns: 1 })
    await run.answer(run.waitingSteps()[0] ?? '', { returns: null })
    await run.answer(run.waitingSteps()[0] ?? '', { returns: null })
    assert.equal(run.outcome?.kind, 'canceled')
    assert.deepEqual(undone(run), ['hotel', 'car'])
  })

  it('a late success under a timeout is undone, and Timeout is raised once the activity has stopped', async () => {
    const run = await Run.start(
      doc(
        'steps: [ { id: a, activity: x, timeout: 5s, startToCloseTimeout: 1h, compensate: { activity: undo } } ]',
      ),
    )
    await run.advance(5_000)
    assert.ok(run.isOpen)
    await run.answer('a', { returns: 1 })
    await run.answer(run.waitingSteps()[0] ?? '', { returns: null })
    assert.equal(run.error().type, 'Timeout')
    assert.deepEqual(undone(run), ['a'])
  })

  it('return drops the stack', async () => {
    const run = await Run.start(
      doc('steps: [ { id: a, activity: x, compensate: { activity: undo } }, { return: ok } ]'),
    )
    await run.answer('a', { returns: 1 })
    assert.equal(run.result(), 'ok')
    assert.deepEqual(undone(run), [])
  })

  it('try undoes nothing by itself', async () => {
    const run = await Run.start(
      doc(`
steps:
  - try: [ { id: a, activity: x, compensate: { activity: undo } }, { fail: { type: No } } ]
    catch: [ { do: [ { id: h, activity: y } ] } ]
  - return: ok
`),
    )
    await run.answer('a', { returns: 1 })
    await run.answer('h', { returns: 1 })
    assert.equal(run.result(), 'ok')
    assert.deepEqual(undone(run), [])
  })

  it('those of iterations name their own item', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: all
    forEach: input.items
    do: [ { id: a, activity: x, compensate: { activity: undo, input: "\${ item & steps.a }" } } ]
  - fail: { type: No }
`),
      { items: ['p', 'q'] },
    )
    await run.answer('a', { returns: '1' })
    await run.answer('a', { returns: '2' })
    assert.equal(Object.values(run.state.activitiesPending)[0]?.input, 'q2')
    await run.answer(run.waitingSteps()[0] ?? '', { returns: null })
    assert.equal(Object.values(run.state.activitiesPending)[0]?.input, 'p1')
    await run.answer(run.waitingSteps()[0] ?? '', { returns: null })
    assert.deepEqual(undone(run), ['all[1].a', 'all[0].a'])
  })
})

describe('timeout of the execution', () => {
  it('cancels inside, undoes, and closes as timedOut whatever the catches do', async () => {
    const run = await Run.start(
      doc(`
timeout: 1h
steps:
  - { id: a, activity: x, compensate: { activity: undo } }
  - try: [ { id: b, activity: x, startToCloseTimeout: 2h } ]
    catch: [ { errors: [Canceled], do: [ { return: swallowed } ] } ]
`),
    )
    await run.answer('a', { returns: 1 })
    await run.advance(3_600_000)
    await run.answer(run.waitingSteps()[0] ?? '', { returns: null })
    assert.equal(run.outcome?.kind, 'timedOut')
    assert.deepEqual(run.error().details, { kind: 'Execution' })
    assert.deepEqual(undone(run), ['a'])
    assert.equal(run.types.at(-1), 'WorkflowExecutionTimedOut')
  })

  it('has CompensationFailed as cause where something could not be undone', async () => {
    const run = await Run.start(
      doc(
        'timeout: 1h\nsteps: [ { id: a, activity: x, compensate: { activity: undo } }, { id: b, activity: x, startToCloseTimeout: 2h } ]',
      ),
    )
    await run.answer('a', { returns: 1 })
    await run.advance(3_600_000)
    await run.answer(run.waitingSteps()[0] ?? '', broken)
    assert.equal(run.outcome?.kind, 'timedOut')
    assert.equal(run.error().cause?.type, 'CompensationFailed')
  })

  it('is shortened, not lengthened, by the start', async () => {
    const yaml = doc('timeout: 1h\nsteps: [ { id: a, activity: x, startToCloseTimeout: 9h } ]')
    const shorter = await Run.start(yaml, {}, { timeoutMs: 60_000 })
    await shorter.advance(60_000)
    assert.equal(shorter.outcome?.kind, 'timedOut')
    const longer = await Run.start(yaml, {}, { timeoutMs: 7_200_000 })
    await longer.advance(3_600_000)
    assert.equal(longer.outcome?.kind, 'timedOut')
  })
})

describe('output', () => {
  const yaml = doc(`
output: { type: object, required: [id], properties: { id: { type: string } } }
steps: [ { id: a, activity: x, compensate: { activity: undo } }, { return: "\${ steps.a }" } ]
`)

  it('lets a result through that it allows, as it is', async () => {
    const run = await Run.start(yaml)
    await run.answer('a', { returns: { id: 'p', more: 1 } })
    assert.deepEqual(run.result(), { id: 'p', more: 1 })
  })

  it('fails the run with OutputInvalid otherwise, and what was done is undone', async () => {
    const run = await Run.start(yaml)
    await run.answer('a', { returns: { id: 5 } })
    await run.answer(run.waitingSteps()[0] ?? '', { returns: null })
    assert.equal(run.error().type, 'OutputInvalid')
    assert.match(run.error().message, /\/id/)
    assert.deepEqual(undone(run), ['a'])
  })
})
