/** What is known of the fields of values. */
import type { ProblemCase } from '../problems/problem-case.ts'

const typed =
  'input: { type: object, properties: { order: { type: object, properties: { id: { type: string } }, additionalProperties: false } } }\n'
const machine = (states: string) => `initial: a\nstates:\n${states}`

export const fieldCases: readonly ProblemCase[] = [
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
]
