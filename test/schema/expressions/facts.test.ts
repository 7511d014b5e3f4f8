import assert from 'node:assert/strict'
import { readFacts } from '../../../schema/expressions/facts.ts'
import { parseExpression } from '../../../schema/expressions/parse.ts'

function factsOf(source: string) {
  const parsed = parseExpression(source)
  assert.ok('tree' in parsed, JSON.stringify(parsed))
  return readFacts(source, parsed.tree)
}

function namesOf(source: string) {
  const { steps, variables, roots, itemHeads, functions, allSteps, allVariables } = factsOf(source)
  // Each name stands where it is said to stand.
  for (const use of [...steps, ...variables, ...roots, ...itemHeads, ...functions]) {
    assert.ok(source.slice(use.at, use.at + use.length).includes(use.name), `${use.name} in ${source}`)
  }
  const named = (uses: readonly { readonly name: string }[]) =>
    [...new Set(uses.map(({ name }) => name))].sort()
  return {
    steps: allSteps ? '*' : named(steps),
    vars: allVariables ? '*' : named(variables),
    roots: named(roots),
    items: named(itemHeads),
    functions: named(functions),
  }
}

const none = { steps: [], vars: [], roots: [], items: [], functions: [] }

describe('what an expression names', () => {
  const cases: readonly (readonly [string, Partial<ReturnType<typeof namesOf>>])[] = [
    ['1 + 2', {}],
    ['input', { roots: ['input'] }],
    ['input.a.input', { roots: ['input'] }],
    ['$input.a', { roots: ['input'] }],
    ['$$.input.a', { roots: ['input'] }],
    ['$.input.a', { roots: ['input'] }],
    ['steps.a.b + vars.c', { steps: ['a'], vars: ['c'], roots: ['steps', 'vars'] }],
    ['$steps.a[0]', { steps: ['a'], roots: ['steps'] }],
    ['$$.steps.a', { steps: ['a'], roots: ['steps'] }],
    ['steps."a"', { steps: ['a'], roots: ['steps'] }],
    ['steps.`a`', { steps: ['a'], roots: ['steps'] }],
    ['steps', { steps: '*', roots: ['steps'] }],
    ['steps.*', { steps: '*', roots: ['steps'] }],
    ['steps[x].a', { steps: '*', roots: ['steps'], items: ['x'] }],
    ['$lookup(vars, input.x)', { vars: '*', roots: ['input', 'vars'], functions: ['lookup'] }],
    ['$', { steps: '*', vars: '*' }],
    ['$$', { steps: '*', vars: '*' }],
    ['*', { steps: '*', vars: '*' }],
    ['**.id', { steps: '*', vars: '*' }],
    ['input.items.(price * qty)', { roots: ['input'], items: ['price', 'qty'] }],
    ['input.items[sku = $vars.sku]', { roots: ['input', 'vars'], vars: ['sku'], items: ['sku'] }],
    ['input.items[$.sku = $$.vars.sku]', { roots: ['input', 'vars'], vars: ['sku'] }],
    ['input.items^(>price, name)', { roots: ['input'], items: ['name', 'price'] }],
    ['input.items{ kind: $sum(price) }', { roots: ['input'], items: ['kind', 'price'], functions: ['sum'] }],
    ['input.items.{ "k": kind }', { roots: ['input'], items: ['kind'] }],
    ['input.items@$i.input.b#$n[$i.x = $n]', { roots: ['input'], items: ['input'] }],
    ['vars@$v.input.a', { roots: ['input', 'vars'], vars: '*' }],
    [
      '$map(input.xs, function($x, $i) { $x.a & $i & vars.b })',
      { roots: ['input', 'vars'], vars: ['b'], functions: ['map'] },
    ],
    ['($f := function($n) { $n + 1 }; $f(input.x))', { roots: ['input'] }],
    ['input.x ~> $uppercase ~> $trim()', { roots: ['input'], functions: ['trim', 'uppercase'] }],
    ['input ~> |items|{ "x": price }|', { roots: ['input'], items: ['items', 'price'] }],
    [
      '{ "a": input.x, "b": [steps.s, -vars.v] }',
      { steps: ['s'], vars: ['v'], roots: ['input', 'steps', 'vars'] },
    ],
    ['input.a ? steps.x : vars.y', { steps: ['x'], vars: ['y'], roots: ['input', 'steps', 'vars'] }],
    ['[1..input.n]', { roots: ['input'] }],
    ['$substringBefore(?, "-")', { functions: ['substringBefore'] }],
  ]
  for (const [source, expected] of cases) {
    it(source, () => assert.deepEqual(namesOf(source), { ...none, ...expected }))
  }

  it('knows which steps are asked for with a default', () => {
    const guarded = (source: string) => factsOf(source).steps.map(({ name, guarded }) => `${name}:${guarded}`)
    assert.deepEqual(guarded('steps.a.x ?? steps.b'), ['a:true', 'b:false'])
    assert.deepEqual(guarded('steps.a ?: 1'), ['a:true'])
    assert.deepEqual(guarded('$exists(steps.a)'), ['a:true'])
    assert.deepEqual(guarded('steps.a ? 1 : 2'), ['a:false'])
    assert.deepEqual(guarded('$count(steps.a ?? [])'), ['a:true'])
  })

  it('knows which steps are proven where it holds', () => {
    assert.deepEqual(factsOf('$exists(steps.a) and ($exists(steps.b.c)) and input.x').provenSteps, ['a', 'b'])
    assert.deepEqual(factsOf('$exists(steps.a) or input.x').provenSteps, [])
    assert.deepEqual(factsOf('$not($exists(steps.a))').provenSteps, [])
  })
})
