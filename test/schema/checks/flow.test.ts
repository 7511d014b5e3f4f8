import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { loadDocument } from '../../../schema/load.ts'

const head = 'dsl: perdure/1\nname: a\nversion: 1.0.0\nvars: { v: 0 }\n'

function codesOf(body: string): readonly string[] {
  // So that the variable is of use.
  const reading = body.includes('queries:') ? '' : 'queries: { v: "${ vars.v }" }\n'
  return loadDocument(head + body + reading).problems.map(({ code, line }) => `${code}@${line - 4}`)
}

describe('what a step sees', () => {
  const fine: readonly (readonly [string, string])[] = [
    ['what a group did', 'steps:\n  - do: [ { id: a, activity: x.y } ]\n  - return: "${ steps.a }"\n'],
    [
      'what every case did',
      'steps:\n  - switch:\n      - { when: input.x, do: [ { id: a, activity: x.y } ] }\n      - { else: [ { return: 1 } ] }\n  - return: "${ steps.a }"\n',
    ],
    [
      'what the body of a try did, where handlers leave',
      'steps:\n  - try: [ { id: a, activity: x.y } ]\n    catch: [ { do: [ { fail: rethrow } ] } ]\n  - return: "${ steps.a }"\n',
    ],
    [
      'the error by that name in the if of a catch, whatever as calls it',
      'steps:\n  - try: [ { id: a, activity: x.y } ]\n    catch: [ { if: error.type = e.type, as: e, do: [ { set: { v: "${ e.type }" } } ] } ]\n',
    ],
    [
      'what finally did',
      'steps:\n  - try: [ { id: a, activity: x.y } ]\n    finally: [ { id: b, activity: x.y } ]\n  - return: "${ steps.b & steps.a }"\n',
    ],
    [
      'the branches, after the join',
      'steps:\n  - parallel:\n      one: [ { id: a, activity: x.y } ]\n      two: [ { id: b, activity: x.y } ]\n  - return: "${ steps.a & steps.b }"\n',
    ],
    [
      'what stood before a loop, inside it',
      'steps:\n  - id: a\n    activity: x.y\n  - id: l\n    forEach: input.x\n    do: [ { id: b, activity: x.y, input: "${ steps.a }" }, { id: c, activity: x.y, input: "${ steps.b }" } ]\n',
    ],
    [
      'a guarded step, inside the guard',
      'steps:\n  - id: a\n    if: input.x\n    activity: x.y\n  - if: $exists(steps.a) and input.y\n    do: [ { set: { v: "${ steps.a.id }" } } ]\n',
    ],
    [
      'a guarded step, in a case',
      'steps:\n  - id: a\n    if: input.x\n    activity: x.y\n  - switch: [ { when: $exists(steps.a), do: [ { set: { v: "${ steps.a.id }" } } ] } ]\n',
    ],
    [
      'a step behind a guard that ends the block where it has no result',
      'steps:\n  - id: a\n    if: input.x\n    activity: x.y\n  - if: $not($exists(steps.a)) or input.y\n    return: 1\n  - return: "${ steps.a.id }"\n',
    ],
    [
      'a step behind a group whose other way ends the block',
      'steps:\n  - id: a\n    if: input.x\n    activity: x.y\n  - if: $exists(steps.a)\n    do: [ { set: { v: 1 } } ]\n    else: [ { return: 1 } ]\n  - return: "${ steps.a.id }"\n',
    ],
    [
      'one of several steps that may be skipped',
      'steps:\n  - if: input.x\n    do: [ { id: a, activity: x.y } ]\n    else: [ { id: b, activity: x.y } ]\n  - return: "${ steps.a ?? steps.b }"\n',
    ],
    [
      'a number and a list of one, in forEach',
      'steps:\n  - id: l\n    forEach: 3\n    do: [ { set: { v: "${ item }" } } ]\n',
    ],
    [
      '$exists in the same expression',
      'steps:\n  - id: a\n    if: input.x\n    activity: x.y\n  - return: "${ $exists(steps.a) ? steps.a.id : 0 }"\n',
    ],
    [
      'a step behind `if … return`',
      'steps:\n  - if: input.x\n    return: 1\n  - id: a\n    activity: x.y\n  - return: "${ steps.a }"\n',
    ],
    [
      'its own result and its siblings, in a compensation',
      'steps:\n  - id: a\n    activity: x.y\n    compensate: [ { id: b, activity: x.y, input: "${ steps.a }" }, { activity: x.y, input: "${ steps.b }" } ]\n',
    ],
    [
      'the round, in until and collect',
      'steps:\n  - id: l\n    until: steps.a.done\n    do: [ { id: a, activity: x.y } ]\n  - id: m\n    forEach: input.x\n    do: [ { id: b, activity: x.y } ]\n    collect: "${ steps.b & item & index }"\n',
    ],
    [
      '`signal` in where',
      'signals: { go: {} }\nsteps:\n  - id: a\n    wait: { signal: go, where: signal.x = vars.v }\n',
    ],
    [
      'nested loops with default names',
      'steps:\n  - id: l\n    forEach: input.x\n    do: [ { id: m, forEach: item, do: [ { set: { v: "${ item }" } } ] } ]\n',
    ],
    ['fields that are called as names of the scope', 'steps:\n  - return: "${ input.steps.vars.input }"\n'],
  ]
  for (const [what, body] of fine) it(what, () => assert.deepEqual(codesOf(body), []))

  const wrong: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'the else of a group does not see its do',
      'steps:\n  - if: input.x\n    do: [ { id: a, activity: x.y } ]\n    else: [ { set: { v: "${ steps.a }" } } ]\n',
      ['step-not-yet-run@4'],
    ],
    [
      'a handler may be entered before the body did anything',
      'steps:\n  - try: [ { id: a, activity: x.y } ]\n    catch: [ { do: [ { set: { v: "${ steps.a }" } } ] } ]\n',
      ['step-may-be-skipped@3'],
    ],
    [
      'after a handler that goes on, the body may be unfinished',
      'steps:\n  - try: [ { id: a, activity: x.y } ]\n    catch: [ { do: [ { set: { v: 1 } } ] } ]\n  - return: "${ steps.a }"\n',
      ['step-may-be-skipped@4'],
    ],
    [
      'the step around sees no result of its own inside',
      'steps:\n  - id: g\n    do: [ { set: { v: "${ steps.g }" } } ]\n',
      ['step-not-yet-run@3'],
    ],
    [
      'an iteration does not see the one before',
      'steps:\n  - id: l\n    forEach: input.x\n    do: [ { set: { v: "${ steps.a }" } }, { id: a, activity: x.y } ]\n',
      ['step-not-yet-run@4'],
    ],
    [
      '`signal` is not seen beside the wait',
      'signals: { go: {} }\nsteps:\n  - id: a\n    wait: { signal: go }\n  - return: "${ signal }"\n',
      ['unknown-name@5'],
    ],
    [
      'loop variables end with the loop',
      'steps:\n  - id: l\n    forEach: input.x\n    do: [ { set: { v: "${ item }" } } ]\n  - return: "${ item }"\n',
      ['unknown-name@5'],
    ],
    [
      'a while that always returns inside may have no round',
      'steps:\n  - id: l\n    while: input.x\n    do: [ { return: 1 } ]\n  - return: 2\n',
      [],
    ],
    [
      'an until that always returns has one',
      'steps:\n  - id: l\n    until: input.x\n    do: [ { return: 1 } ]\n  - return: 2\n',
      ['unreachable-step@5'],
    ],
    [
      'a parallel with a branch that returns never joins',
      'steps:\n  - parallel: { a: [ { return: 1 } ], b: [ { set: { v: 1 } } ] }\n  - return: 2\n',
      ['unreachable-step@3'],
    ],
    [
      'rethrow in a compensation inside a catch',
      'steps:\n  - try: [ { fail: { type: A } } ]\n    catch: [ { do: [ { id: a, activity: x.y, compensate: { fail: rethrow } } ] } ]\n',
      ['rethrow-outside-catch@3'],
    ],
  ]
  for (const [what, body, codes] of wrong) it(what, () => assert.deepEqual(codesOf(body), codes))
})

