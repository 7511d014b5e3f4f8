/** The sentences of docs/testing.md on messages with answers, pauses, children and chains of runs. */
import assert from 'node:assert/strict'
import { useKit } from './sentences.ts'

const counter = `
vars: { n: 0 }
signals: { stop: { schema: { type: object } } }
updates:
  add:
    schema: { type: integer }
    validate: update > 0
    do:
      - { id: check, activity: numbers.check, input: "\${ update }", retry: false, startToCloseTimeout: 10h }
      - set: { n: "\${ vars.n + update }" }
    return: \${ vars.n }
queries:
  n: \${ vars.n }
  plus: { schema: { type: integer }, return: "\${ vars.n + query }" }
steps:
  - { id: stop, wait: { signal: stop } }
  - { id: tell, activity: numbers.tell, input: "\${ vars.n }", startToCloseTimeout: 10h }
  - return: \${ vars.n }
`

const machine = `
initial: open
states:
  open:
    do: [{ id: look, activity: a.look, cancellation: wait, startToCloseTimeout: 1h }]
    on: { close: shut, knock: { to: open } }
    after: { 1d: never }
  shut: { return: done }
  never: { do: [{ id: nobody, activity: a.b }], next: shut }
`

const child = `
input: { type: object, properties: { n: { type: integer } } }
steps:
  - { id: work, activity: a.work, input: "\${ input.n }", compensate: { id: undoWork, activity: a.undo, input: "\${ input.n }" } }
  - { id: rest, activity: a.rest, input: "\${ input.n }", retry: false, startToCloseTimeout: 10h }
  - return: \${ steps.work }
`
const parent = `
steps:
  - id: all
    forEach: "[1..2]"
    as: n
    concurrency: 2
    do: [{ id: one, workflow: child, input: { n: "\${ n }" } }]
  - { id: after, activity: a.after, input: "\${ steps.all }", compensate: { activity: a.unafter } }
  - return: \${ steps.all }
`

const cycles = `
input: { type: object, properties: { cycle: { type: integer, default: 1 } } }
vars: { cycle: "\${ input.cycle }" }
signals: { poke: { schema: {} } }
queries: { cycle: "\${ input.cycle }" }
steps:
  - { id: bill, activity: a.bill, input: "\${ input.cycle }" }
  - { id: month, wait: 30d }
  - if: input.cycle < 3
    continueAsNew: { input: { cycle: "\${ input.cycle + 1 }" } }
  - return: \${ input.cycle }
`

