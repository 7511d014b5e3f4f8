/** A start that is delayed: what is taken meanwhile, when it begins, and how it ends before that. */
import assert from 'node:assert/strict'
import { describeState } from '../../interpreter/describe/describe.ts'
import { doc, Run, t0 } from './harness.ts'
import { offer } from './states/state-signals.ts'

const waits = `
timeout: 1h
vars: { n: 1 }
signals:
  go: {}
  note: { do: [ { set: { n: "\${ vars.n + 1 }" } } ] }
steps:
  - id: gate
    wait: { signal: go }
  - return: \${ vars.n }
`
const startDelayMs = 60_000

describe('a delayed start', () => {
  it('begins its steps when the delay has passed; what came before waits for them', async () => {
    const run = await Run.start(doc(waits), {}, { startDelayMs })
    assert.deepEqual(run.types, ['WorkflowExecutionStarted', 'TimerStarted', 'TimerStarted'])
    await run.signal('go')
    await run.signal('note')
    await run.advance(startDelayMs - 1)
    assert.equal(run.isOpen, true)
    await run.advance(1)
    assert.equal(run.result(), 2)
    assert.equal(run.events.at(-1)?.timestamp, t0 + startDelayMs)
  })

  it('is what it waits for', async () => {
    const run = await Run.start(doc(waits), {}, { startDelayMs })
    assert.deepEqual(describeState(run.program, run.state).waits, [
      {
        kind: 'timer',
        step: null,
        path: null,
        line: null,
        text: 'the start, which is delayed until 2026-01-01T00:01:00.000Z',
        until: t0 + startDelayMs,
      },
    ])
  })

  it('is no part of the timeout', async () => {
    const run = await Run.start(doc(waits), {}, { startDelayMs })
    await run.advance(3_600_000 + startDelayMs - 1)
    assert.equal(run.isOpen, true)
    await run.advance(1)
    assert.equal(run.outcome?.kind, 'timedOut')
  })

  it('never begins where it is canceled before', async () => {
    const run = await Run.start(doc(waits), {}, { startDelayMs })
    await run.cancel('not needed')
    assert.equal(run.outcome?.kind, 'canceled')
    assert.deepEqual(run.types.slice(3), ['WorkflowExecutionCancelRequested', 'WorkflowExecutionCanceled'])
  })

  it('begins at the resume where its time came during a pause', async () => {
    const run = await Run.start(doc(waits), {}, { startDelayMs })
    await run.signal('go')
    await run.pause()
    await run.advance(2 * startDelayMs)
    assert.equal(run.isOpen, true)
    await run.resume()
    assert.equal(run.result(), 1)
  })

  it('of a state machine takes no signal before its first state', async () => {
    const machine = doc('initial: a\nstates:\n  a: { on: { go: b } }\n  b: { final: true, return: 1 }')
    const run = await Run.start(machine, {}, { startDelayMs })
    const answer = await offer(run, 'go')
    assert.equal(answer?.kind === 'refused' && answer.error.type, 'SignalNotExpected')
    await run.advance(startDelayMs)
    await offer(run, 'go')
    assert.equal(run.result(), 1)
  })
})
