/** The state-machine form (docs/language/state-machines.md): states, transitions, their order, errors and cancellations. */
import assert from 'node:assert/strict'
import { doc, Run } from '../harness.ts'
import { broken, machine, moves } from '../states/state-machines.ts'
import { offer } from '../states/state-signals.ts'

const day = 24 * 60 * 60 * 1000

const publishing = doc(`
vars: { comment: null }
queries: { where: { state: "\${ workflow.state }", comment: "\${ vars.comment }" } }
initial: draft
states:
  draft: { on: { submit: review } }
  review:
    do: [ { id: notify, activity: mail.send } ]
    on: { approve: publishing, reject: { to: draft, set: { comment: "\${ signal.comment }" } } }
    after: { 7d: expired }
  publishing:
    do: [ { id: publish, activity: documents.publish } ]
    next: published
    catch: [ { errors: [Rejected], to: draft } ]
  published: { final: true, return: { status: published, by: "\${ steps.publish }" } }
  expired: { fail: { type: Expired, message: nobody looked } }
`)

describe('states: the example of the language', () => {
  it('goes from state to state to its end, and every change is recorded', async () => {
    const run = await Run.start(publishing)
    assert.equal(run.state.workflow.state, 'draft')
    assert.ok(!run.types.includes('StateTransitioned'), 'the initial state is entered, not changed to')
    assert.equal((await offer(run, 'submit'))?.kind, 'completed')
    assert.equal(run.state.workflow.state, 'review')
    await run.answer('notify', { returns: null })
    assert.ok(run.isOpen, 'it rests')
    await offer(run, 'reject', { comment: 'too long' })
    assert.equal(run.state.vars['comment'], 'too long')
    await offer(run, 'submit')
    await offer(run, 'approve')
    assert.equal(run.state.workflow.state, 'publishing')
    await run.answer('publish', { returns: 'ann' })
    assert.deepEqual(run.result(), { status: 'published', by: 'ann' })
    assert.deepEqual(moves(run), [
      'draft>review signal submit',
      'review>draft signal reject',
      'draft>review signal submit',
      'review>publishing signal approve',
      'publishing>published next',
    ])
  })

  it('leaving cancels what runs and the timers; entering starts them again', async () => {
    const run = await Run.start(publishing)
    await offer(run, 'submit')
    await offer(run, 'reject', { comment: 'a' })
    assert.deepEqual(run.waitingSteps(), [])
    assert.deepEqual(run.state.timers, {})
    const types = run.types.slice(run.types.lastIndexOf('WorkflowSignalReceived'))
    assert.deepEqual(types, [
      'WorkflowSignalReceived',
      'TimerCanceled',
      'ActivityTaskCancelRequested',
      'StateTransitioned',
    ])
    await run.advance(3 * day)
    await offer(run, 'submit')
    await run.advance(7 * day - 1)
    assert.ok(run.isOpen)
    await run.advance(1)
    assert.deepEqual([run.error().type, run.error().message], ['Expired', 'nobody looked'])
    assert.equal(moves(run).at(-1), 'review>expired after')
  })

  it('the timer of a state names it', async () => {
    const run = await Run.start(publishing)
    await offer(run, 'submit')
    const [timer] = Object.values(run.state.timers)
    assert.deepEqual([timer?.purpose, timer?.step, timer?.path], ['after', 'states', 'states.review'])
  })

  it('an error that `catch` takes leaves the state; any other leaves the machine', async () => {
    const run = await Run.start(publishing)
    await offer(run, 'submit')
    await offer(run, 'approve')
    await run.answer('publish', { throws: { type: 'Rejected', message: 'no', retryable: false } })
    assert.equal(run.state.workflow.state, 'draft')
    assert.equal(moves(run).at(-1), 'publishing>draft catch')
    await offer(run, 'submit')
    await offer(run, 'approve')
    await run.answer('publish', broken)
    assert.equal(run.error().type, 'Broken')
    assert.equal(run.error().step, 'publish')
  })
})

