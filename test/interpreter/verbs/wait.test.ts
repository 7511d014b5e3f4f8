import assert from 'node:assert/strict'
import { formatInstant } from '../../../interpreter/values/time.ts'
import { doc, Run, t0 } from '../harness.ts'

describe('wait', () => {
  for (const wait of ['30m', '{ for: 30m }', '"${ input.pause }"']) {
    it(`${wait} is a durable timer without a result`, async () => {
      const run = await Run.start(
        doc(`steps: [ { id: w, wait: ${wait} }, { return: "\${ steps.w ?? 'nothing' }" } ]`),
        { pause: '30m' },
      )
      assert.equal(run.events.find((event) => event.type === 'TimerStarted')?.fireAt, t0 + 1_800_000)
      await run.advance(1_799_999)
      assert.ok(run.isOpen)
      await run.advance(1)
      assert.equal(run.result(), 'nothing')
      assert.deepEqual(run.types, [
        'WorkflowExecutionStarted',
        'TimerStarted',
        'TimerFired',
        'WorkflowExecutionCompleted',
      ])
    })
  }

  it('until waits for a time; one that has passed does not wait', async () => {
    const yaml = doc('steps: [ { id: w, wait: { until: "${ input.at }" } }, { return: late } ]')
    const run = await Run.start(yaml, { at: formatInstant(t0 + 5_000) })
    await run.advance(5_000)
    assert.equal(run.result(), 'late')
    assert.equal((await Run.start(yaml, { at: '2001-01-01T00:00:00Z' })).result(), 'late')
  })

  it('a duration that reaches beyond the last instant ends there: every time in a state can be written', async () => {
    const run = await Run.start(doc('steps: [ { id: w, timeout: 104249991d, wait: 100000000d } ]'))
    const timers = Object.values(run.state.timers).map(({ fireAt }) => formatInstant(fireAt))
    assert.deepEqual(timers, ['+275760-09-13T00:00:00.000Z', '+275760-09-13T00:00:00.000Z'])
  })

  it('a duration that is none fails the step with its place', async () => {
    const run = await Run.start(doc('steps: [ { id: w, wait: "${ input.pause }" } ]'), { pause: 30 })
    assert.equal(run.error().type, 'ExpressionError')
    assert.match(run.error().message, /duration/)
  })

  const signal = doc(`
signals: { go: {} }
steps:
  - { id: w, wait: { signal: go } }
  - return: \${ steps.w }
`)

  it('takes the next signal of that name, first in, first out', async () => {
    const run = await Run.start(signal)
    await run.signal('go', { n: 1 })
    assert.deepEqual(run.result(), { n: 1 })
  })

  it('a signal is buffered from the start of the run', async () => {
    const run = await Run.start(
      doc(`
signals: { go: {} }
steps:
  - { id: a, activity: x }
  - { id: first, wait: { signal: go } }
  - { id: second, wait: { signal: go } }
  - return: [ "\${ steps.first }", "\${ steps.second }" ]
`),
    )
    await run.signal('go', 1)
    await run.signal('go', 2)
    await run.answer('a', { returns: null })
    assert.deepEqual(run.result(), [1, 2])
  })

  it('where picks, and leaves the others in the buffer', async () => {
    const run = await Run.start(
      doc(`
signals: { go: {} }
steps:
  - { id: w, wait: { signal: go, where: signal.id = input.id } }
  - { id: rest, wait: { signal: go } }
  - return: [ "\${ steps.w.id }", "\${ steps.rest.id }" ]
`),
      { id: 7 },
    )
    await run.signal('go', { id: 1 })
    await run.signal('go', { id: 7 })
    assert.deepEqual(run.result(), [7, 1])
  })

  it('the longest waiting takes it', async () => {
    const run = await Run.start(
      doc(`
signals: { go: {} }
steps:
  - id: both
    parallel:
      one: [ { id: a, wait: { signal: go } } ]
      two: [ { id: b, wait: { signal: go } } ]
  - return: \${ steps.both }
`),
    )
    await run.signal('go', 'first')
    await run.signal('go', 'second')
    assert.deepEqual(run.result(), { one: 'first', two: 'second' })
  })

  it('atMost gives up quietly, with null', async () => {
    const run = await Run.start(
      doc(
        'signals: { go: {} }\nsteps: [ { id: w, wait: { signal: go, atMost: 1h } }, { return: "${ steps.w }" } ]',
      ),
    )
    await run.advance(3_600_000)
    assert.equal(run.result(), null)
  })

  it('atMost is canceled when the signal comes', async () => {
    const run = await Run.start(
      doc(
        'signals: { go: {} }\nsteps: [ { id: w, wait: { signal: go, atMost: 1h } }, { return: "${ steps.w }" } ]',
      ),
    )
    await run.signal('go', 5)
    assert.equal(run.result(), 5)
    assert.ok(run.types.includes('TimerCanceled'))
  })

  it('timeout on the step raises Timeout', async () => {
    const run = await Run.start(
      doc('signals: { go: {} }\nsteps: [ { id: w, wait: { signal: go }, timeout: 48h } ]'),
    )
    await run.advance(48 * 3_600_000)
    assert.deepEqual(run.error().details, { kind: 'Step' })
    assert.deepEqual(run.state.signalWaits, {})
  })

  it('a condition is tested at the start, and after each event once nothing else can go on', async () => {
    const yaml = doc(`
vars: { n: "\${ input.n }" }
signals: { up: { do: [ { set: { n: "\${ vars.n + 1 }" } } ] } }
steps:
  - { id: w, wait: { condition: vars.n >= 2 } }
  - return: \${ steps.w }
`)
    assert.equal((await Run.start(yaml, { n: 2 })).result(), true)
    const run = await Run.start(yaml, { n: 0 })
    await run.signal('up')
    assert.ok(run.isOpen)
    await run.signal('up')
    assert.equal(run.result(), true)
  })

  it('a condition gives up with false at atMost', async () => {
    const run = await Run.start(
      doc(
        'vars: { n: 0 }\nsteps: [ { id: w, wait: { condition: vars.n > 0, atMost: 1m } }, { return: "${ steps.w }" } ]',
      ),
    )
    await run.advance(60_000)
    assert.equal(run.result(), false)
  })

  it('a condition or where that gives nothing fails its step', async () => {
    const condition = await Run.start(doc('steps: [ { id: w, wait: { condition: input.ready } } ]'))
    assert.equal(condition.error().type, 'ExpressionUndefined')
    const where = await Run.start(
      doc('signals: { go: {} }\nsteps: [ { id: w, wait: { signal: go, where: signal.ok } } ]'),
    )
    await where.signal('go', {})
    assert.equal(where.error().type, 'ExpressionUndefined')
    assert.deepEqual(where.state.buffer, { go: [{}] })
  })
})

