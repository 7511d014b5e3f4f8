/** Every problem that does not follow from what is known of values and ways: those of flow and of activities here, the others by file. */
import { expressionCases } from './expression-cases.ts'
import { nameCases } from './name-cases.ts'
import { type ProblemCase, returning } from './problem-case.ts'
import { shapeCases } from './shape-cases.ts'
import { textCases } from './text-cases.ts'

const otherCases: readonly ProblemCase[] = [
  // States
  {
    code: 'unknown-state',
    what: 'a transition to a state that is not there',
    bad: 'initial: a\nstates: { a: { on: { go: ‸bb, stop: b } }, b: { final: true } }\n',
    good: 'initial: a\nstates: { a: { on: { go: b } }, b: { final: true } }\n',
  },
  {
    code: 'unreachable-state',
    what: 'a state that no way leads to',
    bad: 'initial: a\nstates: { a: { on: { go: b } }, b: { final: true }, ‸c: { on: { go: a } } }\n',
    good: 'initial: a\nstates: { a: { on: { go: b, stay: c } }, b: { final: true }, c: { on: { go: a } } }\n',
    says: /"c"/,
  },
  // Flow
  {
    code: 'unreachable-step',
    what: 'behind return',
    bad: 'steps:\n  - return: 1\n  - ‸id: a\n    wait: 5s\n',
    good: 'steps:\n  - if: input.x\n    return: 1\n  - id: a\n    wait: 5s\n',
  },
  {
    code: 'unreachable-step',
    what: 'behind a group that always fails',
    bad: 'steps:\n  - if: input.x\n    do: [ { fail: { type: A } } ]\n    else: [ { return: 1 } ]\n  - ‸return: 2\n',
    good: 'steps:\n  - if: input.x\n    do: [ { fail: { type: A } } ]\n  - return: 2\n',
  },
  {
    code: 'return-not-allowed',
    what: 'in a signal',
    bad: `signals: { go: { do: [ { ‸return: 1 } ] } }\n${returning}`,
    good: `signals: { go: { do: [ { set: { v: 1 } } ] } }\nvars: { v: 0 }\n${returning}`,
  },
  {
    code: 'return-not-allowed',
    what: 'in finally',
    bad: 'steps:\n  - try: [ { wait: 1s, id: a } ]\n    finally: [ { ‸return: 1 } ]\n',
    good: 'steps:\n  - try: [ { wait: 1s, id: a } ]\n    catch: [ { do: [ { return: 1 } ] } ]\n',
  },
  {
    code: 'return-not-allowed',
    what: 'in compensate',
    bad: 'steps:\n  - id: a\n    activity: x.y\n    compensate: { ‸return: 1 }\n',
    good: 'steps:\n  - id: a\n    activity: x.y\n    compensate: { activity: x.z }\n',
  },
  {
    code: 'rethrow-outside-catch',
    what: 'in the main steps',
    bad: 'steps:\n  - ‸fail: rethrow\n',
    good: 'steps:\n  - try: [ { wait: 1s, id: a } ]\n    catch: [ { do: [ { fail: rethrow } ] } ]\n',
  },
  {
    code: 'signal-with-do',
    what: 'waited for',
    bad: 'signals: { go: { do: [ { set: { v: 1 } } ] } }\nvars: { v: 0 }\nsteps:\n  - id: a\n    wait: { signal: ‸go }\n',
    good: 'signals: { go: {} }\nsteps:\n  - id: a\n    wait: { signal: go }\n',
  },
  // Activities: `x.y` is registered with the input { type: object, required: [id], properties: { id: number } }.
  {
    code: 'activity-not-registered',
    what: 'a slip',
    bad: 'steps:\n  - id: a\n    activity: ‸known.chrage\n',
    good: 'steps:\n  - id: a\n    activity: known.charge\n    input: { id: 1 }\n',
    says: /known\.charge/,
  },
  {
    code: 'activity-input-invalid',
    what: 'a wrong type',
    bad: 'steps:\n  - id: a\n    activity: known.charge\n    input: { id: ‸one }\n',
    good: 'steps:\n  - id: a\n    activity: known.charge\n    input: { id: "${ input.x }" }\n',
  },
  {
    code: 'activity-input-invalid',
    what: 'a missing key',
    bad: 'steps:\n  - id: a\n    activity: known.charge\n    ‸input: { other: "${ input.x }" }\n',
    good: 'steps:\n  - id: a\n    activity: known.charge\n    input: ${ input }\n',
  },
  {
    code: 'more-problems',
    what: 'more than are listed',
    bad: 'steps:\n  - return: [ "${ a }", "${ ‸b }", "${ c }", "${ d }" ]\n',
    good: returning,
    limits: { documentProblems: 2 },
    says: /2 more/,
  },
]

export const problemCases: readonly ProblemCase[] = [
  ...textCases,
  ...shapeCases,
  ...nameCases,
  ...expressionCases,
  ...otherCases,
]