describe('states: transitions', () => {
  it('takes the first whose `when` holds, and stays where none does', async () => {
    const run = await Run.start(
      machine(`
  a:
    on:
      go:
        - { to: b, when: signal.n > 10 }
        - { to: c, when: signal.n > 5 }
  b: { final: true, return: b }
  c: { final: true, return: c }
`),
    )
    const refused = await offer(run, 'go', { n: 1 })
    assert.equal(refused?.kind, 'refused')
    assert.equal(run.state.workflow.state, 'a')
    await offer(run, 'go', { n: 7 })
    assert.equal(run.result(), 'c')
  })

  it('`set` sees the values from before, then `do` runs, then the new state is entered', async () => {
    const run = await Run.start(
      machine(`
  a:
    on: { go: { to: b, set: { n: "\${ vars.n + 1 }", note: "\${ vars.n }" }, do: [ { id: way, activity: x, input: "\${ signal.by }" } ] } }
  b: { do: [ { id: there, activity: y } ], next: c }
  c: { final: true, return: "\${ [steps.way, steps.there] }" }
`),
    )
    await offer(run, 'go', { by: 'ann' })
    assert.deepEqual([run.state.vars['n'], run.state.vars['note']], [1, 0])
    assert.equal(run.pending('way').input, 'ann')
    assert.equal(run.state.workflow.state, 'a', 'the new state begins after the way to it')
    assert.deepEqual(moves(run), [])
    await run.answer('way', { returns: 1 })
    assert.equal(run.state.workflow.state, 'b')
    await run.answer('there', { returns: 2 })
    assert.deepEqual(run.result(), [1, 2])
  })

  it('`next` is tried when `do` has ended, once; a state without one that holds rests', async () => {
    const run = await Run.start(
      machine(`
  a:
    do: [ { id: w, activity: x } ]
    next: [ { to: b, when: vars.n = 1 }, { to: c, when: steps.w = 'c' } ]
    on: { bump: { to: a, set: { n: 1 } } }
  b: { final: true, return: b }
  c: { final: true, return: c }
`),
    )
    await run.answer('w', { returns: 'x' })
    assert.ok(run.isOpen)
    await offer(run, 'bump')
    assert.deepEqual(run.waitingSteps(), ['w'], 'a state that goes to itself runs its `do` again')
    await run.answer('w', { returns: 'c' })
    assert.equal(run.result(), 'b')
    assert.deepEqual(moves(run), ['a>a signal bump', 'a>b next'])
  })

  it('going to itself starts `after` anew', async () => {
    const run = await Run.start(
      machine(`
  a: { on: { again: a }, after: { 10s: b } }
  b: { final: true, return: late }
`),
    )
    await run.advance(9_000)
    await offer(run, 'again')
    await run.advance(9_000)
    assert.ok(run.isOpen)
    await run.advance(1_000)
    assert.equal(run.result(), 'late')
  })

  it('several `after`: each at its time, and one whose `when` does not hold leaves the state as it is', async () => {
    const run = await Run.start(
      machine(`
  a:
    do: [ { id: w, activity: x, startToCloseTimeout: 1h } ]
    after: { 10s: { to: b, when: vars.n = 1 }, 20s: c }
  b: { final: true, return: b }
  c: { final: true, return: c }
`),
    )
    await run.advance(15_000)
    assert.deepEqual(run.waitingSteps(), ['w'])
    await run.advance(5_000)
    assert.equal(run.result(), 'c')
    assert.ok(run.types.includes('ActivityTaskCancelRequested'))
  })

  it('waits for the cleaning up of what it cancels, and drops what that raises or returns', async () => {
    for (const cleaning of [
      '{ id: clean, activity: z }, { fail: { type: Own, message: x } }',
      '{ id: clean, activity: z }, { return: early }',
    ]) {
      const run = await Run.start(
        machine(`
  a:
    do:
      - try: [ { id: w, activity: x } ]
        catch: [ { errors: [Canceled], do: [ ${cleaning} ] } ]
    on: { go: b }
  b: { final: true, return: b }
`),
      )
      await offer(run, 'go')
      assert.equal(run.state.workflow.state, 'a')
      assert.deepEqual(run.waitingSteps(), ['clean'])
      await run.answer('clean', { returns: null })
      assert.equal(run.result(), 'b')
    }
  })

  it('an activity that is waited for ends first, and is pushed for compensation', async () => {
    const run = await Run.start(
      machine(`
  a:
    do: [ { id: w, activity: x, compensate: { id: undo, activity: u } } ]
    on: { go: b }
  b: { fail: { type: Own, message: mine } }
`),
    )
    await offer(run, 'go')
    assert.deepEqual(run.waitingSteps(), ['w'])
    await run.answer('w', { returns: 1 })
    assert.deepEqual(run.waitingSteps(), ['undo'])
    await run.answer('undo', { returns: null })
    assert.equal(run.error().type, 'Own')
  })

  it('what waits for an activity that then fails is dropped like any error while leaving', async () => {
    const run = await Run.start(
      machine(`
  a:
    do: [ { id: w, activity: x, cancellation: wait } ]
    on: { go: b }
    catch: [ { to: c } ]
  b: { final: true, return: b }
  c: { final: true, return: c }
`),
    )
    await offer(run, 'go')
    await run.answer('w', broken)
    assert.equal(run.result(), 'b')
  })

  it('leaves branches and items alike', async () => {
    const run = await Run.start(
      machine(`
  a:
    do:
      - id: p
        parallel:
          one: [ { id: x, activity: x } ]
          two: [ { id: all, forEach: input.items, do: [ { id: y, activity: y } ] } ]
    on: { go: b }
  b: { final: true, return: b }
`),
      { items: [1, 2, 3] },
    )
    await offer(run, 'go')
    assert.equal(run.result(), 'b')
    assert.deepEqual(run.waitingSteps(), [])
  })

  it('states without anything to wait for follow each other without end, and starve nobody', async () => {
    const run = await Run.start(
      machine(`
  a: { next: [ { to: z, when: vars.n >= 60 }, b ] }
  b: { next: { to: a, set: { n: "\${ vars.n + 1 }" } } }
  z: { final: true, return: "\${ vars.n }" }
`),
      {},
      { limits: { turnSteps: 10 } },
    )
    assert.equal(run.result(), 60)
    assert.equal(run.types.filter((type) => type === 'WorkflowTaskContinued').length, 12)
  })
})
