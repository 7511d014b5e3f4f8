/** The sentences of docs/testing.md, each with a scenario that passes and one that must fail. */
import assert from 'node:assert/strict'
import { failureOf } from './kit.ts'
import { approval, oneStep, useKit } from './sentences.ts'

describe('what a scenario says', () => {
  const { run, passes, fails } = useKit()

  describe('the result of a completed run', () => {
    const script = 'activities: { greet: { returns: { text: "Hello, ${ input.name }!", n: [1, 2] } } }'
    const scenario = (expect: string) =>
      `  - name: a\n    input: { name: Ada }\n    ${script}\n    expect:\n      status: completed\n      ${expect}\n`
    passes(
      'a named map must hold the named keys, the others are not compared',
      oneStep,
      scenario('result: { text: "Hello, Ada!" }'),
    )
    passes('a list matches whole', oneStep, scenario('result: { n: [1, 2] }'))
    fails('another value', oneStep, scenario('result: { text: "Hello, Bob!" }'), /^expect\.result\.text$/, {
      expected: 'Hello, Bob!',
      got: 'Hello, Ada!',
      line: 8,
      step: 'return_2',
    })
    fails('a shorter list', oneStep, scenario('result: { n: [1] }'), /^expect\.result\.n$/, {
      expected: [1],
      got: [1, 2],
    })
    fails('a key that is not there', oneStep, scenario('result: { m: null }'), /^expect\.result\.m$/, {
      expected: null,
    })
    passes(
      'values are literal',
      oneStep,
      '  - name: a\n    input: 1\n    activities: { greet: { returns: "$${ x }" } }\n    expect: { result: "${ x }" }\n',
    )
  })

  describe('the status', () => {
    const down = 'activities: { greet: { throws: { type: Down, message: no route, retryable: false } } }'
    fails(
      'of a run that failed says why, and where',
      oneStep,
      `  - name: a\n    input: 1\n    ${down}\n    expect: { status: completed }\n`,
      /expect\.status \(the run is failed: Down: no route\)/,
      {
        expected: 'completed',
        got: 'failed',
        step: 'greet',
      },
    )
    fails(
      'of a run that waits says for what',
      approval,
      '  - name: a\n    activities: { prepare: { returns: null } }\n    expect: { status: completed }\n',
      /the run is running: nothing can happen any more; .*approval/,
      {
        got: 'running',
        step: 'approval',
      },
    )
    passes(
      'running: nothing can happen any more',
      approval,
      '  - name: a\n    activities: { prepare: { returns: null } }\n    expect: { status: running, vars: { seen: prepared } }\n',
    )
    passes(
      'running: the clock stops after the last entry of `at`',
      'queries: { q: 1 }\nsteps: [{ id: long, wait: 30d }]\n',
      '  - name: a\n    at: [{ after: 1d, query: q, expect: 1 }]\n    expect: { status: running }\n',
    )
    fails(
      'running, of a run that closed',
      oneStep,
      '  - name: a\n    input: 1\n    activities: { greet: { returns: 1 } }\n    expect: { status: running }\n',
      /the run is completed/,
    )
  })

  describe('the error', () => {
    const scenario = (error: string) =>
      `  - name: a\n    input: 1\n    activities: { greet: { throws: { type: Down, message: no route, details: { code: 51, at: x }, retryable: false } } }\n    expect: { status: failed, error: ${error} }\n`
    passes(
      'compares the keys that it names, nested too',
      oneStep,
      scenario('{ type: Down, step: greet, attempt: 1, details: { code: 51 } }'),
    )
    fails('another type', oneStep, scenario('{ type: Up }'), /^expect\.error\.type$/, {
      expected: 'Up',
      got: 'Down',
      step: 'greet',
    })
    fails('other details', oneStep, scenario('{ details: { code: 1 } }'), /^expect\.error\.details\.code$/, {
      expected: 1,
      got: 51,
    })
  })

  describe('a start that is refused', () => {
    const document = `input: { type: object, required: [name] }\n${oneStep}`
    passes(
      'is `status: refused` with its error',
      document,
      '  - name: a\n    input: {}\n    expect: { status: refused, error: { type: InputInvalid } }\n',
    )
    fails(
      'where another error is expected',
      document,
      '  - name: a\n    input: {}\n    expect: { status: refused, error: { type: SignalInvalid } }\n',
      /^expect\.error\.type$/,
      { got: 'InputInvalid' },
    )
    fails(
      'where none is expected',
      document,
      '  - name: a\n    input: {}\n    expect: { status: completed }\n',
      /the run is refused: InputInvalid/,
      { got: 'refused' },
    )
    fails(
      'where one is expected and it is accepted',
      oneStep,
      '  - name: a\n    input: {}\n    activities: { greet: { returns: 1 } }\n    expect: { status: refused }\n',
      /the run is completed/,
    )
  })

  describe('scripted activities', () => {
    const twice =
      'steps:\n  - { id: one, activity: work.do }\n  - { id: two, activity: work.do }\n  - return: { one: "${ steps.one }", two: "${ steps.two }" }\n'
    passes(
      'by step id, else by activity name',
      twice,
      '  - name: a\n    activities: { two: { returns: b }, work.do: { returns: a } }\n    expect: { result: { one: a, two: b } }\n',
    )
    passes(
      'a list is used up call by call',
      twice,
      '  - name: a\n    activities: { work.do: [{ returns: a }, { returns: b }] }\n    expect: { result: { one: a, two: b } }\n',
    )
    passes(
      'its last entry repeats',
      oneStep,
      '  - name: a\n    input: 1\n    activities: { greet: [{ returns: a }] }\n    expect: { result: a }\n  - name: b\n    input: 1\n    activities: { greet: [{ throws: { type: Down } }] }\n    expect: { status: failed, calls: [greet, greet, greet] }\n',
    )
    passes(
      'a template over `input` and `attempt`',
      oneStep,
      "  - name: a\n    input: { to: ada }\n    activities: { greet: [{ throws: { type: Down } }, { returns: \"${ { 'sent': input.to, 'n': attempt } }\" }] }\n    expect: { result: { sent: ada, n: 2 } }\n",
    )
    fails(
      'a template that gives nothing',
      oneStep,
      '  - name: a\n    input: {}\n    activities: { greet: { returns: "${ input.to }" } }\n    expect: {}\n',
      /the script of step "greet" cannot be rendered: .*gave nothing/,
      { line: 5, step: 'greet' },
    )
    fails(
      'a call without a script',
      twice,
      '  - name: a\n    activities: { one: { returns: 1 } }\n    expect: {}\n',
      /step "two" called the activity "work\.do", which has no script/,
      { step: 'two' },
    )
    passes(
      '`throws` is tried again after the pause of the policy',
      oneStep,
      '  - name: a\n    input: 1\n    activities: { greet: [{ throws: { type: Down } }, { returns: 1 }] }\n    expect: { status: completed, duration: 1s }\n',
    )
    passes(
      '`retryAfter` wins over the policy',
      oneStep,
      '  - name: a\n    input: 1\n    activities: { greet: [{ throws: { type: Down, retryAfter: 10s } }, { returns: 1 }] }\n    expect: { status: completed, duration: 10s }\n',
    )
    passes(
      '`retryable: false` is not tried again',
      oneStep,
      '  - name: a\n    input: 1\n    activities: { greet: { throws: { type: Down, retryable: false } } }\n    expect: { status: failed, calls: [greet], duration: 0s }\n',
    )
    passes(
      '`takes` a time',
      oneStep,
      '  - name: a\n    input: 1\n    activities: { greet: { returns: 1, takes: 5s } }\n    expect: { duration: 5s }\n',
    )
    passes(
      '`takes: forever` never answers',
      'steps: [{ id: greet, activity: a.b, startToCloseTimeout: 10s, retry: false }]\n',
      '  - name: a\n    activities: { greet: { takes: forever } }\n    expect: { status: failed, error: { type: Timeout, details: { kind: StartToClose } }, duration: 10s }\n',
    )
    passes(
      '`takes: never starts` is a queue without workers',
      'steps: [{ id: greet, activity: a.b, scheduleToStartTimeout: 10s }]\n',
      '  - name: a\n    activities: { greet: { takes: never starts } }\n    expect: { status: failed, error: { type: Timeout, details: { kind: ScheduleToStart } }, calls: [], duration: 10s }\n',
    )
    passes(
      '`heartbeats` keep it alive',
      'steps: [{ id: greet, activity: a.b, heartbeatTimeout: 10s }]\n',
      '  - name: a\n    activities: { greet: { takes: 30s, heartbeats: 5s, returns: 1 } }\n    expect: { status: completed, duration: 30s }\n',
    )
    passes(
      'without them it is lost',
      'steps: [{ id: greet, activity: a.b, heartbeatTimeout: 10s, retry: false }]\n',
      '  - name: a\n    activities: { greet: { takes: 30s, returns: 1 } }\n    expect: { status: failed, error: { details: { kind: Heartbeat } }, duration: 10s }\n',
    )
    passes(
      'one that is asked to stop stops at once, as canceled',
      'steps: [{ id: greet, activity: a.b, cancellation: wait, startToCloseTimeout: 1h }]\n',
      '  - name: a\n    activities: { greet: { takes: 30m, returns: 1 } }\n    at: [{ after: 1m, cancel: enough }]\n    expect: { status: canceled, duration: 1m, history: [WorkflowExecutionStarted, …, ActivityTaskCanceled, WorkflowExecutionCanceled] }\n',
    )
  })

  describe('the virtual clock', () => {
    passes(
      'a wait of thirty days takes no time',
      'steps: [{ id: long, wait: 30d }]\n',
      '  - name: a\n    expect: { status: completed, duration: 30d }\n',
    )
    fails(
      'another duration',
      'steps: [{ id: long, wait: 30d }]\n',
      '  - name: a\n    expect: { duration: 29d }\n',
      /^expect\.duration$/,
      { expected: '29d', got: '30d', line: 4 },
    )
    passes(
      'starts at a fixed time',
      'steps: [{ return: "${ workflow.startedAt }" }]\n',
      '  - name: a\n    expect: { result: "2026-01-01T00:00:00.000Z" }\n',
    )
    it('stops where a run never ends', async () => {
      const failure = failureOf(
        await run(
          'steps: [{ id: for_ever, while: "true", do: [{ id: tick, wait: 1h }] }]\n',
          '  - name: a\n    expect: { status: completed }\n',
          { clockMoves: 50 },
        ),
      )
      assert.match(failure.message, /^the clock moved 50 times \(clockMoves\) and the run is still open/)
    })
  })
})
