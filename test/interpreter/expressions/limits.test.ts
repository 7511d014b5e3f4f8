import assert from 'node:assert/strict'
import { compileExpression } from '../../../interpreter/expressions/link.ts'
import { contextOf, evaluate, faultOf, scopeOver } from './scope-fixture.ts'

const big = Array.from({ length: 5_000 }, (_, id) => ({ id, v: (id * 7919) % 5003 }))
const data = { input: { big, text: 'a'.repeat(200_000), list: big.map((row) => row.v) } }

const hostile: readonly (readonly [limit: string, source: string])[] = [
  ['expressionSteps', '($f := function($x) { $f($x) }; $f(1))'],
  ['expressionDepth', '($f := function($x) { 1 + $f($x) }; $f(1))'],
  ['expressionDepth', '($f := function($x) { [1, $f($x)] }; $f(1))'],
  ['expressionDepth', '($f := function($x) { $map([1, 2], $f) }; $f(1))'],
  ['expressionSteps', '($y := function($g) { $g($g) }; $y($y))'],
  ['expressionSteps', '[1..9999999]'],
  ['expressionSteps', '[1..100000].($count($$.input.list))'],
  ['expressionSteps', '$map([1..1000000], function($x) { $x })'],
  ['expressionSteps', '$reduce([1..60], function($a, $i) { [1..2].($a) }, [1])'],
  ['expressionBytes', '$reduce([1..60], function($a, $i) { $a & $a }, "x")'],
  ['expressionBytes', '$reduce([1..60], function($a, $i) { [[$a], [$a]] }, 1)'],
  ['expressionBytes', '$reduce([1..60], function($a, $i) { {"l": $a, "r": $a} }, 1)'],
  ['expressionBytes', '$reduce([1..60], function($a, $i) { $zip([$a], [$a]) }, 1)'],
  ['expressionBytes', '$pad("", 200000000, "x")'],
  ['expressionBytes', '$join([1..100000].$string(), $pad("", 1000, "x"))'],
  ['expressionSteps', '$replace(input.text, /a.*z|a/, "b")'],
  ['expressionSteps', `[${'1,'.repeat(30_000)}1]`],
  ['expressionSteps', `[${'input.big,'.repeat(1_500)}1]`],
  ['expressionSteps', 'input.big@$b^($b.v, $b.id).input.big@$c^($c.v)'],
]

describe('limits of an expression', () => {
  for (const [limit, source] of hostile) {
    it(`${limit} stops ${source.slice(0, 100)}`, async () => {
      const shape = await faultOf(source, data)
      assert.equal(shape.type, 'LimitExceeded')
      assert.equal(shape.retryable, false)
      const details = shape.details as { limit: string; value: number; expression: string }
      assert.equal(details.limit, limit)
      assert.equal(details.expression, source)
      assert.match(shape.message, new RegExp(`${details.value}.*${limit}.*likely cause`))
    })
  }

  it('stop at the same step in each replay, and between others that run meanwhile', async () => {
    const source = '($r := $random(); $reduce([1..200], function($a, $i) { $a + $i * $r }))'
    const stepsNeeded = async (): Promise<number> => {
      let low = 1
      let high = 100_000
      while (low < high) {
        const middle = Math.floor((low + high) / 2)
        const fits = await evaluate(source, {}, contextOf({ expressionSteps: middle })).then(
          () => true,
          () => false,
        )
        if (fits) high = middle
        else low = middle + 1
      }
      return low
    }
    const [alone] = await Promise.all([stepsNeeded()])
    const [first, second] = await Promise.all([stepsNeeded(), stepsNeeded(), evaluate('[1..1000].($ * 2)')])
    assert.equal(first, alone)
    assert.equal(second, alone)
    assert.ok(alone > 200)
  })

  it('count each evaluation of one compiled expression by itself', async () => {
    const compiled = compileExpression('$sum($map(input.list, function($x) { $x * 2 }))')
    const one = await compiled(scopeOver(data), contextOf())
    const many = await Promise.all(
      Array.from({ length: 40 }, () => compiled(scopeOver(data), contextOf({ expressionSteps: 60_000 }))),
    )
    for (const value of many) assert.equal(value, one)
  })

  it('leave long but honest work alone', async () => {
    assert.deepEqual(await evaluate(`$count([${'1,'.repeat(9_999)}1])`), 10_000)
    assert.equal(await evaluate('$count($sort(input.list))', data), 5_000)
    assert.equal(await evaluate('$count(input.big^(>v, id))', data), 5_000)
    assert.equal(await evaluate('$count($distinct(input.big.{"v": v}))', data), 5_000)
    assert.equal(
      await evaluate('$lookup(input.big{"k": $sum(v)}, "k")', data),
      data.input.list.reduce((a, b) => a + b, 0),
    )
    assert.equal(await evaluate('$count([1..400])'), 400)
    const wide = `[${Array.from({ length: 500 }, (_, index) => `vars.n + ${index}`).join()}]`
    assert.equal(((await evaluate(wide, { vars: { n: 1 } })) as readonly unknown[]).length, 500)
  })
})

