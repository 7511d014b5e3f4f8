/** What is known before a run: of handlers, other runs, and what is declared for nothing; of fields and states by file. */

import type { ProblemCase } from '../problems/problem-case.ts'
import { fieldCases } from './field-cases.ts'
import { stateCases } from './state-cases.ts'

const machine = (states: string) => `initial: a\nstates:\n${states}`

const otherCases: readonly ProblemCase[] = [
  // Handlers
  {
    code: 'catch-never-matches',
    what: 'a type that an earlier pattern takes',
    bad: 'steps:\n  - try: [ { id: a, activity: x } ]\n    catch:\n      - { errors: ["Card*", Timeout], do: [ { return: 1 } ] }\n      - ‸{ errors: [CardDeclined], do: [ { return: 2 } ] }\n',
    good: 'steps:\n  - try: [ { id: a, activity: x } ]\n    catch:\n      - { errors: [CardDeclined], do: [ { return: 2 } ] }\n      - { errors: ["Card*", Timeout], do: [ { return: 1 } ] }\n      - { errors: ["*"], do: [ { return: 3 } ] }\n      - { errors: [Canceled], do: [ { return: 4 } ] }\n',
  },
  {
    code: 'catch-never-matches',
    what: 'an entry of retry.on',
    bad: 'steps:\n  - id: a\n    activity: x\n    retry: { on: [ { errors: ["*"], maximumAttempts: 2 }, ‸{ errors: [Timeout], maximumAttempts: 9 } ] }\n',
    good: 'steps:\n  - id: a\n    activity: x\n    retry: { on: [ { errors: [Timeout], maximumAttempts: 9 }, { errors: ["*"], maximumAttempts: 2 } ] }\n',
  },
  {
    code: 'catch-never-matches',
    what: 'in a state',
    bad: machine(
      '  a: { do: [ { id: s, activity: x } ], next: b, catch: [ { to: b }, ‸{ errors: [A], to: b } ] }\n  b: { final: true }\n',
    ),
    good: machine(
      '  a: { do: [ { id: s, activity: x } ], next: b, catch: [ { to: b, when: error.retryable }, { errors: [A], to: b } ] }\n  b: { final: true }\n',
    ),
  },
  {
    code: 'error-never-raised',
    what: 'a type that nothing inside raises',
    bad: 'steps:\n  - try: [ { if: input.x, fail: { type: TooLate } } ]\n    catch: [ { errors: [‸TooLat], do: [ { return: 1 } ] } ]\n',
    good: 'steps:\n  - try: [ { if: input.x, fail: { type: TooLate } } ]\n    catch: [ { errors: [TooLate, Timeout, "Expression*"], do: [ { return: 1 } ] } ]\n',
  },
  {
    code: 'error-never-raised',
    what: "the type of a child's own error",
    bad: 'steps:\n  - try: [ { id: c, workflow: other } ]\n    catch: [ { errors: [‸CardDeclined], do: [ { return: 1 } ] } ]\n',
    good: 'steps:\n  - try: [ { id: c, workflow: other } ]\n    catch: [ { errors: [ChildWorkflowFailed], if: error.cause.type = "CardDeclined", do: [ { return: 1 } ] } ]\n',
    says: /ChildWorkflowFailed/,
  },
  // Declared for nothing
  {
    code: 'unused-variable',
    what: 'set and never read',
    bad: 'vars: { ‸n: 0, m: 0 }\nsteps:\n  - set: { n: "${ vars.n + 1 }" }\n  - return: ${ vars.m }\n',
    good: 'vars: { n: 0 }\nsteps:\n  - set: { n: "${ vars.n + 1 }" }\nqueries: { n: "${ vars.n }" }\n',
    says: /set and never read/,
  },
  {
    code: 'unused-variable',
    what: 'never read at all',
    bad: 'vars: { ‸n: 0 }\nsteps: [ { return: 1 } ]\n',
    good: 'vars: { n: 0 }\nsteps: [ { return: "${ vars }" } ]\n',
  },
  {
    code: 'unused-signal',
    what: 'nobody waits for it',
    bad: 'signals: { ‸go: {} }\nsteps: [ { return: 1 } ]\n',
    good: 'signals: { go: {} }\nsteps: [ { id: w, wait: { signal: go } } ]\n',
  },
  {
    code: 'unused-signal',
    what: 'an `on` spells it otherwise',
    bad: machine('  a: { on: { aprove: b } }\n  b: { final: true }\nsignals: { ‸approve: {} }\n'),
    good: machine('  a: { on: { approve: b } }\n  b: { final: true }\nsignals: { approve: {} }\n'),
    says: /`aprove`/,
  },
  {
    code: 'retry-intervals',
    what: 'a first pause beyond the longest',
    bad: 'steps:\n  - { id: a, activity: x, retry: { initialInterval: ‸5m, maximumInterval: 1m } }\n',
    good: 'steps:\n  - { id: a, activity: x, retry: { initialInterval: 5m, maximumInterval: 1h } }\n',
  },
  {
    code: 'retry-intervals',
    what: 'with the default of a child',
    bad: 'steps:\n  - { id: a, workflow: x, retry: { initialInterval: ‸5m } }\n',
    good: 'steps:\n  - { id: a, activity: x, retry: { initialInterval: 5m } }\n',
  },
  {
    code: 'retry-intervals',
    what: 'with what the defaults of the document say',
    bad: 'defaults: { activity: { retry: { maximumInterval: 10s } } }\nsteps:\n  - { id: a, activity: x, retry: { on: [ { errors: [A], initialInterval: ‸5m } ] } }\n',
    good: 'defaults: { activity: { retry: { maximumInterval: 10m } } }\nsteps:\n  - { id: a, activity: x, retry: { on: [ { errors: [A], initialInterval: 5m } ] } }\n',
  },
  {
    code: 'missing-compensation',
    what: 'between steps that are undone',
    bad: 'steps:\n  - { id: a, activity: x, compensate: { activity: y } }\n  - { id: b, ‸activity: x }\n  - { id: c, activity: x, compensate: { activity: y } }\n',
    good: 'steps:\n  - { id: look, activity: x }\n  - { id: a, activity: x, compensate: { activity: y } }\n  - { id: b, activity: x, compensate: { activity: y } }\n  - { id: c, activity: x }\n  - return: 1\n',
  },
  {
    code: 'missing-compensation',
    what: 'in a branch beside one that is undone',
    bad: 'steps:\n  - parallel:\n      l: [ { id: a, activity: x, compensate: { activity: y } } ]\n      r: [ { id: b, ‸activity: x } ]\n',
    good: 'steps:\n  - parallel:\n      l: [ { id: a, activity: x, compensate: { activity: y } } ]\n      r: [ { id: b, activity: x, compensate: { activity: y } } ]\n      n: [ { id: c, wait: 1s } ]\n',
  },
  {
    code: 'unknown-step',
    what: 'the machine, which has no result',
    bad: machine('  a: { do: [ { id: stat, activity: x } ], return: "${ steps.‸states }" }\n'),
    good: machine('  a: { do: [ { id: stat, activity: x } ], return: "${ steps.stat }" }\n'),
    says: /steps\.stat`/,
  },
  // Other runs
  {
    code: 'workflow-not-known',
    what: 'a name',
    bad: 'steps: [ { id: c, workflow: ‸known-childd } ]\n',
    good: 'steps: [ { id: c, workflow: known-child, input: {} } ]\n',
    says: /known-child`/,
  },
  {
    code: 'workflow-not-known',
    what: 'a range',
    bad: 'steps: [ { id: c, workflow: known-child, version: ‸^3.0.0 } ]\n',
    good: 'steps: [ { id: c, workflow: known-child, version: "${ input.v }" } ]\n',
    says: /1\.2\.0, 2\.0\.0/,
  },
  {
    code: 'child-input-invalid',
    what: 'a wrong type',
    bad: 'steps: [ { id: c, workflow: known-child, version: ^1.0.0, input: { orderId: a, qty: ‸many } } ]\n',
    good: 'steps: [ { id: c, workflow: known-child, version: ^2.0.0, input: { orderId: a, qty: many } } ]\n',
  },
  {
    code: 'child-input-invalid',
    what: 'no input at all',
    bad: 'steps: [ { id: c, workflow: ‸known-child, version: ^1.0.0 } ]\n',
    good: 'steps: [ { id: c, workflow: known-child, version: ^2.0.0 } ]\n',
  },
  {
    code: 'list-may-collapse',
    what: 'into the input of a child',
    bad: 'steps: [ { id: c, workflow: known-child, version: 1.2.0, input: { orderId: a, rows: "${ ‸input.rows[ok] }" } } ]\n',
    good: 'steps: [ { id: c, workflow: known-child, version: 1.2.0, input: { orderId: a, rows: "${ input.rows[ok][] ?? [] }" } } ]\n',
  },
  {
    code: 'next-input-invalid',
    what: 'a missing key',
    bad: 'input: { type: object, required: [id], properties: { id: {} } }\nsteps:\n  - continueAsNew: { ‸input: { cursor: 1 } }\n',
    good: 'input: { type: object, required: [id], properties: { id: {} } }\nsteps:\n  - continueAsNew: { input: { id: "${ input.id }", cursor: 1 } }\n',
  },
  {
    code: 'result-invalid',
    what: 'a result without what is promised',
    bad: 'output: { type: object, required: [total] }\nsteps:\n  - ‸return: { sum: "${ input.x }" }\n',
    good: 'output: { type: object, required: [total] }\nsteps:\n  - return: { total: "${ input.x }" }\n',
    says: /lacks the key "total"/,
  },
  {
    code: 'result-invalid',
    what: 'the result of a final state',
    bad: machine('  a: { return: ‸7 }\noutput: { type: string }\n'),
    good: machine('  a: { return: seven }\noutput: { type: string }\n'),
  },
  {
    code: 'wrong-value',
    what: 'an event without a type',
    bad: 'steps:\n  - emit: { type: ‸"" }\n',
    good: 'steps:\n  - emit: { type: order.shipped }\n',
    says: /must not be empty/,
  },
  {
    code: 'bad-name',
    what: 'a signal that no document can declare',
    bad: 'steps:\n  - signal: { workflowId: a, name: ‸go-now }\n',
    good: 'steps:\n  - signal: { workflowId: a, name: goNow }\n',
  },
  {
    code: 'wrong-value',
    what: 'a detached child that is terminated',
    bad: 'steps: [ { id: c, workflow: x, detached: true, onParentClose: ‸cancel } ]\n',
    good: 'steps: [ { id: c, workflow: x, detached: true, onParentClose: abandon } ]\n',
  },
  {
    code: 'wrong-value',
    what: 'more branches than there are',
    bad: 'steps:\n  - parallel: { l: [ { wait: 1s } ] }\n    join: { atLeast: ‸2 }\n',
    good: 'steps:\n  - parallel: { l: [ { wait: 1s } ] }\n    join: { atLeast: 1 }\n',
  },
  {
    code: 'wrong-value',
    what: 'a share beyond all',
    bad: 'steps: [ { id: l, forEach: input.x, tolerate: ‸120%, do: [ { wait: 1s } ] } ]\n',
    good: 'steps: [ { id: l, forEach: input.x, tolerate: 100%, do: [ { wait: 1s } ] } ]\n',
  },
  {
    code: 'wrong-value',
    what: 'a workflow that is no saga',
    bad: 'saga: ‸false\nsteps: [ { return: 1 } ]\n',
    good: 'saga: { order: parallel }\nsteps: [ { return: 1 } ]\n',
  },
  {
    code: 'bad-name',
    what: 'a child that no document can have',
    bad: 'steps: [ { id: c, workflow: ‸ship@^1.0.0 } ]\n',
    good: 'steps: [ { id: c, workflow: ship, version: ^1.0.0 } ]\n',
    says: /version: \^1\.0\.0/,
  },
  {
    code: 'bad-version-range',
    what: 'of a child',
    bad: 'steps: [ { id: c, workflow: ship, version: ‸latest } ]\n',
    good: 'steps: [ { id: c, workflow: ship, version: "~1.2" } ]\n',
  },
  {
    code: 'text-in-predicate',
    what: 'a field in brackets, as in JavaScript',
    bad: 'steps:\n  - id: pay\n    activity: a.b\n  - return: ${ steps[‸"pay"].id }\n',
    good: 'steps:\n  - id: pay\n    activity: a.b\n  - return: ${ steps.pay.list[kind = "a"].`any name` }\n',
    says: /\.pay/,
  },
  {
    code: 'error-type-spelling',
    what: 'canceled with two l',
    bad: 'steps:\n  - try: [ { id: a, activity: a.b } ]\n    catch: [ { errors: [‸Cancelled], do: [ { fail: rethrow } ] } ]\n',
    good: 'steps:\n  - try: [ { id: a, activity: a.b } ]\n    catch: [ { errors: [Canceled], do: [ { fail: rethrow } ] } ]\n',
    says: /`Canceled`/,
  },
  {
    code: 'schema-without-keywords',
    what: 'fields where keywords belong',
    bad: 'input:\n  ‸orderId: { type: string }\nsteps: [ { return: "${ input.orderId }" } ]\n',
    good: 'input:\n  type: object\n  properties: { orderId: { type: string } }\nsteps: [ { return: "${ input.orderId }" } ]\n',
    says: /properties/,
  },
  {
    code: 'type-mismatch',
    what: 'a text where a number belongs, by both schemas',
    bad: 'input: { type: object, properties: { id: { type: string } } }\nsteps:\n  - id: a\n    activity: known.charge\n    input: { id: "${ ‸input.id }" }\n',
    good: 'input: { type: object, properties: { id: { type: string } } }\nsteps:\n  - id: a\n    activity: known.charge\n    input: { id: "${ $number(input.id) }" }\n',
    says: /must be number, and `input\.id` is string.*\$number/,
  },
  {
    code: 'text-added',
    what: 'a text at a plus',
    bad: 'steps:\n  - return: ${ ‸"a" + input.x }\n',
    good: 'steps:\n  - return: ${ "a" & input.x }\n',
  },
  {
    code: 'scope-name-in-item',
    what: 'behind a bound item',
    bad: 'steps:\n  - return: ${ input.cart@$c.‸input }\n',
    good: 'steps:\n  - return: ${ input.cart@$c.$c.input }\n',
  },
  {
    code: 'duplicate-id',
    what: 'a step and a state with one address',
    bad: machine(
      '  a: { do: [ { id: states, do: [ ‸{ wait: 1s } ] } ], next: do }\n  do: { do: [ { wait: 2s } ], final: true }\n',
    )
      .replace('‸', '')
      .replace('{ wait: 2s }', '‸{ wait: 2s }'),
    good: machine(
      '  a: { do: [ { id: states, do: [ { wait: 1s } ] } ], next: b }\n  b: { do: [ { wait: 2s } ], final: true }\n',
    ),
  },
]

export const flowCases: readonly ProblemCase[] = [...fieldCases, ...stateCases, ...otherCases]
