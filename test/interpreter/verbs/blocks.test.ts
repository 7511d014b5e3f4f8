import assert from 'node:assert/strict'
import { doc, Run } from '../harness.ts'

describe('do, if, else', () => {
  it('runs a group and gives its last result', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: group
    do:
      - { id: a, activity: x }
      - set: { n: 1 }
  - return: { group: "\${ steps.group }", a: "\${ steps.a }" }
vars: { n: 0 }
`),
    )
    await run.answer('a', { returns: 'A' })
    assert.deepEqual(run.result(), { group: 'A', a: 'A' })
  })

  it('gives null where no step of it has a result', async () => {
    const run = await Run.start(
      doc(`
vars: { n: 0 }
steps:
  - id: group
    do: [ { set: { n: 1 } } ]
  - return: { group: "\${ steps.group }" }
`),
    )
    assert.deepEqual(run.result(), { group: null })
  })

  const branching = doc(`
vars: { way: none }
steps:
  - id: choice
    if: input.yes
    do: [ { set: { way: 'then' } } ]
    else: [ { set: { way: 'else' } } ]
  - return: \${ vars.way }
`)

  it('runs else where the condition is false', async () => {
    assert.equal((await Run.start(branching, { yes: true })).result(), 'then')
    assert.equal((await Run.start(branching, { yes: false })).result(), 'else')
  })

  it('fails where a condition gives nothing, or neither true nor false', async () => {
    assert.equal((await Run.start(branching, {})).error().type, 'ExpressionUndefined')
    assert.equal((await Run.start(branching, { yes: 'x' })).error().type, 'ExpressionError')
  })

  it('leaves a skipped step without a result', async () => {
    const run = await Run.start(
      doc(`
steps:
  - { id: a, if: input.yes, activity: x }
  - return: \${ steps.a ?? 'skipped' }
`),
      { yes: false },
    )
    assert.equal(run.result(), 'skipped')
  })
})

describe('switch', () => {
  const yaml = doc(`
steps:
  - id: size
    switch:
      - { when: input.n > 10, do: [ { id: big, activity: x } ] }
      - { when: input.n > 5, do: [ { id: middle, activity: x } ] }
      - { else: [ { id: small, activity: x } ] }
  - return: \${ steps.size }
`)

  it('takes the first branch that holds, and no other', async () => {
    for (const [n, step] of [
      [11, 'big'],
      [6, 'middle'],
      [1, 'small'],
    ] as const) {
      const run = await Run.start(yaml, { n })
      assert.deepEqual(run.waitingSteps(), [step])
      await run.answer(step, { returns: step })
      assert.equal(run.result(), step)
    }
  })

  it('gives null where none holds', async () => {
    const run = await Run.start(
      doc(
        'steps: [ { id: s, switch: [ { when: "false", do: [ { fail: { type: No } } ] } ] }, { return: "${ steps.s }" } ]',
      ),
    )
    assert.equal(run.result(), null)
  })
})

describe('set, fail, return', () => {
  it('set assigns together, from the values before', async () => {
    const run = await Run.start(
      doc(`
vars: { a: 1, b: 2 }
steps:
  - set: { a: "\${ vars.b }", b: "\${ vars.a }" }
  - return: \${ vars }
`),
    )
    assert.deepEqual(run.result(), { a: 2, b: 1 })
  })

  it('fail raises an error with its type, message, details and place', async () => {
    const run = await Run.start(
      doc(
        'steps: [ { id: f, fail: { type: Rejected, message: "by ${ input.who }", details: { n: 1 }, retryable: false } } ]',
      ),
      { who: 'eve' },
    )
    assert.deepEqual(run.error(), {
      type: 'Rejected',
      message: 'by eve',
      details: { n: 1 },
      retryable: false,
      step: 'f',
      path: 'f',
      attempt: null,
      cause: null,
    })
    assert.deepEqual(run.types, ['WorkflowExecutionStarted', 'WorkflowExecutionFailed'])
  })

  it('a workflow without return gives null', async () => {
    assert.equal((await Run.start(doc('vars: { a: 1 }\nsteps: [ { set: { a: 2 } } ]'))).result(), null)
  })

  it('variables begin as templates over the input', async () => {
    const run = await Run.start(
      doc('vars: { n: "${ input.n * 2 }" }\nsteps: [ { return: "${ vars.n }" } ]'),
      { n: 21 },
    )
    assert.equal(run.result(), 42)
  })

  it('a variable that fails to begin fails the run', async () => {
    const run = await Run.start(doc('vars: { n: "${ input.n }" }\nsteps: [ { return: "${ vars.n }" } ]'), {})
    assert.equal(run.error().type, 'ExpressionUndefined')
  })
})

describe('while and until', () => {
  it('while tests before each round and does not see it', async () => {
    const run = await Run.start(
      doc(`
vars: { n: 0 }
steps:
  - id: loop
    while: vars.n < 3
    do:
      - { id: a, activity: x, input: "\${ vars.n }" }
      - set: { n: "\${ vars.n + 1 }" }
  - return: \${ steps.loop }
`),
    )
    for (const n of [0, 1, 2]) {
      assert.equal(run.pending('a').input, n)
      assert.equal(run.pending('a').path, `loop[${n}].a`)
      await run.answer('a', { returns: `round ${n}` })
    }
    assert.equal(run.result(), 'round 2')
  })

  it('while without a round gives null', async () => {
    const run = await Run.start(
      doc('steps: [ { id: l, while: "false", do: [ { fail: { type: No } } ] }, { return: "${ steps.l }" } ]'),
    )
    assert.equal(run.result(), null)
  })

  it('until tests after each round and sees it', async () => {
    const run = await Run.start(
      doc(`
steps:
  - id: poll
    until: steps.check.ready
    do: [ { id: check, activity: x } ]
  - return: \${ steps.poll }
`),
    )
    await run.answer('check', { returns: { ready: false } })
    await run.answer('check', { returns: { ready: true, n: 2 } })
    assert.deepEqual(run.result(), { ready: true, n: 2 })
  })

  it('a round more than maxIterations raises LimitExceeded', async () => {
    for (const loop of ['while: "true"', 'until: "false"']) {
      const run = await Run.start(
        doc(
          `vars: { n: 0 }\nsteps: [ { id: l, ${loop}, maxIterations: 5, do: [ { set: { n: "\${ vars.n + 1 }" } } ] } ]`,
        ),
      )
      assert.equal(run.error().type, 'LimitExceeded')
      assert.equal(run.state.vars['n'], 5)
    }
  })

  it('a loop of expensive expressions is cut where they took what one may, not after a thousand of them', async () => {
    const run = await Run.start(
      doc(`
vars: { n: 0, sum: 0 }
steps:
  - { id: l, while: vars.n < 40, do: [ { set: { n: "\${ vars.n + 1 }", sum: "\${ $sum([1..100].($ * 2)) }" } } ] }
  - return: "\${ vars.n }"
`),
      {},
      { limits: { expressionSteps: 1_500 } },
    )
    assert.equal(run.result(), 40)
    // Four rounds of some 400 steps each.
    assert.equal(run.types.filter((type) => type === 'WorkflowTaskContinued').length, 10)
  })

  it('a loop that never waits is cut and continued, at the same places when it is folded', async () => {
    const run = await Run.start(
      doc(
        'vars: { n: 0 }\nsteps: [ { id: l, while: vars.n < 2500, do: [ { set: { n: "${ vars.n + 1 }" } } ] }, { return: "${ vars.n }" } ]',
      ),
    )
    assert.equal(run.result(), 2500)
    assert.equal(run.types.filter((type) => type === 'WorkflowTaskContinued').length, 2)
  })
})