describe('signals with do', () => {
  const yaml = doc(`
vars: { seen: [] }
signals:
  note:
    do:
      - { id: check, activity: x, input: "\${ signal }" }
      - set: { seen: "\${ $append(vars.seen, steps.check)[] }" }
steps:
  - { id: a, activity: main }
  - return: \${ vars.seen }
`)

  it('run concurrently with the main steps, for each signal', async () => {
    const run = await Run.start(yaml)
    await run.signal('note', 'one')
    await run.signal('note', 'two')
    assert.deepEqual(run.waitingSteps(), ['a', 'check', 'check'])
    await run.answer('check', { returns: 1 })
    await run.answer('check', { returns: 2 })
    await run.answer('a', { returns: null })
    assert.deepEqual(run.result(), [1, 2])
  })

  it('handlers under way are waited for when the main steps end, and one accepted then still runs', async () => {
    const run = await Run.start(yaml)
    await run.signal('note', 'one')
    await run.answer('a', { returns: null })
    assert.ok(run.isOpen)
    await run.signal('note', 'two')
    await run.answer('check', { returns: 1 })
    assert.ok(run.isOpen)
    await run.answer('check', { returns: 2 })
    assert.deepEqual(run.result(), [])
    assert.deepEqual(run.state.vars['seen'], [1, 2])
  })

  it('one that comes in the same turn as the end still runs, before the closing event', async () => {
    const run = await Run.start(yaml)
    const { id: activityId } = run.pending('a')
    await run.feed(
      { type: 'ActivityTaskCompleted', timestamp: run.now, activityId, attempt: 1, result: null },
      { type: 'WorkflowSignalReceived', timestamp: run.now, signal: 'note', input: 1 },
    )
    assert.ok(run.isOpen)
    await run.answer('check', { returns: 1 })
    assert.equal(run.outcome?.kind, 'completed')
    assert.equal(run.types.at(-1), 'WorkflowExecutionCompleted')
  })

  it('an error in one fails the run, whatever the main steps then do', async () => {
    const run = await Run.start(
      doc(`
signals: { note: { do: [ { fail: { type: Bad, message: bad } } ] } }
steps:
  - { id: a, activity: x, compensate: { activity: undo } }
  - try: [ { id: b, activity: x } ]
    catch: [ { errors: [Canceled], do: [ { return: swallowed } ] } ]
`),
    )
    await run.answer('a', { returns: 1 })
    await run.signal('note')
    await run.answer(run.waitingSteps()[0] ?? '', { returns: null })
    assert.equal(run.outcome?.kind, 'failed')
    assert.equal(run.error().type, 'Bad')
    assert.ok(run.types.includes('CompensationScheduled'))
  })

  it('are canceled first when the run fails', async () => {
    const run = await Run.start(yaml)
    await run.signal('note', 'one')
    await run.answer('a', { throws: { type: 'Broken', message: 'no', retryable: false } })
    assert.equal(run.error().type, 'Broken')
    assert.ok(run.types.includes('ActivityTaskCancelRequested'))
  })

  it('see the finished results of the main steps', async () => {
    const run = await Run.start(
      doc(`
vars: { seen: null }
signals: { note: { do: [ { set: { seen: "\${ steps.a.n }" } } ] } }
steps: [ { id: a, activity: x }, { id: b, activity: y }, { return: "\${ vars.seen }" } ]
`),
    )
    await run.answer('a', { returns: { n: 5 } })
    await run.signal('note')
    await run.answer('b', { returns: null })
    assert.equal(run.result(), 5)
  })
})
