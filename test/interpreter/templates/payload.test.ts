import assert from 'node:assert/strict'
import { Fault } from '../../../interpreter/errors/fault.ts'
import { evaluateQuery } from '../../../interpreter/query.ts'
import { jsonBytes } from '../../../interpreter/values/values.ts'
import type { Json } from '../../../schema/json.ts'
import { doc, Run } from '../harness.ts'

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

describe('the limit expressionBytes, of what templates put together', () => {
  const small = { expressionBytes: 1_000 }
  const growing: readonly (readonly [what: string, template: string])[] = [
    ['a text that names a variable twice', '"${ vars.v }${ vars.v }"'],
    ['a list that does', '[ "${ vars.v }", "${ vars.v }" ]'],
    ['a map that does', '{ a: "${ vars.v }", b: "${ vars.v }" }'],
  ]
  for (const [what, template] of growing) {
    it(`ends a loop that doubles ${what}, in a variable`, async () => {
      const run = await Run.start(
        doc(
          `vars: { v: a, n: 0 }\nsteps: [ { id: l, while: "true", do: [ { id: s, set: { v: ${template} } } ] }, { return: "\${ vars.v }" } ]`,
        ),
        {},
        { limits: small },
      )
      const { type, step, details } = run.error()
      assert.deepEqual([type, step], ['LimitExceeded', 's'])
      assert.equal((details as { limit: string }).limit, 'expressionBytes')
      assert.ok(JSON.stringify(run.state.vars).length < 1_100)
    })
  }

  it('ends one that nests a variable in itself', async () => {
    const run = await Run.start(
      doc(
        'vars: { v: a, n: 0 }\nsteps: [ { id: l, while: "true", do: [ { id: s, set: { v: [ "${ vars.v }" ] } } ] }, { return: "${ vars.v }" } ]',
      ),
    )
    assert.deepEqual([run.error().type, run.error().step], ['ExpressionError', 's'])
    assert.match(run.error().message, /`v` would be nested deeper than 200 levels/)
  })

  it('holds for the first value of a variable too', async () => {
    const run = await Run.start(
      doc('vars: { v: [ "${ input }", "${ input }" ] }\nsteps: [ { return: "${ vars.v }" } ]'),
      'x'.repeat(600),
      { limits: small },
    )
    assert.equal(run.error().type, 'LimitExceeded')
  })
})

describe('a value that holds one part many times', () => {
  it('is measured no further than the limit', () => {
    let value: Json = 'a'
    for (let n = 0; n < 60; n++) value = [value, value]
    assert.ok(jsonBytes(value, 1_000) > 1_000)
    assert.ok(jsonBytes(value, 1_000) < 2_000)
  })
})