describe('a document with anything in it', () => {
  const text = readFileSync(join(import.meta.dirname, '../golden/everything.yaml'), 'utf8')
  const pieces = [
    '\n',
    ' ',
    ':',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '#',
    '${',
    '}',
    '&a',
    '*a',
    '!x',
    '|',
    '>',
    '?',
    '@',
    '\t',
    'é',
    '\u0000',
    'null',
    '1e9',
    '__proto__',
    'steps.x',
    '??',
  ]

  it('ends in problems or a plan, never in an exception', () => {
    const edits = fc.array(fc.tuple(fc.nat(text.length), fc.nat(30), fc.constantFrom(...pieces)), {
      minLength: 1,
      maxLength: 4,
    })
    fc.assert(
      fc.property(edits, (changes) => {
        let edited = text
        for (const [at, removed, inserted] of changes)
          edited = edited.slice(0, at) + inserted + edited.slice(at + removed)
        const { problems, plan } = loadDocument(edited)
        assert.equal(
          plan === undefined,
          problems.some(({ severity }) => severity === 'error'),
        )
        const lines = edited.split('\n').length
        for (const { line, column } of problems) assert.ok(line >= 1 && line <= lines && column >= 1)
      }),
      { numRuns: 60 },
    )
  })

  it('so does one whose values were swapped for others', () => {
    const value = fc.jsonValue({ maxDepth: 3 })
    const keys = [
      'input',
      'vars',
      'defaults',
      'signals',
      'queries',
      'updates',
      'timeout',
      'saga',
      'migrations',
      'compatibleWith',
      'steps',
      'states',
      'initial',
      'labels',
    ]
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), value), (extra) => {
        const { problems, plan } = loadDocument(
          JSON.stringify({ dsl: 'perdure/1', name: 'a', version: '1.0.0', steps: [{ return: 1 }], ...extra }),
          { format: 'json' },
        )
        assert.equal(
          plan === undefined,
          problems.some(({ severity }) => severity === 'error'),
        )
      }),
      { numRuns: 100 },
    )
    const stepKeys = [
      'id',
      'if',
      'timeout',
      'activity',
      'input',
      'do',
      'else',
      'switch',
      'parallel',
      'join',
      'forEach',
      'as',
      'collect',
      'while',
      'try',
      'catch',
      'finally',
      'wait',
      'set',
      'fail',
      'retry',
      'compensate',
      'workflow',
    ]
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.constantFrom(...stepKeys), value, { maxKeys: 4 }), {
          minLength: 1,
          maxLength: 3,
        }),
        (steps) => {
          const { problems, plan } = loadDocument(
            JSON.stringify({ dsl: 'perdure/1', name: 'a', version: '1.0.0', steps }),
            { format: 'json' },
          )
          assert.equal(
            plan === undefined,
            problems.some(({ severity }) => severity === 'error'),
          )
        },
      ),
      { numRuns: 150 },
    )
  })
})
