/** What is known of the states of a machine and the ways between them. */
import type { ProblemCase } from '../problems/problem-case.ts'

const machine = (states: string) => `initial: a\nstates:\n${states}`

export const stateCases: readonly ProblemCase[] = [
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
]
