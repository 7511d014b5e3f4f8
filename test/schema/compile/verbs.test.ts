import assert from 'node:assert/strict'
import { loadDocument } from '../../../schema/load.ts'
import type { Plan, PlanStep, VerbName } from '../../../schema/plan.ts'

const head = 'dsl: perdure/1\nname: a\nversion: 1.0.0\n'

function planOf(text: string): Plan {
  const { plan, problems } = loadDocument(head + text)
  assert.ok(plan, JSON.stringify(problems, null, 1))
  return plan
}

function stepOf<V extends VerbName>(plan: Plan, id: string, verb: V): Extract<PlanStep, { verb: V }> {
  const step = plan.steps[id]
  assert.ok(step !== undefined && hasVerb(step, verb), `${id} is a ${step?.verb}`)
  return step
}

function hasVerb<V extends VerbName>(step: PlanStep, verb: V): step is Extract<PlanStep, { verb: V }> {
  return step.verb === verb
}

describe('compiling children', () => {
  it('terminates a child with its parent and asks it to stop, where nothing else is said', () => {
    const child = stepOf(planOf('steps: [ { id: c, workflow: other } ]\n'), 'c', 'workflow')
    assert.equal(child.onParentClose, 'terminate')
    assert.equal(child.cancellation, 'try')
    assert.equal(child.detached, false)
    assert.equal('retry' in child || 'input' in child || 'versionRange' in child, false)
  })

  it('waits for the outcome of a child that would be undone', () => {
    const plan = planOf('steps: [ { id: c, workflow: other, compensate: { activity: undo } } ]\n')
    assert.equal(stepOf(plan, 'c', 'workflow').cancellation, 'wait')
  })

  it('a detached child is abandoned', () => {
    for (const written of ['', ', onParentClose: abandon']) {
      const plan = planOf(`steps: [ { id: c, workflow: other, detached: true${written} } ]\n`)
      assert.equal(stepOf(plan, 'c', 'workflow').onParentClose, 'abandon')
    }
  })

  it('takes a version range as a constant or a template', () => {
    const plan = planOf(
      'steps: [ { id: a, workflow: o, version: ^2.1 }, { id: b, workflow: o, version: "${ input.v }" } ]\n',
    )
    assert.deepEqual(stepOf(plan, 'a', 'workflow').versionRange, { kind: 'constant', value: '^2.1' })
    assert.deepEqual(stepOf(plan, 'b', 'workflow').versionRange, { kind: 'expression', expression: 0 })
  })
})

describe('compiling groups', () => {
  const saga = (written: string) =>
    stepOf(planOf(`steps: [ { id: g, do: [ { return: 1 } ]${written} } ]\n`), 'g', 'do').saga

  it('a group has a stack of its own where it says so', () => {
    assert.equal(saga(''), undefined)
    assert.equal(saga(', saga: false'), undefined)
    assert.deepEqual(saga(', saga: true'), { order: 'sequential', onFailure: 'continue' })
    assert.deepEqual(saga(', saga: { order: parallel }'), { order: 'parallel', onFailure: 'continue' })
    assert.deepEqual(saga(', saga: { onFailure: pause }'), { order: 'sequential', onFailure: 'pause' })
  })

  it('the document has one in any case', () => {
    assert.deepEqual(planOf('steps: [ { return: 1 } ]\n').saga, {
      order: 'sequential',
      onFailure: 'continue',
    })
    const plan = planOf('saga: { order: parallel, onFailure: pause }\nsteps: [ { return: 1 } ]\n')
    assert.deepEqual(plan.saga, { order: 'parallel', onFailure: 'pause' })
  })

  it('tolerates a number or a share, and joins some branches', () => {
    const tolerate = (written: string) =>
      stepOf(
        planOf(
          `steps: [ { id: l, forEach: input.x, tolerate: ${written}, do: [ { fail: { type: A } } ] } ]\n`,
        ),
        'l',
        'forEach',
      ).tolerate
    assert.deepEqual(tolerate('3'), { kind: 'count', value: 3 })
    assert.deepEqual(tolerate('0'), { kind: 'count', value: 0 })
    assert.deepEqual(tolerate('7.5%'), { kind: 'percent', value: 7.5 })
    const join = (written: string) =>
      stepOf(
        planOf(`steps: [ { id: p, parallel: { a: [ { set: { v: 1 } } ] }${written} } ]\nvars: { v: 0 }\n`),
        'p',
        'parallel',
      ).join
    assert.deepEqual(join(''), { kind: 'all' })
    assert.deepEqual(join(', join: settled'), { kind: 'settled' })
    assert.deepEqual(join(', join: { atLeast: 1 }'), {
      kind: 'atLeast',
      count: { kind: 'constant', value: 1 },
    })
  })
})

describe('compiling a state machine', () => {
  const machine = (states: string, more = '') => planOf(`${more}initial: a\nstates:\n${states}`)

  it('is one step alone in main, under a name that nobody took', () => {
    assert.deepEqual(machine('  a: { final: true }\n').blocks, { main: ['states'] })
    const plan = machine('  a: { do: [ { id: states, activity: x } ], next: b }\n  b: { final: true }\n')
    assert.deepEqual(plan.blocks, { main: ['states_'], 'states/a': ['states'] })
    assert.deepEqual(stepOf(plan, 'states_', 'states').states['a']?.block, 'states/a')
  })

  it('signals named by `on` alone carry any object or nothing; those declared keep their schema', () => {
    const plan = machine(
      '  a: { on: { go: b, stop: b } }\n  b: { final: true }\n',
      'signals: { stop: { schema: { type: string } } }\n',
    )
    assert.deepEqual(plan.signals, {
      stop: { schema: { type: 'string' } },
      go: { schema: { type: ['object', 'null'] } },
    })
  })

  it('numbers transitions over the whole state and keeps their places', () => {
    const plan = machine(
      '  a:\n    next: [ { to: a, when: input.x, do: [ { activity: x } ] }, { to: b, when: input.y } ]\n    on: { go: { to: b, do: [ { activity: y } ] } }\n  b: { final: true }\n',
    )
    assert.deepEqual(Object.keys(plan.blocks), ['main', 'states/a/0', 'states/a/2'])
    const state = stepOf(plan, 'states', 'states').states['a']
    assert.deepEqual(
      state?.next.map(({ to, place }) => [to, place]),
      [
        ['a', { line: 7, column: 13 }],
        ['b', { line: 7, column: 64 }],
      ],
    )
  })

  it('final alone returns null, `return` and `fail` end it otherwise, an open state has no ending', () => {
    const plan = machine(
      '  a: { on: { b: b, c: c, d: d } }\n  b: { final: true }\n  c: { return: 7 }\n  d: { fail: { type: Bad } }\n',
    )
    const { states } = stepOf(plan, 'states', 'states')
    assert.equal(states['a']?.ending, undefined)
    assert.deepEqual(states['b']?.ending, { kind: 'return', value: { kind: 'constant', value: null } })
    assert.deepEqual(states['c']?.ending, { kind: 'return', value: { kind: 'constant', value: 7 } })
    assert.equal(states['d']?.ending?.kind, 'fail')
  })
})
