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
  ['expressionSteps', 'input.big@$b^($b.v, $b.id).input.big@$c^($c.v)'],
]

describe('limits of an expression', () => {
  for (const [limit, source] of hostile) {
    it(`${limit} stops ${source}`, async () => {
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
