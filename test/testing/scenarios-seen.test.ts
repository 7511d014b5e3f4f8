import { approval, oneStep, useKit } from './sentences.ts'

const saga = `
steps:
  - id: car
    activity: cars.book
    compensate: { activity: cars.cancel, input: { id: "\${ steps.car.id }" } }
  - id: hotel
    activity: hotels.book
    compensate: { id: undoHotel, activity: hotels.cancel, input: { id: "\${ steps.hotel.id }" } }
  - id: pay
    activity: payments.charge
    retry: false
`

describe('what a scenario says of what is done and seen', () => {
  const { passes, fails } = useKit()

  describe('`at`', () => {
    const prepared = 'activities: { prepare: { returns: null, takes: 10s } }'
    passes(
      'a signal',
      approval,
      `  - name: a\n    ${prepared}\n    at: [{ after: 1h, signal: approval, input: { approved: true } }]\n    expect: { status: completed, result: true, duration: 1h }\n`,
    )
    passes(
      'a signal that is refused',
      approval,
      `  - name: a\n    ${prepared}\n    at: [{ after: 1h, signal: approval, input: {}, error: { type: SignalInvalid } }, { after: 1h, signal: nobody, error: { type: SignalNotDeclared } }]\n    expect: { status: running }\n`,
    )
    fails(
      'a signal that is refused, unexpectedly',
      approval,
      `  - name: a\n    ${prepared}\n    at: [{ after: 1h, signal: approval, input: {} }]\n    expect: { status: running }\n`,
      /signal approval was refused: SignalInvalid/,
      { line: 5 },
    )
    fails(
      'a signal that is accepted, unexpectedly',
      approval,
      `  - name: a\n    ${prepared}\n    at: [{ after: 1h, signal: approval, input: { approved: true }, error: { type: SignalInvalid } }]\n    expect: {}\n`,
      /signal approval was accepted, and an error was expected/,
    )
    passes(
      'a signal to a closed run',
      oneStep,
      '  - name: a\n    input: 1\n    activities: { greet: { returns: 1 } }\n    at: [{ after: 1h, cancel: late, }]\n    expect: {}\n'.replace(
        'cancel: late, ',
        'crash: true',
      ),
    )
    passes(
      'a query and its answer',
      approval,
      `  - name: a\n    ${prepared}\n    at: [{ after: 5s, query: status, expect: { seen: nothing } }]\n    expect: { status: running }\n`,
    )
    fails(
      'a query with another answer',
      approval,
      `  - name: a\n    ${prepared}\n    at: [{ after: 5s, query: status, expect: { seen: all } }]\n    expect: { status: running }\n`,
      /^query status\.seen$/,
      { expected: 'all', got: 'nothing', line: 5 },
    )
    passes(
      'a query that fails',
      approval,
      `  - name: a\n    ${prepared}\n    at: [{ after: 5s, query: nothing, error: { type: QueryNotDeclared } }]\n    expect: { status: running }\n`,
    )
    passes(
      'queries of a closed run',
      `queries: { q: "\${ steps.greet }" }\n${oneStep}`,
      '  - name: a\n    input: 1\n    activities: { greet: { returns: 7 } }\n    at: [{ after: 1h, query: q, expect: 7 }]\n    expect: { status: completed, duration: 0s }\n',
    )
    passes(
      'at one instant timers and results come before entries',
      approval,
      `  - name: a\n    ${prepared}\n    at: [{ after: 10s, query: status, expect: { seen: prepared } }]\n    expect: { status: running }\n`,
    )
    passes(
      'at one instant waits come before the deadlines of steps, results before those of attempts',
      'steps:\n  - { id: two, timeout: 10s, do: [{ id: rest, wait: 10s }] }\n  - { id: three, startToCloseTimeout: 10s, activity: a.b }\n',
      '  - name: a\n    activities: { a.b: { returns: 1, takes: 10s } }\n    expect: { status: completed, duration: 20s, calls: [three] }\n',
    )
    passes(
      'a timer that gives up comes before a signal of the same instant',
      'signals: { go: { schema: {} } }\nsteps: [{ id: go, wait: { signal: go, atMost: 10s } }, { id: rest, wait: 1s }, { return: "${ steps.go }" }]\n',
      '  - name: a\n    at: [{ after: 10s, signal: go, input: 1 }]\n    expect: { result: null, duration: 11s }\n',
    )
    passes(
      'entries of one instant come in their order',
      approval,
      `  - name: a\n    ${prepared}\n    at: [{ after: 1h, signal: approval, input: { approved: true } }, { after: 1h, query: status, expect: { seen: approved } }, { after: 30m, query: status, expect: { seen: prepared } }]\n    expect: { status: completed }\n`,
    )
    passes(
      'cancel',
      approval,
      `  - name: a\n    ${prepared}\n    at: [{ after: 1h, cancel: changed my mind }]\n    expect: { status: canceled, error: { type: Canceled }, duration: 1h }\n`,
    )
    fails(
      'cancel, where the run goes on',
      approval,
      `  - name: a\n    ${prepared}\n    at: [{ after: 1h, cancel: changed my mind }]\n    expect: { status: completed }\n`,
      /the run is canceled/,
    )
    passes(
      'terminate',
      approval,
      `  - name: a\n    ${prepared}\n    at: [{ after: 1h, terminate: enough }]\n    expect: { status: terminated, duration: 1h, history: [WorkflowExecutionStarted, …, WorkflowExecutionTerminated] }\n`,
    )
    passes(
      'crash: the engine is rebuilt from its store',
      approval,
      `  - name: a\n    ${prepared}\n    at: [{ after: 5s, crash: true }, { after: 5s, crash: true }, { after: 30m, crash: true }, { after: 1h, signal: approval, input: { approved: true } }]\n    expect: { status: completed, duration: 1h, calls: [prepare] }\n`,
    )
    fails(
      'migrate is not supported yet',
      approval,
      '  - name: a\n    at: [{ after: 1h, migrate: 3.0.0 }]\n    expect: {}\n',
      /"migrate" in "at" is not supported yet/,
      { line: 4 },
    )
  })

  describe('calls, inputs, compensations and vars', () => {
    const script =
      'activities: { car: { returns: { id: c1 } }, hotel: { returns: { id: h1 } }, pay: { throws: { type: Declined } }, cars.cancel: { returns: null }, undoHotel: { returns: null } }'
    const scenario = (expect: string) =>
      `  - name: a\n    ${script}\n    expect: { status: failed, ${expect} }\n`
    passes('`calls` leaves compensations out', saga, scenario('calls: [car, hotel, pay]'))
    fails('other calls', saga, scenario('calls: [car, pay]'), /^expect\.calls, from the 2nd on$/, {
      expected: ['car', 'pay'],
      got: ['car', 'hotel', 'pay'],
      step: 'hotel',
    })
    passes(
      '`compensations`: steps whose compensation ran, in order',
      saga,
      scenario('compensations: [hotel, car]'),
    )
    fails(
      'compensations in another order',
      saga,
      scenario('compensations: [car, hotel]'),
      /^expect\.compensations, from the 1st on$/,
      { got: ['hotel', 'car'] },
    )
    passes(
      '`inputs` has those of compensations, by their id or activity',
      saga,
      scenario('inputs: { undoHotel: { id: h1 }, cars.cancel: { id: c1 } }'),
    )
    fails(
      'another input',
      saga,
      scenario('inputs: { undoHotel: { id: h2 } }'),
      /^expect\.inputs\.undoHotel\.id$/,
      { expected: 'h2', got: 'h1', step: 'undoHotel' },
    )
    fails(
      'an input of a step that was never called',
      saga,
      scenario('inputs: { fly: 1 }'),
      /step "fly" was never called/,
    )
    passes(
      '`inputs` is of the last call',
      'vars: { n: 0 }\nsteps: [{ id: loop, until: vars.n = 2, do: [{ set: { n: "${ vars.n + 1 }" } }, { id: work, activity: a.b, input: "${ vars.n }" }] }]\n',
      '  - name: a\n    activities: { work: { returns: 1 } }\n    expect: { inputs: { work: 2 }, vars: { n: 2 } }\n',
    )
    fails(
      'another variable names the step that sets it',
      'vars: { n: 0 }\nsteps: [{ id: count, set: { n: 2 } }]\n',
      '  - name: a\n    expect: { vars: { n: 1 } }\n',
      /^expect\.vars\.n$/,
      { expected: 1, got: 2, step: 'count' },
    )
  })

  describe('the history', () => {
    const scenario = (history: string) =>
      `  - name: a\n    input: 1\n    activities: { greet: { returns: 1 } }\n    expect: { history: [${history}] }\n`
    passes(
      'event types in order, `…` for any number of others',
      oneStep,
      scenario('WorkflowExecutionStarted, …, ActivityTaskCompleted, WorkflowExecutionCompleted'),
    )
    fails(
      'a type that does not come',
      oneStep,
      scenario('WorkflowExecutionStarted, …, TimerFired, …'),
      /no "TimerFired" where it is expected/,
    )
    fails('events that go on', oneStep, scenario('WorkflowExecutionStarted'), /the history goes on/)
  })
})
