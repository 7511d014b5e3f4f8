import assert from 'node:assert/strict'
import { nextWakeAt, outstandingActivities } from '../../interpreter/due.ts'
import type { InputEvent } from '../../interpreter/events.ts'
import { reduce } from '../../interpreter/reduce.ts'
import { doc, programOf, Run, startOf, t0 } from './harness.ts'

const two = doc(`
vars: { seen: 0 }
signals:
  go: {}
  note: { do: [ { set: { seen: "\${ vars.seen + 1 }" } } ] }
queries:
  seen: \${ vars.seen }
steps:
  - { id: a, activity: a }
  - { id: b, activity: b, input: "\${ steps.a }" }
  - { id: wait, wait: { signal: go } }
  - return: \${ steps.b }
`)

describe('pause and resume', () => {
  it('records results, and lets them take effect on resume', async () => {
    const run = await Run.start(two)
    await run.pause('maintenance')
    await run.answer('a', { returns: 1 })
    assert.deepEqual(run.waitingSteps(), [])
    assert.equal(run.types.at(-1), 'ActivityTaskCompleted')
    await run.resume()
    assert.equal(run.pending('b').input, 1)
    assert.equal(
      run.types.filter(
        (type) => type.startsWith('WorkflowExecutionP') || type.startsWith('WorkflowExecutionR'),
      ).length,
      2,
    )
  })

  it('twice is once, and a resume of a run that goes on leaves no trace', async () => {
    const run = await Run.start(two)
    const before = run.events.length
    await run.resume()
    assert.equal(run.events.length, before)
    await run.pause()
    await run.pause()
    assert.equal(run.events.length, before + 1)
  })

  it('queues signals of both kinds, in their order', async () => {
    const run = await Run.start(two)
    await run.pause()
    await run.signal('note')
    await run.signal('go', { n: 1 })
    await run.signal('note')
    assert.equal(run.state.vars['seen'], 0)
    await run.resume()
    assert.equal(run.state.vars['seen'], 2)
    await run.answer('a', { returns: null })
    await run.answer('b', { returns: 'done' })
    assert.equal(run.result(), 'done')
  })

  it('starts no attempt: neither a retry whose pause is over, nor one that nobody dispatched', async () => {
    const run = await Run.start(two)
    await run.answer('a', { throws: { type: 'Flaky', message: 'no' } })
    await run.pause()
    assert.deepEqual(outstandingActivities(run.state, run.now + 60_000, run.attempts), [])
    assert.equal(nextWakeAt(run.state, run.attempts), null)
    await run.resume()
    assert.equal(nextWakeAt(run.state, run.attempts), t0 + 1_000)
    assert.deepEqual(outstandingActivities(run.state, run.now + 60_000, run.attempts), [run.pending('a').id])
  })

  it('an attempt that had begun begins again where its process has died', async () => {
    const run = await Run.start(two)
    await run.pause()
    assert.deepEqual(outstandingActivities(run.state, run.now, run.attempts), [run.pending('a').id])
    assert.equal(nextWakeAt(run.state, run.attempts), run.now)
  })

  it('fires timers when their time comes, and acts on them in order on resume', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: race
    try: [ { id: slow, activity: a, timeout: 10s, startToCloseTimeout: 1h } ]
    catch: [ { errors: [Timeout], do: [ { id: late, activity: late } ] } ]
  - return: \${ steps.race }
`),
    )
    await run.pause()
    await run.advance(10_000)
    assert.equal(run.types.at(-1), 'TimerFired')
    // It came behind the deadline, though nothing has acted on either.
    await run.answer('slow', { returns: 'too late' })
    await run.resume()
    assert.deepEqual(run.waitingSteps(), ['late'])
    const inTime = await Run.start(
      doc(`
steps: [ { id: slow, activity: a, timeout: 10s, startToCloseTimeout: 1h }, { return: "\${ steps.slow }" } ]
`),
    )
    await inTime.pause()
    await inTime.answer('slow', { returns: 'in time' })
    await inTime.advance(10_000)
    await inTime.resume()
    assert.equal(inTime.result(), 'in time')
  })

  it('a cancel ends the pause at once', async () => {
    const run = await Run.start(two)
    await run.pause()
    await run.answer('a', { returns: 1 })
    await run.cancel('stop')
    assert.equal(run.outcome?.kind, 'canceled')
    assert.equal(run.state.paused, null)
  })

  it('the timeout of the execution still runs, and ends the pause', async () => {
    const run = await Run.start(
      doc(`timeout: 1h\nsteps: [ { id: a, activity: a, startToCloseTimeout: 2h } ]`),
    )
    await run.pause()
    await run.advance(3_600_000)
    assert.equal(run.outcome?.kind, 'timedOut')
  })

  it('a run whose steps have all ended stays open until it is resumed', async () => {
    const run = await Run.start(
      doc(`signals: { note: { do: [ { id: h, activity: h } ] } }\nsteps: [ { wait: 1s } ]`),
    )
    await run.signal('note')
    await run.advance(1_000)
    await run.pause()
    await run.answer('h', { returns: null })
    assert.equal(run.isOpen, true)
    await run.resume()
    assert.equal(run.result(), null)
  })
})

describe('a turn that is cut', () => {
  const spin = doc(`
vars: { n: 0, stopped: false }
signals: { stop: { do: [ { set: { stopped: true } } ] } }
steps:
  - { id: spin, while: $not(vars.stopped), do: [ { set: { n: "\${ vars.n + 1 }" } } ] }
  - return: \${ vars.n > 0 }
`)
  const program = programOf(spin)
  const started = { ...startOf(program), timestamp: t0 }
  const goOn = { type: 'WorkflowTaskContinued', timestamp: t0 } as const

  async function cut(...behind: InputEvent[]) {
    const first = await reduce(program, null, [started])
    assert.equal(first.continues, true)
    return reduce(program, first.state, [goOn, ...behind])
  }

  it('takes the other inputs all the same: a signal ends a loop that never waits', async () => {
    const signal = { type: 'WorkflowSignalReceived', timestamp: t0, signal: 'stop', input: null } as const
    const before = await cut(signal)
    assert.equal(before.taken, 2)
    const { state } = await reduce(program, before.state, [goOn])
    assert.deepEqual(state.phase.kind === 'closed' && state.phase.outcome, {
      kind: 'completed',
      result: true,
    })
  })

  it('can be canceled and terminated', async () => {
    const canceled = await cut({ type: 'WorkflowExecutionCancelRequested', timestamp: t0, reason: null })
    assert.equal(canceled.state.phase.kind === 'closed' && canceled.state.phase.outcome.kind, 'canceled')
    const ended = await cut({ type: 'WorkflowExecutionTerminated', timestamp: t0, reason: null })
    assert.equal(ended.state.phase.kind === 'closed' && ended.state.phase.outcome.kind, 'terminated')
  })

  it('stands still while it is paused, and goes on where it stood', async () => {
    const paused = await cut({ type: 'WorkflowExecutionPaused', timestamp: t0, reason: null })
    assert.equal(paused.continues, false)
    const { n } = paused.state.vars
    const more = await reduce(program, paused.state, [goOn])
    assert.deepEqual([more.events.length, more.state.vars['n']], [0, n])
    const on = await reduce(program, more.state, [
      { type: 'WorkflowExecutionResumed', timestamp: t0, reason: null },
    ])
    assert.equal(on.continues, true)
    assert.ok(Number(on.state.vars['n']) > Number(n))
  })
})
