/** As `problem-cases.ts`: what is known of fields, states, handlers, other runs, and what is declared for nothing. */
import type { ProblemCase } from './problem-cases.ts'

const typed =
  'input: { type: object, properties: { order: { type: object, properties: { id: { type: string } }, additionalProperties: false } } }\n'
const machine = (states: string) => `initial: a\nstates:\n${states}`

export const flowCases: readonly ProblemCase[] = [
  // Fields
  {
    code: 'unknown-field',
    what: 'a field of the input that its schema forbids',
    bad: `${typed}steps:\n  - return: \${ input.order.‸ids }\n`,
    good: `${typed}steps:\n  - return: \${ input.order.id }\n`,
    says: /input\.order\.id/,
  },
  {
    code: 'unknown-field',
    what: 'a field of a text',
    bad: `${typed}steps:\n  - return: \${ input.order.id.‸length }\n`,
    good: `${typed}steps:\n  - return: \${ $length(input.order.id) }\n`,
    says: /is a string/,
  },
  {
    code: 'unknown-field',
    what: 'a field of what an activity returns',
    bad: 'steps:\n  - { id: a, activity: known.charge, input: { id: 1 } }\n  - return: ${ steps.a.‸paymentID }\n',
    good: 'steps:\n  - { id: a, activity: known.charge, input: { id: 1 } }\n  - return: ${ steps.a.paymentId & steps.a.card.last4 }\n',
    says: /steps\.a\.paymentId/,
  },
  {
    code: 'unknown-field',
    what: 'a branch that is not there',
    bad: 'steps:\n  - { id: p, parallel: { left: [ { id: l, activity: x } ] } }\n  - return: ${ steps.p.‸right }\n',
    good: 'steps:\n  - { id: p, parallel: { left: [ { id: l, activity: x } ] } }\n  - return: ${ steps.p.left.any }\n',
  },
  {
    code: 'unknown-field',
    what: 'the outcome of a settled branch',
    bad: 'steps:\n  - { id: p, join: settled, parallel: { left: [ { id: l, activity: x } ] } }\n  - return: ${ steps.p.left.‸result }\n',
    good: 'steps:\n  - { id: p, join: settled, parallel: { left: [ { id: l, activity: x } ] } }\n  - return: ${ steps.p.left.value ?? steps.p.left.error.type }\n',
    says: /status, value, error/,
  },
  {
    code: 'unknown-field',
    what: 'a field of a tolerated item',
    bad: 'steps:\n  - { id: l, forEach: input.x, tolerate: 1, do: [ { id: w, activity: x } ] }\n  - return: ${ steps.l[0].status & steps.l.‸id }\n',
    good: 'steps:\n  - { id: l, forEach: input.x, tolerate: 1, do: [ { id: w, activity: x } ] }\n  - return: ${ steps.l[0].status & steps.l.value.id }\n',
  },
  {
    code: 'unknown-field',
    what: 'the result of a detached child',
    bad: 'steps:\n  - { id: c, workflow: other, detached: true }\n  - return: ${ steps.c.‸total }\n',
    good: 'steps:\n  - { id: c, workflow: other, detached: true }\n  - return: ${ steps.c.runId }\n',
    says: /workflowId, runId/,
  },
  {
    code: 'unknown-field',
    what: 'the result of a known child',
    bad: 'steps:\n  - { id: c, workflow: known-child, version: ^1.0.0, input: { orderId: a } }\n  - return: ${ steps.c.‸trackingNumber }\n',
    good: 'steps:\n  - { id: c, workflow: known-child, version: ^1.0.0, input: { orderId: a } }\n  - return: ${ steps.c.tracking }\n',
  },
  {
    code: 'unknown-field',
    what: 'a field of an error',
    bad: 'steps:\n  - try: [ { id: a, activity: x } ]\n    catch: [ { as: e, do: [ { return: "${ e.‸name }" } ] } ]\n',
    good: 'steps:\n  - try: [ { id: a, activity: x } ]\n    catch: [ { as: e, do: [ { return: "${ e.type & e.cause.cause.message & e.details.any }" } ] } ]\n',
    says: /type, message, details/,
  },
  {
    code: 'unknown-field',
    what: 'a field of a signal',
    bad: 'signals: { go: { schema: { type: object, properties: { ok: {} }, additionalProperties: false } } }\nsteps:\n  - { id: w, wait: { signal: go, where: signal.‸oke } }\n',
    good: 'signals: { go: { schema: { type: object, properties: { ok: {} }, additionalProperties: false } } }\nsteps:\n  - { id: w, wait: { signal: go, where: signal.ok } }\n  - if: steps.w.ok\n    return: 1\n',
  },
  {
    code: 'unknown-field',
    what: 'a field of a signal, in a transition',
    bad: machine(
      '  a: { on: { go: { to: b, when: signal.‸oke } } }\n  b: { final: true }\nsignals: { go: { schema: { type: object, properties: { ok: {} }, additionalProperties: false } } }\n',
    ),
    good: machine(
      '  a: { on: { go: { to: b, when: signal.ok }, other: { to: b, when: signal.oke } } }\n  b: { final: true }\nsignals: { go: { schema: { type: object, properties: { ok: {} }, additionalProperties: false } } }\n',
    ),
  },
  {
    code: 'undeclared-field',
    what: 'a field that the schema of the input does not name',
    bad: 'input: { type: object, properties: { order: { type: string } } }\nsteps:\n  - return: ${ input.‸oder }\n',
    good: 'input: { type: object, required: [id], properties: { order: { type: string } } }\nsteps:\n  - return: ${ input.id & input.order & (input.note ?? "") }\n',
    says: /input\.order/,
  },
  {
    code: 'undeclared-field',
    what: 'a field of the items of a list',
    bad: 'input: { type: object, properties: { rows: { type: array, items: { $ref: "#/$defs/row" } } }, $defs: { row: { type: object, properties: { qty: {} } } } }\nsteps:\n  - return: ${ $sum(input.rows.‸quantity) }\n',
    good: 'input: { type: object, properties: { rows: { type: array, items: { $ref: "#/$defs/row" } } }, $defs: { row: { type: object, properties: { qty: {} } } } }\nsteps:\n  - return: ${ $sum(input.rows.qty) + $sum(input.rows[0].qty) }\n',
  },
  {
    code: 'undeclared-field',
    what: 'a field of the item of a loop',
    bad: 'input: { type: object, properties: { rows: { type: array, items: { $ref: "#/$defs/row" } } }, $defs: { row: { type: object, properties: { qty: {} } } } }\nsteps:\n  - { id: l, forEach: input.rows, as: row, do: [ { id: a, activity: x, input: "${ row.‸quantity }" } ] }\n',
    good: 'input: { type: object, properties: { rows: { type: array, items: { $ref: "#/$defs/row" } } }, $defs: { row: { type: object, properties: { qty: {} } } } }\nsteps:\n  - { id: l, forEach: input.rows, as: row, do: [ { id: a, activity: x, input: "${ row.qty + $index }" } ] }\n  - { id: m, forEach: "input.rows[qty > 1]", as: row, do: [ { id: b, activity: x, input: "${ row.any }" } ] }\n',
    says: /row` does not name/,
  },
  {
    code: 'unknown-field',
    what: 'a field of an item that is a text, in a loop in a loop',
    bad: 'input: { type: object, properties: { rows: { type: array, items: { type: object, properties: { tags: { type: array, items: { type: string } } } } } } }\nsteps:\n  - { id: l, forEach: input.rows, as: row, do: [ { id: m, forEach: row.tags, as: tag, do: [ { id: a, activity: x, input: "${ tag.‸name }" } ] } ] }\n',
    good: 'input: { type: object, properties: { rows: { type: array, items: { type: object, properties: { tags: { type: array, items: { type: string } } } } } } }\nsteps:\n  - { id: l, forEach: input.rows, as: row, do: [ { id: m, forEach: row.tags, as: tag, do: [ { id: a, activity: x, input: "${ tag & row.tags[0] }" } ] } ] }\n',
    says: /is a string/,
  },
  {
    code: 'attempt-without-result',
    what: 'a compensation of what may not have finished',
    bad: 'steps:\n  - id: a\n    activity: x\n    compensateWhen: attempted\n    compensate: { activity: y, input: "${ steps.‸a.id }" }\n',
    good: 'steps:\n  - id: a\n    activity: x\n    compensateWhen: attempted\n    compensate: { activity: y, input: "${ steps.a.id ?? null }" }\n',
    says: /ever having finished/,
  },
  {
    code: 'step-may-be-skipped',
    what: 'behind a join of any',
    bad: 'steps:\n  - parallel: { l: [ { id: a, activity: x } ], r: [ { id: b, activity: y } ] }\n    join: any\n  - return: ${ steps.‸a }\n',
    good: 'steps:\n  - parallel: { l: [ { id: a, activity: x } ], r: [ { id: b, activity: y } ] }\n    join: { atLeast: 2 }\n  - return: ${ steps.a & steps.b }\n',
  },
  {
    code: 'step-may-be-skipped',
    what: 'behind a join of settled',
    bad: 'steps:\n  - parallel: { l: [ { id: a, activity: x } ] }\n    join: settled\n  - return: ${ steps.‸a }\n',
    good: 'steps:\n  - parallel: { l: [ { id: a, activity: x } ] }\n    join: any\n  - return: ${ steps.a }\n',
  },
  {
    code: 'unreachable-step',
    what: 'behind branches of which too few can succeed',
    bad: 'steps:\n  - parallel: { l: [ { fail: { type: A } } ], r: [ { wait: 1s } ] }\n    join: { atLeast: 2 }\n  - ‸{ wait: 1s }\n',
    good: 'steps:\n  - parallel: { l: [ { fail: { type: A } } ], r: [ { wait: 1s } ] }\n    join: any\n  - { wait: 1s }\n',
  },
  {
    code: 'unreachable-step',
    what: 'a case behind one that always holds',
    bad: 'steps:\n  - switch:\n      - { when: true, do: [ { return: 1 } ] }\n      - ‸{ when: input.x, do: [ { return: 2 } ] }\n',
    good: 'steps:\n  - switch:\n      - { when: input.x, do: [ { return: 2 } ] }\n      - { when: true, do: [ { return: 1 } ] }\n',
  },
  // States
  {
    code: 'unknown-state',
    what: 'as the initial one',
    bad: 'initial: ‸b\nstates: { a: { final: true } }\n',
    good: 'initial: a\nstates: { a: { final: true } }\n',
  },
  {
    code: 'unknown-state',
    what: 'in `to`',
    bad: machine('  a: { after: { 1s: { to: ‸bb } }, on: { go: b } }\n  b: { final: true }\n'),
    good: machine('  a: { after: { 1s: { to: b } } }\n  b: { final: true }\n'),
    says: /did you mean `b`/,
  },
  {
    code: 'unreachable-state',
    what: 'after a `do` that always ends the run',
    bad: machine('  a: { do: [ { return: 1 } ] }\n  ‸b: { final: true }\n'),
    good: machine('  a: { do: [ { if: input.x, return: 1 } ], next: b }\n  b: { final: true }\n'),
  },
  {
    code: 'step-not-yet-run',
    what: 'the step of a state that comes later',
    bad: machine(
      '  a: { do: [ { set: { v: "${ steps.‸s }" } } ], next: b }\n  b: { do: [ { id: s, activity: x } ], return: "${ vars.v }" }\nvars: { v: 0 }\n',
    ),
    good: machine('  a: { do: [ { id: s, activity: x } ], next: b }\n  b: { return: "${ steps.s }" }\n'),
  },
  {
    code: 'step-may-be-skipped',
    what: 'the step of a state that may be left before its end',
    bad: machine(
      '  a: { do: [ { id: s, activity: x } ], next: b, after: { 1h: b } }\n  b: { return: "${ steps.‸s }" }\n',
    ),
    good: machine(
      '  a: { do: [ { id: s, activity: x } ], next: b, after: { 1h: b } }\n  b: { return: "${ steps.s ?? null }" }\n',
    ),
  },
  {
    code: 'step-may-be-skipped',
    what: 'the step of a state on one of two ways',
    bad: machine(
      '  a: { on: { l: b, r: c } }\n  b: { do: [ { id: s, activity: x } ], next: c }\n  c: { return: "${ steps.‸s }" }\n',
    ),
    good: machine(
      '  a: { on: { l: b } }\n  b: { do: [ { id: s, activity: x } ], next: c }\n  c: { on: { again: b, end: d } }\n  d: { return: "${ steps.s }" }\n',
    ),
  },
  {
    code: 'transition-never-taken',
    what: 'behind one without `when`',
    bad: machine('  a: { on: { go: [ b, ‸c ], other: c } }\n  b: { final: true }\n  c: { final: true }\n'),
    good: machine(
      '  a: { on: { go: [ { to: b, when: signal.x }, c ] } }\n  b: { final: true }\n  c: { final: true }\n',
    ),
  },
  {
    code: 'transition-never-taken',
    what: '`next` of a final state',
    bad: machine(
      '  a: { do: [ { id: s, activity: x } ], return: 1, ‸next: b, on: { go: b } }\n  b: { final: true }\n',
    ),
    good: machine(
      '  a: { do: [ { id: s, activity: x } ], return: 1, on: { go: b } }\n  b: { final: true }\n',
    ),
  },
  {
    code: 'transition-never-taken',
    what: '`on` of a final state without `do`',
    bad: machine('  a: { on: { go: b } }\n  b: { final: true, ‸on: { back: a } }\n'),
    good: machine('  a: { on: { go: b } }\n  b: { final: true }\n'),
  },
  {
    code: 'transition-never-taken',
    what: '`on` of a state that `next` leaves at once',
    bad: machine('  a: { next: b, ‸on: { go: b } }\n  b: { final: true }\n'),
    good: machine(
      '  a: { next: { to: b, when: input.x }, on: { go: b }, catch: [ { errors: [Canceled], to: b } ] }\n  b: { final: true }\n',
    ),
  },
  {
    code: 'transition-never-taken',
    what: '`next` behind a `do` that always fails',
    bad: machine('  a: { do: [ { fail: { type: A } } ], ‸next: b, on: { go: b } }\n  b: { final: true }\n'),
    good: machine(
      '  a: { do: [ { if: input.x, fail: { type: A } } ], next: b, on: { go: b } }\n  b: { final: true }\n',
    ),
  },
  {
    code: 'step-not-yet-run',
    what: 'a later step of the state, which has no result when it is entered again',
    bad: machine(
      '  a: { do: [ { set: { v: "${ steps.‸s ?? null }" } }, { id: s, activity: x } ], next: [ { to: a, when: vars.v = 1 }, b ] }\n  b: { final: true }\nvars: { v: 0 }\n',
    ),
    good: machine(
      '  a: { do: [ { set: { v: "${ steps.t ?? null }" } }, { id: s, activity: x } ], next: [ { to: c, when: vars.v = 1 }, b ] }\n  b: { final: true }\n  c: { do: [ { id: t, activity: x } ], next: a }\nvars: { v: 0 }\n',
    ),
  },
  {
    code: 'unknown-name',
    what: 'the error by that name, in what a handler under another name does',
    bad: machine(
      '  a: { do: [ { id: s, activity: x } ], next: b, catch: [ { as: e, to: b, set: { v: "${ ‸error.type }" } } ] }\n  b: { return: "${ vars.v }" }\nvars: { v: 0 }\n',
    ),
    good: machine(
      '  a: { do: [ { id: s, activity: x } ], next: b, catch: [ { as: e, to: b, when: error.retryable, set: { v: "${ e.type }" } } ] }\n  b: { return: "${ vars.v }" }\nvars: { v: 0 }\n',
    ),
  },
  {
    code: 'state-without-exit',
    what: 'a state that nothing leaves',
    bad: machine('  a: { on: { go: b } }\n  ‸b: { do: [ { id: s, activity: x } ] }\n'),
    good: machine('  a: { on: { go: b } }\n  b: { do: [ { id: s, activity: x } ], final: true }\n'),
  },
  {
    code: 'wrong-value',
    what: 'a state that ends in two ways',
    bad: machine('  a: { return: 1, ‸fail: { type: A } }\n'),
    good: machine('  a: { fail: { type: A } }\n'),
  },
  {
    code: 'bad-duration',
    what: 'a key of `after`',
    bad: machine('  a: { after: { ‸soon: b } }\n  b: { final: true }\n'),
    good: machine('  a: { after: { PT5M: b } }\n  b: { final: true }\n'),
  },
  {
    code: 'signal-with-do',
    what: 'a transition by a signal that has steps of its own',
    bad: machine(
      '  a: { on: { ‸go: b } }\n  b: { final: true }\nsignals: { go: { do: [ { wait: 1s } ] } }\n',
    ),
    good: machine('  a: { on: { go: b } }\n  b: { final: true }\nsignals: { go: {} }\n'),
  },
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