describe('hostile expressions', () => {
  const rows = Array.from({ length: 10_000 }, (_, id) => ({ id, v: (id * 7919) % 10_007 }))
  const heavy = { input: { rows, list: rows.map((row) => row.v), text: 'a'.repeat(300_000) } }

  /** Each asks the generator on its way, so that it is seen how far it got. */
  const cut = [
    '($f := function($x) { $f($x + $random()) }; $f(1))',
    '($f := function($x) { $random() + $f($x) }; $f(1))',
    '[1..90000].($random())',
    '$reduce([1..60], function($a, $i) { $random() > 2 ? "" : $a & $a }, "x")',
    '$reduce([1..60], function($a, $i) { [$random(), $a, $a] }, 1)',
    '$sort([1..10000], function($a, $b) { $a + $random() > $b and $count($$.input.list) > 0 })',
    'input.rows@$r^($r.v + $random())',
    'input.rows.($random(); $$.input.list)',
    '$map(input.list, function($x) { ($random(); $match($$.input.text, /(a|aa)+$/)) })',
    '$map(input.list, function($x) { ($random(); $pad("x", 100000)) })',
  ]

  for (const source of cut) {
    it(`${source} is cut at the same place in each replay`, async () => {
      const run = async () => {
        let asked = 0
        // A tenth of what is allowed shows the same, sooner.
        const context = contextOf({ expressionSteps: 100_000, expressionBytes: 2_000_000 })
        const random = () => {
          asked++
          return context.random()
        }
        const counting = { ...context, random }
        const { type, details } = await faultOf(source, heavy, counting)
        assert.equal(type, 'LimitExceeded')
        assert.ok(asked > 0)
        return { asked, details }
      }
      const alone = await run()
      const [among] = await Promise.all([run(), evaluate('[1..1000].($ * 2)'), evaluate('$random()')])
      assert.deepEqual(among, alone)
    })
  }

  it('end in bounded processor time and memory', async () => {
    const sources = [
      '($f := function($x) { $f($x) }; $f(1))',
      '$sort(input.list)',
      'input.rows^(>v, id)',
      '$match(input.text, /(a*)*b/)',
      '$match(input.text, /(a|a?)+b/)',
      '$contains(input.text, /^(a+)+$/)',
      '$replace(input.text, /(a+)+b/, "x")',
      '$match(input.text, /((a{1,100}){1,100}){1,10}b/)',
      '[1..99999999999]',
      '[1..1000].[1..1000]',
      '$pad("", 9007199254740991)',
      '$join([1..900000].$string())',
      '**',
    ]
    for (const source of sources) {
      const before = process.cpuUsage()
      const heapBefore = process.memoryUsage().heapUsed
      await evaluate(source, heavy).catch(() => undefined)
      const { user, system } = process.cpuUsage(before)
      // Measured at 0.01 to 3 s and 1 to 180 MB on the slowest of our machines.
      assert.ok((user + system) / 1000 < 15_000, `${source} took ${(user + system) / 1000} ms`)
      const megabytes = (process.memoryUsage().heapUsed - heapBefore) / 1e6
      assert.ok(megabytes < 400, `${source} took ${megabytes} MB`)
    }
  }).timeout(60_000)
})

describe('what has no answer is ExpressionError', () => {
  const cases: readonly (readonly [source: string, says: RegExp])[] = [
    ['$fromMillis(1e300)', /8640000000000000/],
    ['$fromMillis(1/0)', /Infinity/],
    ['$fromMillis(-8640000000000001)', /either way/],
    ['$fromMillis(0, "[H01]", "Europe/Berlin")', /'\+0100'/],
    ['$fromMillis(0, "[H01]", "+05:30")', /'\+0100'/],
    ['$fromMillis(0, "[H01]", "+1500")', /'\+0100'/],
    ['$now("[H01]", "x")', /'\+0100'/],
    ['$now($pad("", 501, "Y"))', /500 characters/],
    ['$toMillis("soon")', /ISO 8601/],
    ['$addDuration("2026-01-31T00:00:00Z", "P9999999Y")', /ISO 8601 duration/],
    ['$sift({"a": 1})', /without what it needs/],
    ['$formatBase(1, 99)', /radix/],
    ['$round(1, 1e9)', /NaN/],
    ['$power(10, 400)', /power/],
    ['1 / 0', /infinite/],
    ['$number("1e999")', /1e999/],
    ['$encodeUrl("\\ud800")', /Malformed/],
    ['$error("no")', /no/],
    ['$assert(false, "not so")', /not so/],
  ]
  for (const [source, says] of cases) {
    it(source, async () => {
      const shape = await faultOf(source)
      assert.equal(shape.type, 'ExpressionError')
      assert.equal(shape.retryable, false)
      assert.match(shape.message, says)
    })
  }

  it('and what has one is answered', async () => {
    assert.equal(await evaluate('$fromMillis(0, "[H01]:[m01]", "+0530")'), '05:30')
    assert.equal(await evaluate('$now("[Y0001]-[M01]-[D01]")'), '1970-01-02')
    assert.equal(await evaluate('$now()'), '1970-01-02T00:00:00.000Z')
    assert.equal(await evaluate('$fromMillis($millis())'), await evaluate('$now()'))
  })
})
