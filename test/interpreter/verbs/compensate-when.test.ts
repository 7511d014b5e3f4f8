/** Steps that are undone once they were attempted. Those that start children are in `workflow-ends.test.ts`. */
import assert from 'node:assert/strict'
import { doc, Run } from '../harness.ts'

const broken = { throws: { type: 'Broken', message: 'no', retryable: false } }

function undone(run: Run): string[] {
  return run.events.flatMap((event) => (event.type === 'CompensationScheduled' ? [event.path] : []))
}

/** Ends the activities that wait, whatever they are, in order. */
async function answerAll(run: Run): Promise<void> {
  for (let [step] = run.waitingSteps(); step !== undefined; [step] = run.waitingSteps()) {
    await run.answer(step, { returns: null })
  }
}

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
