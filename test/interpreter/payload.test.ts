import assert from 'node:assert/strict'
import { Fault } from '../../interpreter/fault.ts'
import { evaluateQuery } from '../../interpreter/query.ts'
import { doc, Run } from './harness.ts'

const limits = { payloadBytes: 100 }

describe('the limit payloadBytes', () => {
  const outwards: readonly (readonly [string, string])[] = [
    ['an input', '{ id: s, activity: x, input: "${ input.text }" }'],
    ['a result', '{ id: s, return: { text: "${ input.text }" } }'],
    ['details', '{ id: s, fail: { type: Own, details: "${ input.text }" } }'],
    ['a message', '{ id: s, fail: { type: Own, message: "${ input.text }" } }'],
  ]
  for (const [what, step] of outwards) {
    it(`bounds ${what}: beyond it the step fails and names the limit`, async () => {
      const run = await Run.start(doc(`steps: [ ${step} ]\n`), { text: 'x'.repeat(101) }, { limits })
      const { type, step: id, details } = run.error()
      assert.deepEqual([type, id, details], ['LimitExceeded', 's', { limit: 'payloadBytes', allowed: 100 }])
    })
  }

  it('bounds the answer of a query', async () => {
    const text = doc('queries: { q: "${ input.text }" }\nsteps: [ { id: w, wait: 1h } ]\n')
    const run = await Run.start(text, { text: 'x'.repeat(101) }, { limits })
    await assert.rejects(
      evaluateQuery(run.program, run.state, 'q'),
      (thrown) => thrown instanceof Fault && thrown.shape.type === 'LimitExceeded',
    )
  })

  it('leaves what is within it', async () => {
    const run = await Run.start(
      doc('steps: [ { return: "${ input.text }" } ]\n'),
      { text: 'x'.repeat(98) },
      { limits },
    )
    assert.equal(run.result(), 'x'.repeat(98))
  })
})
