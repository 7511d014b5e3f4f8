import assert from 'node:assert/strict'
import { compileSchemaCheck, SchemaRefused } from '../../schema/input.ts'
import type { Json, JsonSchema } from '../../schema/json.ts'
import { cpuMs } from './cpu-time.ts'

describe('checks of values by JSON Schema', () => {
  it('fills in defaults on a copy', () => {
    const check = compileSchemaCheck({
      type: 'object',
      properties: {
        a: { type: 'integer', default: 3 },
        b: { type: 'object', default: {}, properties: { c: { default: 'x' } } },
      },
    })
    const value = { z: 1 }
    assert.deepEqual(check(value), { ok: true, value: { z: 1, a: 3, b: { c: 'x' } } })
    assert.deepEqual(value, { z: 1 })
  })

  it('tells every error with its path', () => {
    const check = compileSchemaCheck({
      type: 'object',
      required: ['id'],
      additionalProperties: false,
      properties: {
        id: { type: 'string' },
        items: { type: 'array', items: { type: 'number', minimum: 0 } },
        mail: { type: 'string', format: 'email' },
        plan: { enum: ['basic', 'pro'] },
      },
    })
    assert.deepEqual(check({ items: [1, -1, 'a'], mail: 'x', plan: 'gold', more: 1 }), {
      ok: false,
      errors: [
        { path: '', message: 'lacks the key "id"' },
        { path: '', message: 'has the unknown key "more"' },
        { path: '/items/1', message: 'must be >= 0' },
        { path: '/items/2', message: 'must be number' },
        { path: '/mail', message: 'must match format "email"' },
        { path: '/plan', message: 'must be one of "basic", "pro"' },
      ],
    })
  })

  const combined: readonly (readonly [JsonSchema, Json, readonly { path: string; message: string }[]])[] = [
    [
      { oneOf: [{ required: ['a'] }, { required: ['b'], properties: { b: { type: 'number' } } }] },
      { b: 'x' },
      [{ path: '', message: 'must match exactly one schema in oneOf: lacks the key "a"; /b must be number' }],
    ],
    [
      {
        properties: {
          x: { anyOf: [{ type: 'string' }, { oneOf: [{ $ref: '#/$defs/p' }, { type: 'null' }] }] },
        },
        $defs: { p: { required: ['q'] } },
      },
      { x: {} },
      [
        {
          path: '/x',
          message:
            'must match a schema in anyOf: must be string; must match exactly one schema in oneOf: lacks the key "q"; must be null',
        },
      ],
    ],
    [
      {
        properties: { a: { type: 'string' } },
        if: { required: ['k'] },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: { required: ['v'] },
        else: { $ref: '#/$defs/e' },
        $defs: { e: { required: ['u'] } },
      },
      { a: 1 },
      [
        { path: '', message: 'lacks the key "u"' },
        { path: '/a', message: 'must be string' },
      ],
    ],
  ]
  for (const [schema, value, errors] of combined)
    it(`tells once what fails in the ways of ${JSON.stringify(schema)}`, () => {
      assert.deepEqual(compileSchemaCheck(schema)(value), { ok: false, errors })
    })

  it('lists no more errors than help', () => {
    const result = compileSchemaCheck({ items: { type: 'number' } })(Array.from({ length: 50 }, () => 'x'))
    assert.ok(!result.ok)
    assert.equal(result.errors.length, 21)
    assert.deepEqual(result.errors.at(-1), { path: '', message: 'and 30 more' })
  })

  it('finds equal items in one pass, whatever the order of their keys', () => {
    const check = compileSchemaCheck({ uniqueItems: true })
    assert.deepEqual(check([{ a: 1, b: [2] }, 1, '1', { b: [2], a: 1 }]), {
      ok: false,
      errors: [{ path: '', message: 'must NOT have duplicate items (items 0 and 3 are identical)' }],
    })
    assert.equal(check([1, '1', true, 'true', null, 'null', [], {}, [[]]]).ok, true)
    assert.equal(check('no list').ok, true)
    assert.equal(compileSchemaCheck({ uniqueItems: false })([1, 1]).ok, true)
    const many = Array.from({ length: 50_000 }, (_, n) => ({ n }))
    const before = cpuMs()
    assert.equal(check(many).ok, true)
    assert.ok(cpuMs() - before < 5_000)
  })

  it('takes booleans, formats, local references and draft 2020-12 keywords', () => {
    assert.equal(compileSchemaCheck(true)(1).ok, true)
    assert.equal(compileSchemaCheck(false)(1).ok, false)
    assert.equal(compileSchemaCheck({ format: 'date' })('2026-02-30').ok, false)
    const tree = compileSchemaCheck({
      $ref: '#/$defs/n',
      $defs: {
        n: { type: 'object', properties: { next: { $ref: '#/$defs/n' } }, unevaluatedProperties: false },
      },
    })
    assert.equal(tree({ next: { next: {} } }).ok, true)
    assert.equal(tree({ next: { other: 1 } }).ok, false)
    assert.equal(
      compileSchemaCheck({ prefixItems: [{ type: 'string' }], items: false })(['a', 'b']).ok,
      false,
    )
  })

  it('keeps two schemas with one $id, and two patterns, apart', () => {
    const first = compileSchemaCheck({
      $id: 'https://example.org/x',
      properties: { a: { type: 'string', pattern: '^a' } },
    })
    const second = compileSchemaCheck({
      $id: 'https://example.org/x',
      properties: { a: { type: 'string', pattern: '^b' } },
    })
    assert.deepEqual(
      [first({ a: 'a' }).ok, first({ a: 'b' }).ok, second({ a: 'a' }).ok, second({ a: 'b' }).ok],
      [true, false, false, true],
    )
  })

  it('runs any pattern in linear time', () => {
    const check = compileSchemaCheck({ type: 'string', pattern: '^(a+)+$' })
    const started = cpuMs()
    assert.equal(check(`${'a'.repeat(50_000)}!`).ok, false)
    assert.ok(cpuMs() - started < 2_000)
  })

  it('a recursive schema on a deep value is an error, not a crash', () => {
    let deep: { readonly [key: string]: object } | object = {}
    for (let level = 0; level < 200_000; level++) deep = { next: deep }
    const check = compileSchemaCheck({
      $ref: '#/$defs/n',
      $defs: { n: { properties: { next: { $ref: '#/$defs/n' } } } },
    })
    const result = check(deep as never)
    assert.ok(!result.ok)
    assert.match(result.errors[0]?.message ?? '', /too deep/)
  })

  const refused: readonly (readonly [JsonSchema, RegExp, string])[] = [
    [{ type: 'strng' }, /allowed values/, '/type'],
    [{ properties: { a: { minimum: 'x' } } }, /must be number/, '/properties/a/minimum'],
    [{ $ref: 'https://example.org/a.json' }, /only references inside/, ''],
    [{ $ref: '#/$defs/none' }, /only references inside/, ''],
    [{ $schema: 'http://json-schema.org/draft-07/schema#' }, /2020-12/, '/$schema'],
    [{ pattern: '(?!a)b' }, /invalid or unsupported/, ''],
    [{ pattern: '(' }, /regexp|regular expression/i, ''],
  ]
  for (const [schema, message, path] of refused) {
    it(`refuses ${JSON.stringify(schema)}`, () => {
      assert.throws(
        () => compileSchemaCheck(schema),
        (error) => error instanceof SchemaRefused && message.test(error.message) && error.path === path,
      )
    })
  }
})
