/** docs/language/expressions.md, sentence by sentence. */
import assert from 'node:assert/strict'
import { contextOf, evaluate, faultOf } from './scope-fixture.ts'

const items = [
  { sku: 'b', price: 3, qty: 2 },
  { sku: 'a', price: 1, qty: 4 },
]
const data = { input: { items, name: 'Ann' }, vars: { n: 1 }, steps: { s: { ok: true } } }

describe('the root of an expression is the scope', () => {
  it('and each root is a variable too, which a predicate can reach', async () => {
    const values = { ...data, update: { sku: 'a' } }
    assert.deepEqual(await evaluate('input.items[sku = $update.sku].price', values), 1)
    assert.deepEqual(await evaluate('input.items[$steps.s.ok].sku', values), ['b', 'a'])
    assert.deepEqual(await evaluate('$count(input.items[$vars.n = 1])', values), 2)
  })
  it('which can be read whole', async () => {
    assert.deepEqual(await evaluate('$sort($keys($))', data), ['input', 'steps', 'vars'])
    assert.deepEqual(await evaluate('$keys(steps)', data), 's')
    assert.deepEqual(await evaluate('$count($keys($steps))', data), 1)
  })
})

describe('the profile is deterministic', () => {
  it('$now() and $millis() are the time of the event', async () => {
    assert.equal(await evaluate('$millis()'), 86_400_000)
    assert.equal(await evaluate('$now()'), '1970-01-02T00:00:00.000Z')
    assert.equal(await evaluate("$now('[Y]-[M01]')"), '1970-01')
    assert.equal(await evaluate("$toMillis('03:00', '[H01]:[m01]')"), 86_400_000 + 3 * 3_600_000)
  })
  it('$random(), $shuffle() and $uuid() come from the run', async () => {
    for (const source of ['$random()', '$shuffle([1..20])', '$uuid()', '[$random(), $random()]']) {
      assert.deepEqual(await evaluate(source), await evaluate(source))
    }
    assert.notDeepEqual(await evaluate('[$random()]'), await evaluate('[$random(), $random()][1]'))
    assert.match(
      String(await evaluate('$uuid()')),
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )
    assert.deepEqual(await evaluate('$sort($shuffle([1..20]))'), await evaluate('[1..20]'))
  })
  it('the parts of a list and an object are evaluated in order, one by one', async () => {
    const drawn = (await evaluate('[[$random(), $random()], $random()]')) as [[number, number], number]
    const { random } = contextOf()
    assert.deepEqual(drawn, [[random(), random()], random()])
    const inObject = (await evaluate("{ 'a': [$random()], 'b': $random() }")) as { a: number[]; b: number }
    const again = contextOf()
    assert.deepEqual(inObject, { a: [again.random()], b: again.random() })
  })
  it('$addDuration is calendar arithmetic', async () => {
    assert.equal(await evaluate("$addDuration('2024-01-31T10:00:00Z', 'P1M')"), '2024-02-29T10:00:00.000Z')
    assert.equal(await evaluate("$addDuration(0, 'PT1H')"), 3_600_000)
    assert.equal(await evaluate("$addDuration(vars.none, 'PT1H')", data), undefined)
    assert.equal((await faultOf("$addDuration('2024-01-31', '1 month')")).type, 'ExpressionError')
  })
  it('a time without a zone is UTC, whatever the zone of the machine', async () => {
    assert.equal(await evaluate("$toMillis('1970-01-02T00:00:00')"), 86_400_000)
    assert.equal(await evaluate('$fromMillis(0)'), '1970-01-01T00:00:00.000Z')
  })
  it('$eval is refused', async () => {
    assert.match((await faultOf("$eval('1')")).message, /\$eval.*refused/)
  })
  it('regular expressions run in linear time; look-around and back-references are refused', async () => {
    assert.equal(await evaluate("$replace('a-b', /(\\w)-(\\w)/, '$2-$1')"), 'b-a')
    assert.equal(await evaluate("$contains('ABC', /b/i)"), true)
    assert.deepEqual(await evaluate("$split('a1b22c', /[0-9]+/)"), ['a', 'b', 'c'])
    assert.deepEqual(await evaluate("$match('x=1,y=2', /(?<key>[a-z])=(\\d)/).groups[0]"), ['x', 'y'])
    assert.equal(await evaluate("$count($match('a\nb', /^./m))"), 2)
    assert.deepEqual(await evaluate("['hat', 'cap'][$ ~> /hat/]"), 'hat')
    for (const source of ['/(?=a)/', '/(?<!a)b/', '/(a)\\1/']) {
      const shape = await faultOf(`$match('aab', ${source})`)
      assert.equal(shape.type, 'ExpressionError')
      assert.match(shape.message, /look-around and back-references are refused/)
    }
    assert.equal(await evaluate("$contains($pad('', 50000, 'a'), /^(a+)+$b/)"), false)
  })
})

