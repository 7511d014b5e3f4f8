/** Signals to a state machine: taken, waiting, refused, and what their senders are told (docs/language/state-machines.md). */
import assert from 'node:assert/strict'
import type { Answer } from '../../../interpreter/outgoing.ts'
import { doc, Run } from '../harness.ts'
import { offer, told } from './state-signals.ts'

function machine(states: string, more = ''): string {
  return doc(`vars: { n: 0 }\n${more}initial: a\nstates:\n${states}`)
}

function refusal(answer: Answer | null) {
  assert.equal(answer?.kind, 'refused', JSON.stringify(answer))
  return answer?.kind === 'refused' ? answer.error : null
}

const taken: Answer = { kind: 'completed', result: null }

const guarded = machine(`
  a:
    on:
      go: { to: b, when: signal.n > 1 and $random() >= 0 }
      stop: b
      skip: b
  b: { on: { back: a } }
`)

describe('signals to a state machine', () => {
  it('one that no transition takes is refused with those that would be', async () => {
    const run = await Run.start(guarded)
    const error = refusal(await offer(run, 'back'))
    assert.equal(error?.type, 'SignalNotExpected')
    assert.deepEqual(error?.details, { state: 'a', signal: 'back', expected: ['go', 'stop', 'skip'] })
    assert.match(error?.message ?? '', /state `a` takes no signal `back`; it would take `go`, `stop`, `skip`/)
  })

  it('so is one whose `when` does not hold', async () => {
    const run = await Run.start(guarded)
    const error = refusal(await offer(run, 'go', { n: 1 }))
    assert.deepEqual(error?.details, { state: 'a', signal: 'go', expected: ['stop', 'skip'] })
    assert.match(error?.message ?? '', /no transition whose `when` holds/)
  })

  it('a refused one leaves no event and not a byte of the state, not even of the random generator or the clock', async () => {
    const run = await Run.start(guarded)
    const before = JSON.stringify(run.state)
    const events = run.events.length
    run.now += 60_000
    for (const [signal, input] of [
      ['back', {}],
      ['go', { n: 1 }],
      ['go', { n: 'text' }],
    ] as const) {
      refusal(await offer(run, signal, input))
      assert.equal(JSON.stringify(run.state), before)
      assert.equal(run.events.length, events)
    }
    const random = JSON.stringify(run.state.random)
    assert.deepEqual(await offer(run, 'go', { n: 2 }), taken)
    assert.notEqual(JSON.stringify(run.state.random), random)
  })

  it('a payload that a guard cannot judge is refused with the reason, and the run goes on', async () => {
    const run = await Run.start(
      machine('  a: { on: { go: { to: b, when: signal.n > 1 } } }\n  b: { final: true }\n'),
    )
    const error = refusal(await offer(run, 'go', {}))
    assert.equal(error?.type, 'SignalNotExpected')
    assert.equal(error?.cause?.type, 'ExpressionUndefined')
    assert.ok(run.isOpen)
  })

  it('one that is taken is answered in its turn, before the new state has done anything', async () => {
    const run = await Run.start(
      machine(`
  a: { on: { go: b } }
  b: { do: [ { id: w, activity: x } ], next: a }
`),
    )
    assert.deepEqual(await offer(run, 'go'), taken)
    assert.deepEqual(run.waitingSteps(), ['w'])
  })

  it('without a sender that waits it is taken or dropped in silence', async () => {
    const run = await Run.start(guarded)
    await run.signal('back')
    await run.signal('stop')
    assert.deepEqual(run.sent, [])
    assert.equal(run.state.workflow.state, 'b')
  })

  it('two in one turn: the second meets the state that the first led to', async () => {
    const run = await Run.start(guarded)
    const at = { timestamp: run.now, input: {} }
    await run.feed(
      { type: 'WorkflowSignalReceived', ...at, signal: 'stop', replyTo: { kind: 'caller', messageId: '1' } },
      { type: 'WorkflowSignalReceived', ...at, signal: 'stop', replyTo: { kind: 'caller', messageId: '2' } },
      { type: 'WorkflowSignalReceived', ...at, signal: 'back', replyTo: { kind: 'caller', messageId: '3' } },
    )
    assert.deepEqual(told(run, '1'), taken)
    assert.equal(refusal(told(run, '2'))?.type, 'SignalNotExpected')
    assert.deepEqual(told(run, '3'), taken)
    assert.equal(run.state.workflow.state, 'a')
  })
})

