/** How a state machine ends, and what errors in its parts do. */
import assert from 'node:assert/strict'
import { Run } from '../harness.ts'
import { broken, machine, moves } from '../states/state-machines.ts'
import { offer } from '../states/state-signals.ts'

describe('states: ends', () => {
  it('`final: true` alone gives null; `return` comes after `do`', async () => {
    assert.equal((await Run.start(machine('  a: { final: true }\n'))).result(), null)
    const run = await Run.start(machine('  a: { do: [ { id: w, activity: x } ], return: "${ steps.w }" }\n'))
    await run.answer('w', { returns: 5 })
    assert.equal(run.result(), 5)
  })

  it('`fail` comes after `do`, and the `catch` of its state does not take it', async () => {
    const run = await Run.start(
      machine(`
  a:
    do: [ { id: w, activity: x } ]
    fail: { type: Own, message: "mine \${ steps.w }", details: { n: 1 } }
    catch: [ { to: b } ]
  b: { final: true, return: caught }
`),
    )
    await run.answer('w', { returns: 5 })
    const { type, message, details, step } = run.error()
    assert.deepEqual(
      { type, message, details, step },
      { type: 'Own', message: 'mine 5', details: { n: 1 }, step: 'states' },
    )
  })

  it('a `return` in the steps of a state ends the workflow', async () => {
    const run = await Run.start(
      machine('  a: { do: [ { id: w, activity: x }, { return: early } ], on: { go: a } }\n'),
    )
    await run.answer('w', { returns: 5 })
    assert.equal(run.result(), 'early')
    assert.equal(await offer(run, 'go'), null, 'the run is closed')
  })

  it('a target whose `do` fails at once fails there', async () => {
    const run = await Run.start(
      machine(`
  a: { do: [ { set: { n: 1 } } ], on: { go: b }, catch: [ { to: c } ] }
  b: { do: [ { fail: { type: AtOnce, message: x } } ] }
  c: { final: true }
`),
    )
    assert.equal((await offer(run, 'go'))?.kind, 'completed')
    assert.equal(run.error().type, 'AtOnce')
    assert.equal(run.state.workflow.state, 'b')
  })
})

describe('states: errors', () => {
  it('`catch` takes the first entry of the type whose `when` holds, which sees the error under its name', async () => {
    const run = await Run.start(
      machine(`
  a:
    do: [ { id: w, activity: x } ]
    catch:
      - { errors: [Other], to: d }
      - { errors: ['Bro*'], when: error.message = 'yes', to: d }
      - { errors: [Broken], as: problem, to: b, set: { note: "\${ problem.message }" }, do: [ { id: tell, activity: y, input: "\${ problem.type }" } ] }
  b: { final: true, return: "\${ vars.note }" }
  d: { final: true, return: d }
`),
    )
    await run.answer('w', broken)
    assert.equal(run.pending('tell').input, 'Broken')
    await run.answer('tell', { returns: null })
    assert.equal(run.result(), 'no')
  })

  it("an error in `set`, or in the steps of a transition, is the run's", async () => {
    const yaml = (transition: string) =>
      machine(`
  a: { do: [ { id: w, activity: x } ], on: { go: ${transition}, other: b }, catch: [ { to: c } ] }
  b: { final: true, return: b }
  c: { final: true, return: c }
`)
    const set = await Run.start(yaml('{ to: b, set: { note: "${ signal.missing }" } }'))
    await offer(set, 'go')
    assert.equal(set.error().type, 'ExpressionUndefined')
    const steps = await Run.start(yaml('{ to: b, do: [ { fail: { type: OnTheWay, message: x } } ] }'))
    await offer(steps, 'go')
    assert.equal(steps.error().type, 'OnTheWay')
    assert.deepEqual(moves(steps), [])
  })

  it('a failing expression of the state itself is an error in the state', async () => {
    for (const broken of ['next: { to: b, when: input.missing > 1 }', 'return: "${ input.missing }"']) {
      const run = await Run.start(
        machine(`
  a: { do: [ { set: { n: 1 } } ], ${broken}, on: { go: b }, catch: [ { errors: ['Expression*'], to: c } ] }
  b: { final: true, return: b }
  c: { final: true, return: c }
`),
      )
      assert.equal(run.result(), 'c', broken)
    }
  })

  it('so is one in the `when` of `after`, once what runs has been canceled', async () => {
    const run = await Run.start(
      machine(`
  a:
    do:
      - try: [ { id: w, activity: x, startToCloseTimeout: 1h } ]
        finally: [ { id: clean, activity: z } ]
    after: { 1s: { to: b, when: input.missing > 1 } }
    catch: [ { to: c } ]
  b: { final: true, return: b }
  c: { final: true, return: c }
`),
    )
    await run.advance(1_000)
    assert.deepEqual(run.waitingSteps(), ['clean'])
    await run.answer('clean', { returns: null })
    assert.equal(run.result(), 'c')
  })
})
