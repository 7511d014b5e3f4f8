/** States that lead to each other by themselves are a loop, with the bound of one (docs/language/limits.md). */
import assert from 'node:assert/strict'
import { doc, Run } from '../harness.ts'
import { offer } from './state-signals.ts'

const limits = { loopIterations: 5 }

function machine(states: string): string {
  return doc(`vars: { n: 0 }\ninitial: a\nstates:${states}`)
}

describe('states: transitions that nothing outside asks for', () => {
  it('end the run beyond `loopIterations`, which the error names', async () => {
    const run = await Run.start(machine('\n  a: { next: b }\n  b: { next: a }\n'), {}, { limits })
    const error = run.error()
    assert.equal(error.type, 'LimitExceeded')
    assert.deepEqual(error.details, { limit: 'loopIterations', allowed: 5 })
    assert.equal(run.types.filter((type) => type === 'StateTransitioned').length, 5)
  })

  it('are counted by `catch` too', async () => {
    const run = await Run.start(
      machine('\n  a: { do: [ { fail: { type: No, message: no } } ], catch: [ { to: a } ] }\n'),
      {},
      { limits },
    )
    assert.equal(run.error().type, 'LimitExceeded')
  })

  it('may be as many as the limit', async () => {
    const counting = machine(`
  a:
    do: [ { set: { n: "\${ vars.n + 1 }" } } ]
    next: [ { to: over, when: vars.n = 5 }, a ]
  over: { final: true, return: "\${ vars.n }" }
`)
    assert.equal((await Run.start(counting, {}, { limits })).result(), 5)
  })

  it('are counted anew after a signal and after a time', async () => {
    const run = await Run.start(
      machine(`
  a: { next: b }
  b: { next: c }
  c: { next: rest }
  rest: { on: { go: a, end: over }, after: { 1h: a } }
  over: { final: true, return: done }
`),
      {},
      { limits },
    )
    await offer(run, 'go')
    await run.advance(60 * 60 * 1000)
    await offer(run, 'go')
    await offer(run, 'end')
    assert.equal(run.result(), 'done')
  })
})