describe('what a scenario says of messages, children and chains', function () {
  this.timeout(60_000)
  const { run, passesWithCrashes: passes, fails } = useKit()

  describe('update', () => {
    const script = 'activities: { check: { returns: null, takes: 1m }, tell: { returns: null } }'
    const stop = '{ after: 2h, signal: stop, input: {} }'
    const at = (entries: string, end = 'status: completed') =>
      `  - name: a\n    ${script}\n    at: [${entries}, ${stop}]\n    expect: { ${end} }\n`
    passes(
      'the answer of a handler that takes its time',
      counter,
      at(
        '{ after: 1h, update: add, input: 2, expect: 2 }',
        'status: completed, result: 2, calls: [check, tell]',
      ),
    )
    passes(
      'the same id is one update',
      counter,
      at(
        '{ after: 1h, update: add, input: 2, id: u, expect: 2 }, { after: 90m, update: add, input: 5, id: u, expect: 2 }',
        'status: completed, result: 2, calls: [check, tell]',
      ),
    )
    passes(
      'several under way at once',
      counter,
      at(
        '{ after: 1h, update: add, input: 2, expect: 2 }, { after: 1h, update: add, input: 3, expect: 5 }',
        'status: completed, result: 5',
      ),
    )
    passes(
      'an answer that comes after everything else',
      counter,
      `  - name: a\n    activities: { check: { returns: null, takes: 3h }, tell: { returns: null } }\n    at: [{ after: 1h, update: add, input: 2, expect: 2 }, ${stop}]\n    expect: { status: completed, result: 0, duration: 4h }\n`,
    )
    passes(
      'one that is refused by its schema',
      counter,
      at('{ after: 1h, update: add, input: no, error: { type: UpdateInvalid } }'),
    )
    passes(
      'one that `validate` refuses',
      counter,
      at('{ after: 1h, update: add, input: 0, error: { type: UpdateRejected } }'),
    )
    passes(
      'one that is not declared',
      counter,
      at('{ after: 1h, update: none, error: { type: UpdateNotDeclared } }'),
    )
    passes(
      'the error of its handler',
      counter,
      `  - name: a\n    activities: { check: { throws: { type: Odd, message: odd number } }, tell: { returns: null } }\n    at: [{ after: 1h, update: add, input: 1, error: { type: Odd, step: check } }, ${stop}]\n    expect: { status: completed, result: 0 }\n`,
    )
    passes(
      'one to a closed run',
      counter,
      at('{ after: 3h, update: add, input: 1, error: { type: ExecutionClosed } }').replaceAll('\\n', '\n'),
    )
    fails('another answer', counter, at('{ after: 1h, update: add, input: 2, expect: 3 }'), /^update add$/, {
      expected: 3,
      got: 2,
    })
    fails(
      'refused, unexpectedly',
      counter,
      at('{ after: 1h, update: add, input: 0, expect: 3 }'),
      /^update add was refused: UpdateRejected/,
    )
    fails(
      'failed, unexpectedly',
      counter,
      `  - name: a\n    activities: { check: { throws: { type: Odd } }, tell: { returns: null } }\n    at: [{ after: 1h, update: add, input: 1 }, ${stop}]\n    expect: { status: completed }\n`,
      /^update add failed: Odd/,
    )
    fails(
      'accepted, unexpectedly',
      counter,
      at('{ after: 1h, update: add, input: 2, error: { type: UpdateRejected } }'),
      /^update add was accepted, and an error was expected/,
    )
    fails(
      'one that has no answer when the scenario ends',
      counter,
      '  - name: a\n    activities: { check: { returns: null, takes: 30m } }\n    at: [{ after: 1h, update: add, input: 1, expect: 1 }]\n    expect: { status: running }\n',
      /^update add has no answer: its handler has not ended/,
    )
    passes(
      'queries with a payload',
      counter,
      at(
        '{ after: 1h, query: plus, input: 2, expect: 2 }, { after: 1h, query: plus, input: x, error: { type: QueryInvalid } }',
      ),
    )
  })

  describe('pause and resume', () => {
    const script = 'activities: { check: { returns: null, takes: 1m }, tell: { returns: null, takes: 1h } }'
    const at = (entries: string, end: string) =>
      `  - name: a\n    ${script}\n    at: [${entries}]\n    expect: { ${end} }\n`
    passes(
      'a signal takes effect on resume',
      counter,
      at(
        '{ after: 1h, pause: true }, { after: 2h, signal: stop, input: {} }, { after: 3h, query: n, expect: 0 }, { after: 5h, resume: true }',
        'status: completed, duration: 6h, calls: [tell]',
      ),
    )
    passes(
      'updates are refused meanwhile',
      counter,
      at(
        '{ after: 1h, pause: true }, { after: 2h, update: add, input: 1, error: { type: ExecutionPaused } }, { after: 3h, resume: true }, { after: 4h, update: add, input: 1, expect: 1 }, { after: 5h, signal: stop, input: {} }',
        'status: completed, result: 1',
      ),
    )
    passes(
      'a cancel ends it',
      counter,
      at('{ after: 1h, pause: true }, { after: 2h, cancel: enough }', 'status: canceled, duration: 2h'),
    )
    passes(
      'twice',
      counter,
      at(
        '{ after: 1h, pause: true }, { after: 2h, resume: true }, { after: 3h, pause: true }, { after: 4h, signal: stop, input: {} }, { after: 6h, resume: true }',
        'status: completed, duration: 7h, history: [WorkflowExecutionStarted, …, WorkflowExecutionPaused, WorkflowExecutionResumed, …, WorkflowExecutionPaused, …, WorkflowExecutionResumed, …, WorkflowExecutionCompleted]',
      ),
    )
    const stuck = `
saga: { onFailure: pause }
steps:
  - { id: one, activity: a.one, compensate: { activity: a.undoOne, retry: false } }
  - { id: two, activity: a.two, compensate: { activity: a.undoTwo, retry: false } }
  - fail: { type: No, message: no }
`
    const undoing = (resume: string, end: string) =>
      `  - name: a\n    activities: { one: { returns: 1 }, two: { returns: 2 }, a.undoOne: { returns: null }, a.undoTwo: [{ throws: { type: Down } }, { returns: null }] }\n    at: [{ after: 1h, ${resume} }]\n    expect: { ${end} }\n`
    passes(
      'what a saga could not undo is tried again',
      stuck,
      undoing(
        'resume: true',
        'status: failed, error: { type: No }, compensations: [two, two, one], duration: 1h',
      ),
    )
    passes(
      'or skipped',
      stuck,
      undoing(
        'resume: skip',
        'status: failed, error: { type: CompensationFailed, cause: { type: No } }, compensations: [two, one], duration: 1h',
      ),
    )
  })

  describe('signals of a state machine', () => {
    const at = (entries: string, end: string) =>
      `  - name: a\n    activities: { look: { returns: null } }\n    at: [${entries}]\n    expect: { ${end} }\n`
    passes(
      'one that a transition takes',
      machine,
      at(
        '{ after: 1h, signal: knock, input: {} }, { after: 2h, signal: close, input: {} }',
        'status: completed, result: done, duration: 2h, calls: [look, look]',
      ),
    )
    passes(
      'one that none takes is refused with those that would be',
      machine,
      at(
        '{ after: 1h, signal: close, input: {} }, { after: 2h, signal: close, input: {}, error: { type: ExecutionClosed } }',
        'status: completed',
      ),
    )
    passes(
      'one to a paused one is refused',
      machine,
      at(
        '{ after: 1h, pause: true }, { after: 2h, signal: close, input: {}, error: { type: ExecutionPaused } }, { after: 3h, resume: true }, { after: 4h, signal: close, input: {} }',
        'status: completed, duration: 4h',
      ),
    )
    it('states that no scenario reached are told', async () => {
      const { coverage } = await run(
        machine,
        at('{ after: 1h, signal: close, input: {} }', 'status: completed'),
      )
      assert.deepEqual(
        coverage[0]?.unreached.map(({ what }) => what),
        ['state "never"', 'step "nobody"'],
      )
    })
  })

  describe('children', () => {
    const script = (rest: string) =>
      `activities: { work: { returns: "\${ input * 10 }", takes: 1m }, rest: ${rest}, after: { returns: null }, a.undo: { returns: null }, a.unafter: { returns: null } }`
    const scenario = (rest: string, end: string, more = '') =>
      `  - name: a\n    ${script(rest)}\n${more}    expect: { ${end} }\n`
    const also = { child }
    passes(
      'calls, inputs and compensations count theirs',
      parent,
      scenario(
        '[{ returns: 1, takes: 1m }, { throws: { type: Bad }, takes: 2m }]',
        'status: failed, error: { type: ChildWorkflowFailed, step: one, cause: { type: Bad, step: rest } }, calls: [work, work, rest, rest], inputs: { rest: 2, undoWork: 2 }, compensations: [work], duration: 3m',
      ),
      { also },
    )
    passes(
      'they go on side by side',
      parent,
      scenario(
        '{ returns: 1, takes: 1h }',
        'status: completed, result: [10, 20], inputs: { after: [10, 20] }, calls: [work, work, rest, rest, after], duration: 61m',
      ),
      { also },
    )
    fails(
      'other calls of theirs',
      parent,
      scenario('{ returns: 1 }', 'status: completed, calls: [work, after]'),
      /^expect.calls, from the 2nd on/,
      { also },
    )
    fails(
      'one without a script',
      parent,
      '  - name: a\n    activities: { after: { returns: null } }\n    expect: { status: completed }\n',
      /step "work" called the activity "a.work", which has no script/,
      { also },
    )
    fails(
      'one that is not deployed',
      parent,
      scenario('{ returns: 1 }', 'status: completed'),
      /the run is failed: WorkflowNotFound/,
    )
    passes(
      'a scenario is over when those that were asked to stop have cleaned up',
      parent.replace('workflow: child,', 'workflow: child, onParentClose: cancel, cancellation: abandon,'),
      scenario(
        '{ returns: 1, takes: 5h }',
        'status: canceled, duration: 1h, compensations: [work, work]',
        '    at: [{ after: 1h, cancel: enough }]\n',
      ),
      { also },
    )
    it('coverage has their steps', async () => {
      const { coverage } = await run(parent, scenario('{ returns: 1 }', 'status: completed'), { also })
      const ofChild = coverage.find(({ name }) => name === 'child')
      assert.equal(ofChild?.stepsReached, 3)
      assert.deepEqual(
        ofChild?.unreached.map(({ what }) => what),
        ['compensation of "work"', 'step "undoWork"'],
      )
    })
  })

  describe('a chain of runs', () => {
    const script = 'activities: { bill: { returns: null } }'
    passes(
      'is followed to the last',
      cycles,
      `  - name: a\n    input: {}\n    ${script}\n    at: [{ after: 35d, query: cycle, expect: 2 }, { after: 65d, query: cycle, expect: 3 }]\n    expect: { status: completed, result: 3, vars: { cycle: 3 }, calls: [bill, bill, bill], inputs: { bill: 3 }, duration: 90d, history: [WorkflowExecutionStarted, …, WorkflowExecutionCompleted] }\n`,
    )
    passes(
      'unless the first is expected to continue',
      cycles,
      `  - name: a\n    input: {}\n    ${script}\n    expect: { status: continuedAsNew, vars: { cycle: 1 }, calls: [bill], duration: 30d, history: [WorkflowExecutionStarted, …, WorkflowExecutionContinuedAsNew] }\n`,
    )
    fails(
      'that comes to another end',
      cycles,
      `  - name: a\n    input: {}\n    ${script}\n    expect: { status: completed, result: 4, duration: 30d }\n`,
      /^expect.result/,
      { expected: 4, got: 3 },
    )
  })

  describe('built-in activities', () => {
    const logs =
      'steps: [{ id: say, activity: log.write, input: { message: hello } }, { return: "${ steps.say }" }]\n'
    passes('run for real', logs, '  - name: a\n    expect: { status: completed, calls: [say] }\n')
    passes(
      'unless they are scripted',
      logs,
      '  - name: a\n    activities: { say: { returns: 1 } }\n    expect: { status: completed, result: 1, calls: [say] }\n',
    )
    passes(
      'ask another execution',
      'steps: [{ id: other, workflow: child, input: { n: 1 }, detached: true }, { id: ask, activity: workflow.query, input: { workflowId: "${ steps.other.workflowId }", name: n } }, { return: "${ steps.ask }" }]\n',
      '  - name: a\n    activities: { rest: { takes: forever }, work: { returns: 1 } }\n    expect: { status: completed, result: 7 }\n',
      { also: { child: `queries: { n: 7 }\n${child}` } },
    )
  })
})