const slow = machine(`
  a:
    do:
      - try: [ { id: w, activity: x } ]
        finally: [ { id: clean, activity: z } ]
    on: { go: { to: b, do: [ { id: way, activity: y } ] } }
  b:
    do: [ { set: { n: "\${ vars.n + 1 }" } }, { id: notify, activity: mail.send } ]
    on: { finish: c, other: b }
  c: { do: [ { id: last, activity: y } ], return: "\${ vars.n }" }
`)

describe('signals while a state is left', () => {
  it('are recorded, wait for the next state, and are taken or refused then', async () => {
    const run = await Run.start(slow)
    assert.deepEqual(await offer(run, 'go', {}, 'go'), taken)
    assert.equal(await offer(run, 'go', {}, 'again'), null)
    await run.answer('clean', { returns: null })
    assert.deepEqual(run.waitingSteps(), ['way'])
    assert.equal(await offer(run, 'finish', {}, 'finish'), null)
    assert.equal(run.types.filter((type) => type === 'WorkflowSignalReceived').length, 3)
    await run.answer('way', { returns: null })
    assert.equal(refusal(told(run, 'again'))?.type, 'SignalNotExpected')
    assert.deepEqual(told(run, 'finish'), taken)
    assert.equal(run.state.workflow.state, 'c')
    assert.equal(run.state.vars['n'], 1, 'the state that was passed has begun its steps')
    assert.ok(
      run.events.some((event) => event.type === 'ActivityTaskCancelRequested' && event.step === 'notify'),
      'and what it began was canceled',
    )
    await run.answer('last', { returns: null })
    assert.equal(run.result(), 1)
  })

  it('what still waits when the machine ends is refused', async () => {
    const run = await Run.start(slow)
    await offer(run, 'go')
    await offer(run, 'finish', {}, 'late')
    await run.cancel()
    await run.answer('clean', { returns: null })
    assert.equal(run.outcome?.kind, 'canceled')
    assert.equal(refusal(told(run, 'late'))?.type, 'ExecutionClosed')
  })

  it('also when the run is terminated', async () => {
    const run = await Run.start(slow)
    await offer(run, 'go')
    await offer(run, 'finish', {}, 'late')
    await run.feed({ type: 'WorkflowExecutionTerminated', timestamp: run.now, reason: null })
    assert.equal(refusal(told(run, 'late'))?.type, 'ExecutionClosed')
  })

  it('a run that is undone after its states takes none', async () => {
    const run = await Run.start(
      machine(
        `
  a: { do: [ { id: w, activity: x, compensate: { id: undo, activity: u } } ], next: b }
  b: { fail: { type: Own, message: mine }, on: { go: a } }
`.replace(', on: { go: a }', ''),
      ),
    )
    await run.answer('w', { returns: 1 })
    assert.deepEqual(run.waitingSteps(), ['undo'])
    assert.equal(refusal(await offer(run, 'go'))?.type, 'ExecutionClosed')
  })
})

