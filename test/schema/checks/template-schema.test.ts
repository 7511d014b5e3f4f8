import assert from 'node:assert/strict'
import type { Json, JsonSchema } from '../../../schema/json.ts'
import { loadDocument } from '../../../schema/load.ts'

function told(input: JsonSchema, written: string): readonly string[] {
  const step = `  - id: x\n    activity: takes\n    input: ${written}\n`
  const { problems } = loadDocument(`dsl: perdure/1\nname: a\nversion: 1.0.0\nsteps:\n${step}`, {
    activities: new Map([['takes', { input }]]),
  })
  return problems.map(({ code, message }) => `${code}: ${message}`)
}

/** A `then` in a literal would make a promise of it. */
function parsed(schema: string): JsonSchema {
  return JSON.parse(schema)
}

const kinds: Json = [
  { properties: { kind: { const: 'a' } }, required: ['x'] },
  { properties: { kind: { const: 'b' } }, required: ['y'] },
]

describe('inputs that are known in part', () => {
  const fine: readonly (readonly [what: string, schema: JsonSchema, input: string])[] = [
    [
      'two computed items that must differ',
      { properties: { tags: { type: 'array', uniqueItems: true } } },
      '{ tags: ["${ input.a }", "${ input.b }"] }',
    ],
    [
      'a computed kind that decides what is required',
      parsed(
        '{"if":{"properties":{"kind":{"const":"a"}}},"then":{"required":["x"]},"else":{"required":["y"]}}',
      ),
      '{ kind: "${ input.k }", x: 1 }',
    ],
    ['a computed kind in oneOf', { oneOf: kinds }, '{ kind: "${ input.k }", y: 1 }'],
    ['a computed kind in anyOf', { anyOf: kinds }, '{ kind: "${ input.k }", y: 1 }'],
    [
      'a computed item where one must be a text',
      { properties: { l: { contains: { type: 'string' } } } },
      '{ l: [1, "${ input.k }"] }',
    ],
    [
      'a list of which one item is computed, among those allowed',
      {
        properties: {
          l: {
            enum: [
              [1, 2],
              [2, 3],
            ],
          },
        },
      },
      '{ l: [1, "${ input.k }"] }',
    ],
    [
      'what another part would allow',
      parsed(
        '{"unevaluatedProperties":false,"properties":{"k":true},"allOf":[{"if":{"properties":{"k":{"const":1}}},"then":{"properties":{"z":true}}}]}',
      ),
      '{ k: "${ input.k }", z: 1 }',
    ],
  ]
  for (const [what, schema, input] of fine)
    it(`allow ${what}`, () => assert.deepEqual(told(schema, input), []))

  it('are refused for what is certain', () => {
    const schema: JsonSchema = {
      type: 'object',
      required: ['id', 'kind'],
      properties: { id: { type: 'integer' }, kind: { enum: ['a', 'b'] } },
      additionalProperties: false,
      oneOf: kinds,
    }
    assert.deepEqual(told(schema, '{ id: x, kind: "${ input.k }" }'), [
      'activity-input-invalid: the input of "takes" at /id must be integer',
    ])
    assert.deepEqual(told(schema, '{ kind: c, more: "${ input.k }" }'), [
      'activity-input-invalid: the input of "takes" lacks the key "id"',
      'activity-input-invalid: the input of "takes" has the unknown key "more"',
      'activity-input-invalid: the input of "takes" at /kind must be one of "a", "b"',
    ])
  })

  it('are told with the key that is meant', () => {
    const { problems } = loadDocument(
      'dsl: perdure/1\nname: a\nversion: 1.0.0\nsteps:\n  - id: x\n    activity: takes\n    input: { orderid: 1, qty: "3" }\n',
      {
        activities: new Map([
          ['takes', { input: { required: ['orderId', 'qty'], properties: { qty: { type: 'number' } } } }],
        ]),
      },
    )
    assert.deepEqual(
      problems.map(({ suggestion }) => suggestion),
      ['did you mean `orderId` in place of `orderid`?', 'write it without quotes: 3'],
    )
  })

  it('are checked whole where nothing is computed', () => {
    assert.deepEqual(told({ oneOf: kinds }, '{ kind: a, x: 1 }'), [])
    assert.ok(told({ oneOf: kinds }, '{ kind: a, y: 1 }').length > 0)
    assert.ok(told({ properties: { l: { uniqueItems: true } } }, '{ l: [1, 1] }').length > 0)
  })
})
