import assert from 'node:assert/strict'
import { EventLoopPace } from '../../engine/pace.ts'
import { linkPlan } from '../../interpreter/expressions/link.ts'
import type { Pace } from '../../interpreter/expressions/pace.ts'
import type { Program } from '../../interpreter/program.ts'
import { runLimits } from '../../schema/limits.ts'
import { loadDocument } from '../../schema/load.ts'
import { scopeOver } from '../interpreter/expressions/scope-fixture.ts'

/** A clock that only a test moves; a slice is 20 of its milliseconds. */
function pacedBy(clock: { ms: number }): EventLoopPace {
  return new EventLoopPace(() => clock.ms)
}

const aRound = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the pace of long evaluations', () => {
  it('lets a slice of time run through, and gives the event loop a round after it', async () => {
    const clock = { ms: 0 }
    const pace = pacedBy(clock)
    await pace.breathe()
    assert.equal(pace.breathe(), undefined)
    clock.ms = 19
    assert.equal(pace.breathe(), undefined)
    clock.ms = 20
    let round = false
    setImmediate(() => {
      round = true
    })
    await pace.breathe()
    assert.equal(round, true)
  })

  it('lets one of those that wait go on per round, first come first', async () => {
    const pace = pacedBy({ ms: 0 })
    const order: string[] = []
    for (const name of ['a', 'b', 'c']) void pace.breathe()?.then(() => order.push(name))
    await aRound()
    order.push('others')
    await aRound()
    order.push('others')
    await aRound()
    assert.deepEqual(order, ['a', 'others', 'b', 'others', 'c'])
  })

  it('lets one long evaluation hold its memory at a time, first come first', async () => {
    const pace = pacedBy({ ms: 0 })
    assert.equal(pace.beginLong(), undefined)
    const order: string[] = []
    const second = pace.beginLong()?.then(() => order.push('second'))
    const third = pace.beginLong()?.then(() => order.push('third'))
    await aRound()
    assert.deepEqual(order, [])
    pace.endLong()
    await second
    assert.deepEqual(order, ['second'])
    pace.endLong()
    await third
    pace.endLong()
    assert.equal(pace.beginLong(), undefined)
  })
})

function program(source: string, pace: Pace): Program {
  const text = `dsl: perdure/1\nname: paced\nversion: 1.0.0\nsteps: [{ return: ${JSON.stringify(source)} }]`
  const { plan, problems } = loadDocument(text)
  if (plan === undefined || plan === null) throw new Error(JSON.stringify(problems))
  return linkPlan(plan, pace)
}

function evaluate({ expressions }: Program): Promise<unknown> {
  const [expression] = expressions
  if (expression === undefined) throw new Error('no expression')
  const context = { now: 0, random: () => 0.5, limits: runLimits }
  return Promise.resolve(expression(scopeOver({}), context)).catch((thrown: unknown) => thrown)
}

describe('long evaluations under the pace of the engine', () => {
  const sum = '${ $sum([1..100].($a := $; [1..200].($ * $a))) }'

  it('let the event loop go round while they run, and give what they give without', async () => {
    const clock = { ms: 0 }
    const pace = new EventLoopPace(() => (clock.ms += 30))
    let rounds = 0
    let runs = true
    const count = (): void => {
      rounds++
      if (runs) setImmediate(count)
    }
    setImmediate(count)
    const value = await evaluate(program(sum, pace))
    runs = false
    assert.equal(value, 5050 * 20_100)
    assert.ok(rounds > 20, `${rounds} rounds`)
  })

  it('many short ones are a long one', async () => {
    let breaths = 0
    const short = program('${ $sum([1..20].($ * 2)) }', {
      breathe: () => {
        breaths++
        return undefined
      },
      beginLong: () => assert.fail('none of them is long'),
      endLong: () => assert.fail('none of them is long'),
    })
    for (let n = 0; n < 100; n++) await evaluate(short)
    assert.ok(breaths >= 4, `${breaths} breaths`)
  })

  it('run one at a time where they are very long, however they end', async () => {
    let running = 0
    let most = 0
    const pace = new EventLoopPace()
    const watched: Pace = {
      breathe: () => pace.breathe(),
      beginLong() {
        const began = (): void => {
          running++
          most = Math.max(most, running)
        }
        const wait = pace.beginLong()
        if (wait === undefined) began()
        return wait?.then(began)
      },
      endLong() {
        running--
        pace.endLong()
      },
    }
    const sources = ['${ $count([1..30000].($ * 2)) }', '${ ($f := function($n) { $f($n) }; $f(1)) }']
    const values = await Promise.all(
      [...sources, ...sources].map((source) => evaluate(program(source, watched))),
    )
    assert.equal(values[0], 30_000)
    assert.equal(values[2], 30_000)
    assert.match(String(values[1]), /expressionSteps/)
    assert.match(String(values[3]), /expressionSteps/)
    assert.equal(most, 1)
    assert.equal(running, 0)
  })
})
