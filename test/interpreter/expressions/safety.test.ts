/** An expression can change nothing, and reach nothing but its scope. */
import assert from 'node:assert/strict'
import type { JsonObject } from '../../../schema/json.ts'
import { contextOf, evaluate, faultOf } from './scope-fixture.ts'

function freshData() {
  return {
    input: {
      list: [3, 1, 2],
      rows: [{ k: 'a', v: 1 }],
      none: [],
      matrix: [[], [1]],
      one: [{ p: 1 }],
      map: { x: { y: 1 } },
    },
    vars: { n: 1 },
    steps: {},
  }
}

/** Names of all own properties, so that a hidden flag on a list is seen. */
function trace(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  return Object.getOwnPropertyNames(value).map((name) => [name, trace(Reflect.get(value, name))])
}

describe('an expression changes nothing', () => {
  for (const source of [
    'input.list[]',
    'input.none[]',
    'input.none{ "a": $count($) }',
    'input.none{k: v}',
    'input.matrix.{ "a": 1 }',
    'input.matrix.{ "a": $error("x") }',
    'input.rows{k: v}',
    'input.rows[]{k: v}',
    '$sort(input.list)',
    'input.list^($)',
    'input.one^(p)',
    'input.one^(p)[]',
    '$append(input.list, 4)',
    '$reverse(input.list)',
    '$shuffle(input.list)',
    '$merge([input.map, {"x": 2}])',
    '$sift(input.map, function($v) { false })',
    '$spread(input.map)',
    'input ~> | rows | {"v": 2}, "k" |',
    'input ~> | $$.input.rows | {"v": 2} |',
    'input ~> | $vars | {"n": 2} |',
    '$ ~> | ** | {"z": 1} |',
    '$each(input.map, function($v) { $v ~> | x | {"y": 2} | })',
    '$map(input.rows, function($r) { $r ~> | $ | {"v": 9} | })',
    '($x := input.rows; $x := [1]; input.rows)',
    'input.*',
    'input.**',
    'input.rows@$r#$i.{ "i": $i }',
    '$distinct(input.list)',
    '$zip(input.list, input.list)',
  ]) {
    it(source, async () => {
      const data: JsonObject = freshData()
      const before = trace(data)
      await evaluate(source, data).catch(() => undefined)
      assert.deepEqual(trace(data), before)
    })
  }

  it('and its result shares nothing that jsonata marked', async () => {
    const data = freshData()
    assert.deepEqual(await evaluate('input ~> | rows | {"v": 2} |', data), {
      ...freshData().input,
      rows: [{ k: 'a', v: 2 }],
    })
    assert.match(
      (await faultOf('input ~> | $vars | {"n": 2} |', data)).message,
      /outside of what it transforms/,
    )
  })
})

describe('an expression reaches nothing but its scope', () => {
  for (const source of [
    'input.constructor',
    'input.list.constructor',
    'input.__proto__',
    '$.__proto__.constructor',
    '$lookup(input, "constructor")',
    '$lookup(input, "__proto__")',
    '"x".constructor',
    '$sum.constructor',
    '$constructor',
    '$toString',
    '$__proto__',
  ]) {
    it(`${source} is nothing`, async () => {
      assert.equal(await evaluate(source, freshData()), undefined)
    })
  }

  it('and `__proto__` as a key does not change what others read', async () => {
    await evaluate('$merge([{"__proto__": {"polluted": true}}]).polluted', freshData()).catch(() => undefined)
    await evaluate('input ~> | $ | {"__proto__": {"polluted": true}} |', freshData()).catch(() => undefined)
    assert.equal(Reflect.get({}, 'polluted'), undefined)
    assert.equal(await evaluate('input.polluted', freshData(), contextOf()), undefined)
  })
})
