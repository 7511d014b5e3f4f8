import assert from 'node:assert/strict'
import fc from 'fast-check'
import jsonata from 'jsonata'
import { compileExpression } from '../../../interpreter/expressions/link.ts'
import type { Json, JsonObject } from '../../../schema/json.ts'
import { contextOf, scopeOver } from './scope-fixture.ts'

/** What jsonata itself gives, as plain JSON; `fails` where it throws or gives what no result may hold. */
async function byJsonata(source: string, data: JsonObject): Promise<{ value: Json | undefined } | 'fails'> {
  try {
    const bindings = { ...data }
    const value: unknown = await jsonata(source).evaluate(structuredClone(data), structuredClone(bindings))
    if (typeof value === 'number' && (!Number.isFinite(value) || Math.abs(value) > 2 ** 53)) return 'fails'
    return { value: value === undefined ? undefined : JSON.parse(JSON.stringify(value)) }
  } catch {
    return 'fails'
  }
}

async function byUs(source: string, data: JsonObject): Promise<{ value: Json | undefined } | 'fails'> {
  try {
    const value = await compileExpression(source)(scopeOver(data), contextOf())
    return { value: value === undefined ? undefined : JSON.parse(JSON.stringify(value)) }
  } catch {
    return 'fails'
  }
}

const name = fc.constantFrom('a', 'b', 'c')
const scalar: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom(null, true, false, '', 'x', '10', 0, 1, -2.5),
  fc.integer({ min: -5, max: 5 }),
)
const { value: anyValue } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.dictionary(name, tie('value'), { maxKeys: 3 }),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
}))
const data: fc.Arbitrary<JsonObject> = fc.record({
  input: anyValue,
  vars: fc.dictionary(name, anyValue),
  steps: fc.dictionary(name, anyValue),
})
const head = fc.constantFrom('input', 'vars', 'steps', '$input', '$vars', '$steps', '`input`')
const pathText = fc
  .tuple(head, fc.array(fc.oneof(name, fc.constant('`a`'), fc.constant('"b"')), { maxLength: 3 }))
  .map(([first, rest]) => [first, ...rest].join('.'))
const literal = fc.constantFrom('null', 'true', 'false', '0', '1', '2.5', '"x"', "''", '-1')
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    pathText,
    literal,
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom(
          '=',
          '!=',
          '<',
          '<=',
          '>',
          '>=',
          '+',
          '-',
          '*',
          '/',
          '%',
          '&',
          'and',
          'or',
          '??',
          '?:',
        ),
        tie('expression'),
      )
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    fc
      .tuple(fc.constantFrom('$not', '$exists', '$boolean'), tie('expression'))
      .map(([called, argument]) => `${called}(${argument})`),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map(([test, then, otherwise]) => `(${test} ? ${then} : ${otherwise})`),
  ),
}))

describe('expressions that run without jsonata', () => {
  it('give what jsonata gives, for any path over any data', async () => {
    await fc.assert(
      fc.asyncProperty(pathText, data, async (source, values) => {
        assert.deepEqual(await byUs(source, values), await byJsonata(source, values))
      }),
      { numRuns: 500 },
    )
  })

  it('give what jsonata gives, for guards, counters and defaults', async () => {
    await fc.assert(
      fc.asyncProperty(expression, data, async (source, values) => {
        assert.deepEqual(await byUs(source, values), await byJsonata(source, values))
      }),
      { numRuns: 1000 },
    )
  })

  for (const source of [
    'input.a.b',
    '`input`.`a`.b',
    '$input.a',
    'steps.s.ok',
    'vars.x ?? "lit"',
    '$not(steps.s.ok)',
  ]) {
    it(`are synchronous: ${source}`, () => {
      const value = compileExpression(source)(
        scopeOver({ input: { a: { b: 1 } }, vars: {}, steps: { s: { ok: true } } }),
        contextOf(),
      )
      assert.ok(value !== undefined && !(value instanceof Promise))
    })
  }

  it('ask jsonata when a path meets a list', async () => {
    const value = compileExpression('input.a.b')(
      scopeOver({ input: { a: [{ b: 1 }, { b: 2 }] } }),
      contextOf(),
    )
    assert.ok(value instanceof Promise)
    assert.deepEqual(await value, [1, 2])
  })

  it('read own properties alone', async () => {
    for (const source of [
      'input.constructor',
      'input.__proto__',
      'input.toString',
      '$input.constructor.name',
    ]) {
      assert.equal(await compileExpression(source)(scopeOver({ input: {} }), contextOf()), undefined)
    }
  })
})
