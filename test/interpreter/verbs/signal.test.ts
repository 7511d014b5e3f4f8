import assert from 'node:assert/strict'
import { describeState } from '../../../interpreter/describe/describe.ts'
import { doc, Run, t0 } from '../harness.ts'
import { eventsOf, pause, resume, sent } from '../others.ts'

const told = doc(`
steps:
  - { id: tell, signal: { workflowId: "\${ input.to }", name: approval, input: { by: "\${ input.by }" } } }
  - return: \${ steps.tell ?? 'nothing' }
`)

async function answered(run: Run, runId: string | null = 'r-2'): Promise<void> {
  const { signalId = 0 } = eventsOf(run, 'SignalExternalInitiated').at(-1) ?? {}
  await run.feed({ type: 'ExternalWorkflowSignaled', timestamp: run.now, signalId, runId })
}

async function refused(run: Run, type: string, retryable?: boolean): Promise<void> {
  const { signalId = 0 } = eventsOf(run, 'SignalExternalInitiated').at(-1) ?? {}
  const error = { type, message: 'no', ...(retryable !== undefined && { retryable }) }
  await run.feed({ type: 'SignalExternalFailed', timestamp: run.now, signalId, error })
}

describe('signal', () => {
  it('signals another execution and goes on when that has it, without a result', async () => {
    const run = await Run.start(told, { to: 'w-2', by: 'ann' })
    const [signal] = sent(run, 'signal')
    const { signalId } = signal ?? {}
    assert.deepEqual(signal, {
      kind: 'signal',
      signalId,
      workflowId: 'w-2',
      signal: 'approval',
      input: { by: 'ann' },
    })
    assert.deepEqual(describeState(run.program, run.state).waits, [
      {
        kind: 'externalSignal',
        step: 'tell',
        path: 'tell',
        line: 6,
        text: 'the answer to the signal `approval` to w-2',
        until: null,
      },
    ])
    await answered(run)
    assert.equal(run.result(), 'nothing')
    assert.deepEqual(run.state.signalsPending, {})
    assert.deepEqual(run.events.slice(1, 3), [
      {
        type: 'SignalExternalInitiated',
        step: 'tell',
        path: 'tell',
        signalId,
        workflowId: 'w-2',
        signal: 'approval',
        input: { by: 'ann' },
        timestamp: t0,
      },
      {
        type: 'ExternalWorkflowSignaled',
        timestamp: t0,
        signalId,
        runId: 'r-2',
        step: 'tell',
        path: 'tell',
      },
    ])
  })

  it('without input sends null', async () => {
    const run = await Run.start(doc('steps: [ { id: s, signal: { workflowId: w-2, name: go } } ]'))
    assert.equal(sent(run, 'signal')[0]?.input, null)
  })

  for (const [type, retryable] of [
    ['SignalTargetNotFound', true],
    ['SignalNotDeclared', false],
    ['SignalInvalid', false],
    ['SignalNotExpected', true],
    ['ExecutionPaused', true],
  ] as const) {
    it(`raises ${type}, which is ${retryable ? '' : 'not '}worth another try`, async () => {
      const run = await Run.start(told, { to: 'w-2', by: 'ann' })
      await refused(run, type)
      assert.deepEqual([run.error().type, run.error().retryable, run.error().step], [type, retryable, 'tell'])
    })
  }

  it('what the answer itself says of another try wins', async () => {
    const run = await Run.start(told, { to: 'w-2', by: 'ann' })
    await refused(run, 'SignalTargetNotFound', false)
    assert.equal(run.error().retryable, false)
  })

  it('a group around it tries again', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: g
    retry: { maximumAttempts: 2, initialInterval: 1s }
    do: [ { id: s, signal: { workflowId: w-2, name: go } } ]
`),
    )
    await refused(run, 'SignalTargetNotFound')
    await run.advance(1_000)
    await answered(run)
    assert.equal(run.outcome?.kind, 'completed')
    assert.equal(sent(run, 'signal').length, 2)
  })

  it('a cancellation does not wait for the answer; it may arrive, and means nothing', async () => {
    const run = await Run.start(
      doc(`
steps:
  - try: [ { id: s, signal: { workflowId: w-2, name: go } } ]
    catch: [ { errors: [Canceled], do: [ { id: a, activity: x } ] } ]
`),
    )
    await run.cancel()
    assert.deepEqual(run.waitingSteps(), ['a'])
    const before = JSON.stringify(run.state)
    run.now += 5
    await answered(run)
    assert.equal(JSON.stringify(run.state), before)
    assert.ok(!run.types.includes('ExternalWorkflowSignaled'))
  })

  it('an answer to a paused run takes effect on resume', async () => {
    const run = await Run.start(told, { to: 'w-2', by: 'ann' })
    await pause(run)
    await answered(run)
    assert.ok(run.isOpen)
    await resume(run)
    assert.equal(run.result(), 'nothing')
  })

  it('a workflow id that is no text, or a payload beyond the limit, fails the step', async () => {
    const id = await Run.start(told, { to: null, by: 'ann' })
    assert.equal(id.error().type, 'ExpressionError')
    const large = await Run.start(told, { to: 'w-2', by: 'x'.repeat(100) }, { limits: { payloadBytes: 50 } })
    assert.equal(large.error().type, 'LimitExceeded')
    assert.deepEqual([...id.sent, ...large.sent], [])
  })
})
