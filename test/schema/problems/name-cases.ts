/** Problems of names: of what there is not, twice, or out of reach. */
import { type ProblemCase, returning } from './problem-case.ts'

export const nameCases: readonly ProblemCase[] = [
  {
    code: 'bad-name',
    what: 'an id with a dash',
    bad: 'steps:\n  - id: ‸my-step\n    wait: 5s\n',
    good: 'steps:\n  - id: my_step\n    wait: 5s\n',
  },
  {
    code: 'bad-name',
    what: 'a variable with a dot',
    bad: `vars: { ‸a.b: 1 }\n${returning}`,
    good: `vars: { a_b: 1 }\n${returning}`,
  },
  {
    code: 'reserved-name',
    what: 'and',
    bad: 'steps:\n  - id: ‸and\n    wait: 5s\n',
    good: 'steps:\n  - id: andy\n    wait: 5s\n',
  },
  {
    code: 'reserved-name',
    what: 'a key of objects',
    bad: `vars: { ‸toString: 1 }\n${returning}`,
    good: `vars: { toText: 1 }\n${returning}`,
  },
  {
    code: 'reserved-name',
    what: 'a branch',
    bad: 'steps:\n  - parallel: { ‸in: [ { return: 1 } ] }\n',
    good: 'steps:\n  - parallel: { inn: [ { return: 1 } ] }\n',
  },
  {
    code: 'shadowing-name',
    what: 'as: sum',
    bad: 'steps:\n  - id: l\n    forEach: input.x\n    as: ‸sum\n    do: [ { return: 1 } ]\n',
    good: 'steps:\n  - id: l\n    forEach: input.x\n    as: total\n    do: [ { return: 1 } ]\n',
    says: /\$sum\(\)/,
  },
  {
    code: 'shadowing-name',
    what: 'as: input',
    bad: 'steps:\n  - id: l\n    forEach: input.x\n    as: ‸input\n    do: [ { return: 1 } ]\n',
    good: 'steps:\n  - id: l\n    forEach: input.x\n    do: [ { return: 1 } ]\n',
  },
  {
    code: 'shadowing-name',
    what: 'a loop variable again',
    bad: 'steps:\n  - id: l\n    forEach: input.x\n    as: row\n    do:\n      - id: m\n        forEach: row\n        as: ‸row\n        do: [ { return: 1 } ]\n',
    good: 'steps:\n  - id: l\n    forEach: input.x\n    as: row\n    do:\n      - id: m\n        forEach: row\n        as: cell\n        do: [ { return: 1 } ]\n',
  },
  {
    code: 'duplicate-id',
    what: 'in another block',
    bad: 'steps:\n  - id: a\n    wait: 5s\n  - do:\n      - id: ‸a\n        wait: 5s\n',
    good: 'steps:\n  - id: a\n    wait: 5s\n  - do:\n      - id: b\n        wait: 5s\n',
  },
  {
    code: 'missing-id',
    what: 'a wait',
    bad: 'steps:\n  - ‸wait: 5s\n',
    good: 'steps:\n  - id: a\n    wait: 5s\n',
  },
  {
    code: 'missing-id',
    what: 'a loop',
    bad: 'steps:\n  - ‸while: input.x\n    do: [ { return: 1 } ]\n',
    good: 'steps:\n  - id: a\n    activity: x.y\n    compensate: { activity: x.z }\n',
  },
  {
    code: 'template-not-allowed',
    what: 'defaults',
    bad: `defaults: { activity: { startToCloseTimeout: ‸"\${ input.x }" } }\n${returning}`,
    good: `defaults: { activity: { startToCloseTimeout: 5s } }\n${returning}`,
  },
  {
    code: 'template-not-allowed',
    what: 'a key',
    bad: 'steps:\n  - return: { ‸"${ input.x }": 1 }\n',
    good: 'steps:\n  - return: { x: 1 }\n',
  },
]
