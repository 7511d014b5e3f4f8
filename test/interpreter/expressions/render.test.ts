import assert from 'node:assert/strict'
import { Fault } from '../../../interpreter/errors/fault.ts'
import { linkPlan } from '../../../interpreter/expressions/link.ts'
import { evaluateCondition, evaluateValue, render } from '../../../interpreter/expressions/render.ts'
import { nextRandom, seedFrom } from '../../../interpreter/values/random.ts'
import type { JsonObject } from '../../../schema/json.ts'
import { type Plan, planVersion, type Template } from '../../../schema/plan.ts'
import { contextOf, scopeOver } from './scope-fixture.ts'

function programOf(...sources: string[]) {
  const plan: Plan = {
    planVersion,
    name: 'test',
    version: '1.0.0',
    digest: '',
    labels: {},
    vars: [],
    activityDefaults: {},
    signals: {},
    queries: {},
    updates: {},
    saga: { order: 'sequential', onFailure: 'continue' },
    blocks: {},
    steps: {},
    expressions: sources.map((source, index) => ({
      source,
      place: { line: 10 + index, column: 5 },
      path: `/steps/${index}/input`,
      names: { steps: [], vars: [], roots: [] },
    })),
  }
  return linkPlan(plan)
}

const data: JsonObject = {
  input: { n: 0.1, s: 'Ann', o: { a: 0.2 }, list: [1, 2], none: null },
  vars: {},
  steps: {},
}
const text = (...parts: (string | number)[]): Template => ({ kind: 'text', parts })
const expression = (index: number): Template => ({ kind: 'expression', expression: index })

async function faultFrom(run: () => unknown): Promise<Fault['shape']> {
  try {
    await run()
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.shape
    throw thrown
  }
  throw new Error('no fault')
}

describe('templates', () => {
  it('a string that is exactly one ${ } yields the value with its type', () => {
    const program = programOf('input.list', 'input.none')
    assert.deepEqual(render(program, expression(0), scopeOver(data), contextOf()), [1, 2])
    assert.equal(render(program, expression(1), scopeOver(data), contextOf()), null)
  })

  it('in a longer string each part is turned into text as $string does', async () => {
    const program = programOf(
      'input.s',
      'input.n',
      'input.o',
      'input.list',
      'input.none',
      'input.n + 0.2',
      'true',
    )
    const parts = text(0, '|', 1, '|', 2, '|', 3, '|', 4, '|', 5, '|', 6)
    const whole = await render(program, parts, scopeOver(data), contextOf())
    assert.equal(whole, 'Ann|0.1|{"a":0.2}|[1,2]|null|0.3|true')
  })

  it('a list and a map are rendered part by part, at once where no part needs jsonata', async () => {
    const program = programOf('input.s', '$uppercase(input.s)')
    const sync: Template = {
      kind: 'map',
      entries: [
        ['a', expression(0)],
        ['b', { kind: 'list', items: [text('x', 0)] }],
      ],
    }
    assert.deepEqual(render(program, sync, scopeOver(data), contextOf()), { a: 'Ann', b: ['xAnn'] })
    const later: Template = {
      kind: 'map',
      entries: [
        ['b', expression(1)],
        ['a', expression(0)],
      ],
    }
    const value = render(program, later, scopeOver(data), contextOf())
    assert.ok(value instanceof Promise)
    assert.equal(JSON.stringify(await value), '{"b":"ANN","a":"Ann"}')
  })

  it('parts draw random numbers in the order of the document', async () => {
    const program = programOf('$random()', '$random() & ""', '[$random()]')
    const template: Template = { kind: 'list', items: [expression(0), expression(1), expression(2)] }
    const state = seedFrom('run-1')
    const [a, b, c] = [nextRandom(state), nextRandom(state), nextRandom(state)]
    const rendered = (await render(program, template, scopeOver(data), contextOf())) as readonly unknown[]
    assert.deepEqual([rendered[0], rendered[2]], [a, [c]])
    assert.ok(Math.abs(Number(rendered[1]) - b) < 1e-12)
  })

  it('data is never rendered a second time', () => {
    const program = programOf('input.s')
    const scope = scopeOver({ input: { s: '${ input.s }' } })
    assert.equal(render(program, text('<', 0, '>'), scope, contextOf()), '<${ input.s }>')
  })

  it('a part that gives nothing is ExpressionUndefined with its place', async () => {
    const program = programOf('input.absent', '$sum(input.absent)')
    for (const [index, template] of [expression(0), text('x', 1)].entries()) {
      const shape = await faultFrom(() => render(program, template, scopeOver(data), contextOf()))
      assert.equal(shape.type, 'ExpressionUndefined')
      assert.equal(shape.retryable, false)
      const { line, column, expression: source } = shape.details as JsonObject
      assert.deepEqual(
        { line, column, source },
        { line: 10 + index, column: 5, source: program.plan.expressions[index]?.source },
      )
      assert.match(shape.message, /\?\?/)
    }
  })

  it('an error inside has its place too', async () => {
    const program = programOf('input.s + 1')
    const shape = await faultFrom(() => render(program, expression(0), scopeOver(data), contextOf()))
    assert.equal(shape.type, 'ExpressionError')
    assert.equal((shape.details as JsonObject)['line'], 10)
  })
})

describe('conditions and values', () => {
  it('a condition gives true or false', async () => {
    const program = programOf('input.s = "Ann"', '$count(input.list) > 2')
    assert.equal(evaluateCondition(program, 0, scopeOver(data), contextOf()), true)
    assert.equal(await evaluateCondition(program, 1, scopeOver(data), contextOf()), false)
  })

  it('nothing is ExpressionUndefined, anything else ExpressionError with the remedy', async () => {
    const program = programOf(
      'input.absent',
      '$not(input.absent)',
      'input.s',
      'input.list',
      '$sum(input.list)',
      'null',
    )
    for (const index of [0, 1]) {
      const shape = await faultFrom(() => evaluateCondition(program, index, scopeOver(data), contextOf()))
      assert.equal(shape.type, 'ExpressionUndefined')
    }
    for (const index of [2, 3, 4, 5]) {
      const shape = await faultFrom(() => evaluateCondition(program, index, scopeOver(data), contextOf()))
      assert.equal(shape.type, 'ExpressionError')
      assert.match(shape.message, /wrap it in `\$exists` or `\$boolean`/)
      assert.equal((shape.details as JsonObject)['line'], 10 + index)
    }
  })

  it('evaluateValue gives undefined for nothing', async () => {
    const program = programOf('input.absent', '$sum(input.absent)')
    assert.equal(evaluateValue(program, 0, scopeOver(data), contextOf()), undefined)
    assert.equal(await evaluateValue(program, 1, scopeOver(data), contextOf()), undefined)
  })
})