describe('a result is plain JSON', () => {
  it('without the hidden flags of jsonata', async () => {
    for (const source of [
      'input.items[price > 2][]',
      'input.items.sku',
      '[1..3]',
      'input.items.[sku]',
      '[input.items]',
    ]) {
      const value = await evaluate(source, data)
      assert.ok(Array.isArray(value))
      assert.deepEqual(
        Object.getOwnPropertyNames(value).filter((name) => !/^\d+$/.test(name)),
        ['length'],
      )
    }
    assert.equal(Object.getPrototypeOf(await evaluate("{ 'a': 1 }")), Object.prototype)
  })
  it('so functions, NaN and infinities are ExpressionError', async () => {
    for (const source of [
      '$sum',
      'function($x) { $x }',
      "{ 'f': $sum }",
      '[1 / 0]',
      '0 / 0',
      '-1 / 0',
      '/a/',
    ]) {
      assert.equal((await faultOf(source)).type, 'ExpressionError', source)
    }
  })
  it('and integers beyond 2^53 are refused', async () => {
    for (const source of ['9007199254740992', '9007199254740991 + 1', '$power(2, 60)', "[{ 'a': 1e22 }]"]) {
      assert.match((await faultOf(source)).message, /2\^53.*string/, source)
    }
    assert.equal(await evaluate('9007199254740991'), 9_007_199_254_740_991)
  })
  it('and -0 is 0', async () => {
    assert.ok(Object.is(await evaluate('-1 * 0'), 0))
    assert.ok(Object.is(((await evaluate('[-(0)]')) as readonly number[])[0], 0))
  })
  it('and U+0000, lone surrogates and a key `__proto__` are refused', async () => {
    for (const source of ['"\\u0000"', '["\\ud800"]', "{ '__proto__': 1 }", '"a" & "\\udc00"']) {
      assert.equal((await faultOf(source)).type, 'ExpressionError', source)
    }
    assert.equal(await evaluate('"\\ud83d\\ude00"'), '😀')
  })
  it('an object drops members that are nothing', async () => {
    assert.deepEqual(await evaluate("{ 'a': vars.none, 'b': 1 }", data), { b: 1 })
  })
  it('one match becomes the bare item, none becomes nothing, `[]` keeps a list', async () => {
    assert.deepEqual(await evaluate('input.items[price > 2].sku', data), 'b')
    assert.deepEqual(await evaluate('input.items[price > 2].sku[]', data), ['b'])
    assert.equal(await evaluate('input.items[price > 9]', data), undefined)
  })
})

describe('defaults', () => {
  it('`??` replaces nothing only; `?:` also null, false, 0 and the empty text', async () => {
    const values = { vars: { none: null, no: false, zero: 0, empty: '' } }
    assert.equal(await evaluate('vars.absent ?? 1', values), 1)
    for (const [name, value] of Object.entries(values.vars)) {
      assert.equal(await evaluate(`vars.${name} ?? 1`, values), value)
      assert.equal(await evaluate(`vars.${name} ?: 1`, values), 1)
    }
  })
  it('$not of nothing is nothing', async () => {
    assert.equal(await evaluate('$not(vars.absent)', { vars: {} }), undefined)
  })
})

describe('our own functions keep the meaning of jsonata', () => {
  it('sorting: by terms, by comparator, stable, what has no key last', async () => {
    const list = { input: { items: [...items, { sku: 'c' }, { sku: 'd', price: 1 }] } }
    assert.deepEqual(await evaluate('input.items^(price).sku', list), ['a', 'd', 'b', 'c'])
    assert.deepEqual(await evaluate('input.items^(>price, >sku).sku', list), ['b', 'd', 'a', 'c'])
    assert.deepEqual(await evaluate('input.items^(price)[0].sku', list), 'a')
    assert.deepEqual(await evaluate('input.items[price > 2]^(price)', list), items[0])
    assert.deepEqual(await evaluate('$sort(input.items, function($a, $b) { $a.sku < $b.sku }).sku', list), [
      'd',
      'c',
      'b',
      'a',
    ])
    assert.equal((await faultOf("$sort([1, 'a'])")).type, 'ExpressionError')
    assert.equal((await faultOf("[{'a': 1}, {'a': 'x'}]^(a)")).type, 'ExpressionError')
  })
  it('$distinct compares deeply', async () => {
    assert.deepEqual(
      await evaluate("$distinct([1, '1', 1, {'a': [1], 'b': 2}, {'b': 2, 'a': [1]}, null, null])"),
      [1, '1', { a: [1], b: 2 }, null],
    )
  })
  it('$pad counts characters, left and right', async () => {
    assert.equal(await evaluate("$pad('a', 4, 'xy')"), 'axyx')
    assert.equal(await evaluate("$pad('😀', -3, '#')"), '##😀')
    assert.equal(await evaluate("$map(['a', 'b'], $pad(?, 2, '-')) ~> $join(',')"), 'a-,b-')
  })
})
