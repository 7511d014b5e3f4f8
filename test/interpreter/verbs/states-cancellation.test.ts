/** Cancellations and deadlines of a state machine, its sagas, and the results of states that are entered again. */
import assert from 'node:assert/strict'
import type { Json } from '../../../schema/json.ts'
import { Run } from '../harness.ts'
import { machine, moves } from '../states/state-machines.ts'
import { offer } from '../states/state-signals.ts'

describe('states: cancellations and deadlines', () => {
  const yaml = machine(`
  a:
    do: [ { id: w, activity: x } ]
    on: { go: { to: b, do: [ { id: way, activity: y } ] } }
    after: { 1h: b }
    catch: [ { to: b } ]
  b: { final: true, return: b }
`)

  it('a cancellation goes through, in every stage', async () => {
    const inDo = await Run.start(yaml)
    await inDo.cancel()
    assert.equal(inDo.outcome?.kind, 'canceled')
    assert.ok(inDo.types.includes('TimerCanceled'))

    const resting = await Run.start(yaml.replace('{ id: w, activity: x }', '{ set: { n: 1 } }'))
    await resting.cancel()
    assert.equal(resting.outcome?.kind, 'canceled')

    const onTheWay = await Run.start(yaml)
    await offer(onTheWay, 'go')
    await onTheWay.cancel()
    assert.equal(onTheWay.outcome?.kind, 'canceled')
  })

  it('also while the state is left: the cleaning up ends, and the transition is not taken', async () => {
    const run = await Run.start(
      machine(`
  a:
    do:
      - try: [ { id: w, activity: x } ]
        finally: [ { id: clean, activity: z } ]
    on: { go: b }
  b: { final: true, return: b }
`),
    )
    await offer(run, 'go')
    await run.cancel()
    assert.deepEqual(run.waitingSteps(), ['clean'])
    await run.answer('clean', { returns: null })
    assert.equal(run.outcome?.kind, 'canceled')
    assert.deepEqual(moves(run), [])
  })

  it('a cancellation while an activity is waited for is not lost when the state is left', async () => {
    const run = await Run.start(
      machine(`
  a: { do: [ { id: w, activity: x, cancellation: wait } ], on: { go: b } }
  b: { on: { more: b } }
`),
    )
    await offer(run, 'go')
    await run.cancel()
    await run.answer('w', { returns: 1 })
    assert.equal(run.outcome?.kind, 'canceled')
  })

  it('a `catch` that names Canceled has handled it', async () => {
    const run = await Run.start(
      machine(`
  a: { do: [ { id: w, activity: x } ], catch: [ { errors: [Canceled], to: withdrawn } ] }
  withdrawn: { do: [ { id: tell, activity: y } ], return: withdrawn }
`),
    )
    await run.cancel()
    assert.deepEqual(run.waitingSteps(), ['tell'])
    await run.answer('tell', { returns: null })
    assert.equal(run.result(), 'withdrawn')
  })

  it('also while the state is left', async () => {
    const run = await Run.start(
      machine(`
  a:
    do:
      - try: [ { id: w, activity: x } ]
        finally: [ { id: clean, activity: z } ]
    on: { go: b }
    catch: [ { errors: [Canceled], to: withdrawn } ]
  b: { final: true, return: b }
  withdrawn: { return: withdrawn }
`),
    )
    await offer(run, 'go')
    await run.cancel()
    await run.answer('clean', { returns: null })
    assert.equal(run.result(), 'withdrawn')
    assert.deepEqual(moves(run), ['a>withdrawn catch'])
  })

  it('the timeout of a step of a state raises Timeout there', async () => {
    const run = await Run.start(
      machine(`
  a:
    do: [ { id: g, timeout: 5s, do: [ { id: w, activity: x, startToCloseTimeout: 1h } ] } ]
    catch: [ { errors: [Timeout], to: b } ]
  b: { final: true, return: b }
`),
    )
    await run.advance(5_000)
    assert.equal(run.result(), 'b')
  })

  it('the timeout of the execution ends it wherever it rests', async () => {
    const run = await Run.start(machine('  a: { on: { go: a } }\n', 'timeout: 1h\n'))
    await run.advance(3_600_000)
    assert.equal(run.outcome?.kind, 'timedOut')
  })

  it('whatever a `catch` names', async () => {
    const run = await Run.start(
      machine(
        `
  a: { do: [ { id: w, activity: x, startToCloseTimeout: 5h } ], catch: [ { errors: [Canceled], to: rests } ] }
  rests: { on: { go: a } }
`,
        'timeout: 1h\n',
      ),
    )
    await run.advance(3_600_000)
    assert.equal(run.outcome?.kind, 'timedOut')
  })

  it('sagas work as everywhere: what was done is undone in reverse when the machine fails', async () => {
    const run = await Run.start(
      machine(`
  a: { do: [ { id: one, activity: x, compensate: { id: undoOne, activity: u } } ], next: b }
  b: { do: [ { id: two, activity: y, compensate: { id: undoTwo, activity: u } } ], next: c }
  c: { fail: { type: Own, message: mine } }
`),
    )
    await run.answer('one', { returns: 1 })
    await run.answer('two', { returns: 2 })
    assert.deepEqual(run.waitingSteps(), ['undoTwo'])
    await run.answer('undoTwo', { returns: null })
    await run.answer('undoOne', { returns: null })
    assert.equal(run.error().type, 'Own')
  })

  it('a step that is skipped when a state is entered again has no result', async () => {
    const run = await Run.start(
      machine(`
  a:
    do: [ { id: once, if: vars.n = 0, activity: x }, { id: always, activity: y, input: "\${ steps.once ?? 'none' }" } ]
    on: { again: { to: a, set: { n: 1 } } }
`),
    )
    await run.answer('once', { returns: 1 })
    assert.equal(run.pending('always').input, 1)
    await offer(run, 'again')
    assert.equal(run.pending('always').input, 'none')
  })

  it('results of earlier states are seen in later ones, and of a state that is entered again the last', async () => {
    const run = await Run.start(
      machine(`
  a: { do: [ { id: w, activity: x } ], next: b }
  b: { on: { again: a, end: c } }
  c: { final: true, return: "\${ steps.w }" }
`),
    )
    await run.answer('w', { returns: 1 })
    await offer(run, 'again')
    await run.answer('w', { returns: 2 })
    await offer(run, 'end')
    assert.equal(run.result() as Json, 2)
  })
})
