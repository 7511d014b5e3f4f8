/** What the generator writes is valid: no error, and a plan. And it reaches the whole language. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { loadDocument } from '../../schema/load.ts'
import { randomFamily } from './documents.ts'
import { drawn, fixed, isReplay, replayable } from './draws.ts'

const runs = drawn(60)

describe('random documents', () => {
  it(`are valid, and hold every verb (${runs} families drawn)`, function () {
    this.timeout(60_000)
    const verbs = new Set<string>()
    const areValid = fc.property(randomFamily, (family) => {
      for (const { source } of family) {
        const { plan, problems } = loadDocument(source)
        assert.deepEqual(
          problems.filter(({ severity }) => severity === 'error').map(({ message }) => message),
          [],
        )
        assert.ok(plan)
        for (const step of Object.values(plan.steps)) verbs.add(step.verb)
      }
    })
    fc.assert(areValid, replayable(runs))
    if (isReplay) return
    fc.assert(areValid, fixed(30, 1))
    const all = [
      'activity',
      'continueAsNew',
      'do',
      'emit',
      'fail',
      'forEach',
      'parallel',
      'return',
      'set',
      'signal',
      'states',
      'switch',
      'try',
      'until',
      'wait',
      'while',
      'workflow',
    ]
    assert.deepEqual([...verbs].toSorted(), all)
  })
})
