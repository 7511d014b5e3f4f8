import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadDocument } from '../../../schema/load.ts'
import type { Plan } from '../../../schema/plan.ts'

const golden = join(import.meta.dirname, '../golden')
const head = 'dsl: perdure/1\nname: a\nversion: 1.0.0\n'

function planOf(text: string): Plan {
  const { plan, problems } = loadDocument(text)
  assert.ok(plan, JSON.stringify(problems, null, 1))
  return plan
}

describe('compiling', () => {
  for (const name of ['order-processing', 'everything', 'machine']) {
    // PERDURE_UPDATE_GOLDEN=1 writes the plan anew, to be read in review.
    it(`the plan of ${name} is the recorded one, and survives JSON`, () => {
      const { plan, problems } = loadDocument(readFileSync(join(golden, `${name}.yaml`), 'utf8'))
      assert.deepEqual(problems, [])
      const text = `${JSON.stringify(plan, null, 2)}\n`
      const file = join(golden, `${name}.plan.json`)
      if (process.env['PERDURE_UPDATE_GOLDEN'] === '1' || !existsSync(file)) writeFileSync(file, text)
      assert.deepEqual(plan, JSON.parse(readFileSync(file, 'utf8')))
    })
  }

  it('makes ids from verb and position that never take a written one', () => {
    const plan = planOf(`${head}vars: { v: 0 }
steps:
  - set: { v: 1 }
  - id: set_3
    set: { v: 2 }
  - set: { v: 3 }
  - do:
      - set: { v: 4 }
  - parallel:
      left: [ { set: { v: 5 } } ]
`)
    assert.deepEqual(plan.blocks, {
      main: ['set_1', 'set_3', 'set_3_', 'do_4', 'parallel_5'],
      'do_4/do': ['do_4_set_1'],
      'parallel_5/branch/left': ['parallel_5_left_set_1'],
    })
    assert.equal(plan.steps['set_3']?.named, true)
    assert.equal(plan.steps['set_3_']?.named, false)
  })

  it('a compensation captures what it names of the scope around it, not its own results', () => {
    const plan = planOf(`${head}vars: { v: 0 }
steps:
  - id: before
    activity: a.b
  - id: done
    activity: a.b
    compensate:
      - id: look
        activity: a.look
        input: { v: "\${ vars.v }", before: "\${ steps.before }" }
      - activity: a.undo
        input: { done: "\${ steps.done }", look: "\${ steps.look }", order: "\${ input.order }" }
`)
    const step = plan.steps['done']
    assert.ok(step?.verb === 'activity')
    assert.deepEqual(step.compensation, {
      block: 'done/compensate',
      when: 'completed',
      captures: { steps: ['before', 'done'], vars: ['v'], roots: ['input'] },
    })
    assert.equal(step.cancellation, 'wait')
    const before = plan.steps['before']
    assert.equal(before?.verb === 'activity' && before.cancellation, 'try')
    assert.deepEqual(plan.blocks['done/compensate'], ['look', 'done_compensate_activity_2'])
  })

  it('cannot tell what $lookup(steps, …) reads, so it is all of it', () => {
    const plan = planOf(`${head}steps:\n  - return: "\${ $lookup(steps, input.which) }"\n`)
    assert.deepEqual(plan.expressions[0]?.names, { steps: '*', vars: [], roots: ['input'] })
  })

  it('reads names through $, in predicates and in functions', () => {
    const source = '$map(input.rows[id = $vars.id], function($row) { $row.x & steps.a.`b c` & $workflow.id })'
    const plan = planOf(
      `${head}vars: { id: 1 }\nsteps:\n  - id: a\n    activity: x.y\n  - return: "\${ ${source} }"\n`,
    )
    assert.deepEqual(plan.expressions[0]?.names, { steps: ['a'], vars: ['id'], roots: ['input', 'workflow'] })
  })

  it('takes constants for what they are', () => {
    const plan = planOf(
      `${head}steps:\n  - return: { a: [1, "x", null], b: "$\${ x }", c: true, d: 2020-01-01, e: 1e3 }\n`,
    )
    const step = plan.steps['return_1']
    assert.ok(step?.verb === 'return')
    assert.deepEqual(step.value, {
      kind: 'constant',
      value: { a: [1, 'x', null], b: '${ x }', c: true, d: '2020-01-01', e: 1000 },
    })
  })

  it('places expressions by document path, line and column', () => {
    const plan = planOf(`${head}steps:\n  - return:\n      a/b: x \${ input.y } \${ input.z }\n`)
    assert.deepEqual(
      plan.expressions.map(({ path, place }) => [path, place]),
      [
        ['/steps/0/return/a~1b', { line: 6, column: 17 }],
        ['/steps/0/return/a~1b', { line: 6, column: 30 }],
      ],
    )
  })

  it('a text that was checked when it was deployed keeps its plan, whatever is checked since', () => {
    const text = `${head}steps:\n  - { return: 1 }\n  - { id: a, activity: x, input: "\${ steps.later }" }\n`
    const now = loadDocument(text)
    assert.deepEqual(
      now.problems.map(({ code }) => code),
      ['unreachable-step', 'unknown-step'],
    )
    assert.equal(now.plan, undefined)
    const stored = loadDocument(text, { stored: true })
    assert.deepEqual(stored.problems, [])
    assert.deepEqual(stored.plan?.blocks, { main: ['return_1', 'a'] })
    for (const broken of [`${head}stepz: []\n`, `${head}steps: [ { return: "\${ 1 + }" } ]\n`])
      assert.equal(loadDocument(broken, { stored: true }).plan, undefined)
  })

  it('is the same plan, checked or stored', () => {
    const text = readFileSync(join(golden, 'everything.yaml'), 'utf8')
    assert.deepEqual(loadDocument(text, { stored: true }).plan, loadDocument(text).plan)
  })
})
