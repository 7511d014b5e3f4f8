import assert from 'node:assert/strict'
import { loadDocument } from '../../../schema/load.ts'
import { activities, workflows } from '../problems/problem-context.ts'

const head = `dsl: perdure/1
name: a
version: 1.0.0
input:
  type: object
  $defs: { money: { type: object, properties: { amount: { type: integer } } } }
  properties:
    text: { type: string }
    count: { type: integer }
    maybe: { type: [string, 'null'] }
    one: { enum: [a, b] }
    list: { type: array, items: { type: string } }
    price: { $ref: '#/$defs/money' }
    any: {}
    choice: { oneOf: [ { type: string }, { type: number } ] }
output: { type: object, properties: { count: { type: [number, 'null'] }, texts: { type: array, items: { type: string } } } }
`

function told(body: string): readonly string[] {
  const { problems } = loadDocument(head + body, { activities, workflows })
  return problems
    .filter(({ code, severity }) => code === 'type-mismatch' || severity === 'error')
    .map(({ code, message }) => `${code}: ${message}`)
}

const charge = (id: string) =>
  `steps:\n  - id: before\n    activity: known.charge\n    input: { id: 1 }\n  - id: x\n    activity: known.charge\n    input: { id: ${JSON.stringify(id)} }\n`

describe('types that are known on both sides', () => {
  // `known.charge` takes a number as `id`.
  const wrong: readonly (readonly [expression: string, type: string])[] = [
    ['${ input.text }', 'string'],
    ['${ $input.text }', 'string'],
    ['${ input.maybe }', 'string or null'],
    ['${ input.one }', 'string'],
    ['${ input.list }', 'array'],
    ['${ input.price }', 'object'],
    ['${ steps.before.paymentId }', 'string'],
    ['${ steps.before.card.last4 }', 'string'],
    ['order-${ input.count }', 'string'],
    ['${ input.count & "" }', 'string'],
    ['${ input.count > 3 }', 'boolean'],
    ['${ $string(input.any) }', 'string'],
    ['${ (input.text) }', 'string'],
    ['${ input.text ?? "none" }', 'string'],
    ['${ input.count > 3 ? "many" : null }', 'string or null'],
    ['${ [input.count] }', 'array'],
    ['${ { "a": input.count } }', 'object'],
  ]
  for (const [expression, type] of wrong) {
    it(`${expression} is ${type}, and no number`, () => {
      const [problem, ...others] = told(charge(expression))
      assert.match(problem ?? '', /^type-mismatch: the input of "known.charge" .*\/id must be number, and /)
      assert.ok(problem?.endsWith(` is ${type}`), problem)
      assert.deepEqual(others, [])
    })
  }

  const fine: readonly string[] = [
    '${ input.count }',
    '${ input.price.amount }',
    '${ input.any }',
    '${ input.any.x }',
    '${ input.choice }',
    '${ input.list[0] }',
    '${ input.list[$ = "a"] }',
    '${ $number(input.text) }',
    '${ $count(input.list) + 1 }',
    '${ -input.count }',
    '${ input.text ?? 3 }',
    '${ input.text = "a" ? 1 : input.count }',
    '${ ($string := function($x) { $x }; $string(input.count)) }',
    '${ ($input := { "text": 1 }; $input.text) }',
    '${ input.list.(price & "") }',
    '${ $lookup(input, "text") }',
  ]
  for (const expression of fine) {
    it(`${expression} may be a number`, () => assert.deepEqual(told(charge(expression)), []))
  }

  it('are compared for children, results and the next run too', () => {
    assert.deepEqual(
      told(
        'steps:\n  - id: c\n    workflow: known-child\n    version: ^1\n    input: { orderId: "${ input.text }", qty: "${ input.text }" }\n',
      ),
      ['type-mismatch: the input of "known-child" 1.2.0 at /qty must be integer, and `input.text` is string'],
    )
    assert.deepEqual(
      told(
        'steps:\n  - return: { count: "${ input.text }", texts: ["${ input.text }", "${ input.count }"] }\n',
      ),
      [
        'type-mismatch: the result at /count must be number or null, and `input.text` is string',
        'type-mismatch: the result at /texts/1 must be string, and `input.count` is integer',
      ],
    )
    assert.deepEqual(told('steps:\n  - continueAsNew: { input: { count: "${ input.text }" } }\n'), [
      'type-mismatch: the input of the next run at /count must be integer, and `input.text` is string',
    ])
  })
})