describe('signals to a state machine, beside', () => {
  it('a paused run refuses them, and takes them when it is resumed', async () => {
    const run = await Run.start(guarded)
    await run.pause('lunch')
    assert.equal(refusal(await offer(run, 'stop'))?.type, 'ExecutionPaused')
    await run.resume()
    assert.deepEqual(await offer(run, 'stop'), taken)
  })

  it('those that wait for the next state are offered when it is entered after a pause', async () => {
    const run = await Run.start(slow)
    await offer(run, 'go')
    await offer(run, 'other', {}, 'waits')
    await run.pause()
    await run.answer('clean', { returns: null })
    assert.deepEqual(run.waitingSteps(), [])
    await run.resume()
    await run.answer('way', { returns: null })
    assert.deepEqual(told(run, 'waits'), taken)
    assert.equal(run.state.vars['n'], 2, 'b was entered, and entered again')
  })

  it('a timer of a state that fired in a pause leaves it on resume', async () => {
    const run = await Run.start(
      machine(`
  a: { on: { go: a }, after: { 1h: b } }
  b: { final: true, return: late }
`),
    )
    await run.pause()
    await run.advance(2 * 3_600_000)
    assert.ok(run.isOpen)
    await run.resume()
    assert.equal(run.result(), 'late')
  })

  it('a step of a state may wait for one; nothing is buffered for it', async () => {
    const run = await Run.start(
      machine(
        `
  a:
    do: [ { id: w, activity: x }, { id: answer, wait: { signal: reply, where: signal.ok } } ]
    on: { go: a }
    next: b
  b: { final: true, return: "\${ steps.answer }" }
`,
        'signals: { reply: {} }\n',
      ),
    )
    assert.equal(refusal(await offer(run, 'reply', { ok: true }))?.type, 'SignalNotExpected')
    await run.answer('w', { returns: 1 })
    const notYet = refusal(await offer(run, 'reply', { ok: false }))
    assert.deepEqual(notYet?.details, { state: 'a', signal: 'reply', expected: ['go'] })
    assert.deepEqual(await offer(run, 'reply', { ok: true, n: 1 }), taken)
    assert.deepEqual(run.result(), { ok: true, n: 1 })
  })

  it('so may a step on the way from one state to the next', async () => {
    const run = await Run.start(
      machine(
        `
  a: { on: { go: { to: b, do: [ { id: w, activity: x }, { id: answer, wait: { signal: reply } } ] } } }
  b: { final: true, return: "\${ steps.answer }" }
`,
        'signals: { reply: {} }\n',
      ),
    )
    await offer(run, 'go')
    assert.equal(await offer(run, 'reply', { early: true }, 'early'), null)
    await run.answer('w', { returns: null })
    assert.deepEqual(told(run, 'early'), taken)
    assert.deepEqual(run.result(), { early: true })
  })

  it('one with steps of its own has its handler in any state', async () => {
    const run = await Run.start(
      machine(
        `
  a: { on: { go: b } }
  b: { final: true, return: "\${ vars.n }" }
`,
        'signals: { note: { do: [ { set: { n: "${ signal.n }" } } ] } }\n',
      ),
    )
    assert.deepEqual(await offer(run, 'note', { n: 7 }), taken)
    await offer(run, 'go')
    assert.equal(run.result(), 7)
  })

  it('an update changes variables beside the states', async () => {
    const run = await Run.start(
      machine(
        `
  a: { on: { go: b } }
  b: { final: true, return: "\${ vars.n }" }
`,
        'updates: { add: { do: [ { set: { n: "${ vars.n + update }" } } ], return: "${ workflow.state }" } }\n',
      ),
    )
    const update = { type: 'WorkflowUpdateAccepted', update: 'add', updateId: 'u', input: 5 } as const
    await run.feed({ timestamp: run.now, ...update })
    assert.ok(
      run.sent.some(
        (one) => one.kind === 'answer' && one.answer.kind === 'completed' && one.answer.result === 'a',
      ),
    )
    await offer(run, 'go')
    assert.equal(run.result(), 5)
  })

  it('signals of a cut turn queue behind those that wait', async () => {
    const run = await Run.start(
      machine(`
  a: { on: { go: b } }
  b:
    do: [ { id: loop, while: vars.n < 30, do: [ { set: { n: "\${ vars.n + 1 }" } } ] } ]
    on: { finish: c }
  c: { final: true, return: "\${ vars.n }" }
`),
      {},
      { limits: { turnSteps: 10 } },
    )
    const at = { timestamp: run.now, input: {} }
    await run.feed(
      { type: 'WorkflowSignalReceived', ...at, signal: 'go', replyTo: { kind: 'caller', messageId: '1' } },
      {
        type: 'WorkflowSignalReceived',
        ...at,
        signal: 'finish',
        replyTo: { kind: 'caller', messageId: '2' },
      },
      {
        type: 'WorkflowSignalReceived',
        ...at,
        signal: 'finish',
        replyTo: { kind: 'caller', messageId: '3' },
      },
    )
    assert.deepEqual(told(run, '2'), taken)
    assert.equal(refusal(told(run, '3'))?.type, 'ExecutionClosed')
    assert.ok(Number(run.result()) < 30, 'the state was left while its loop ran')
  })
})
