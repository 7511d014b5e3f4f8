import assert from 'node:assert/strict'
import type { DocumentLimits } from '../../schema/limits.ts'
import { loadDocument } from '../../schema/load.ts'

const head = 'dsl: perdure/1\nname: a\nversion: 1.0.0\n'
const nested = (levels: number) => `${'['.repeat(levels)}1${']'.repeat(levels)}`
const unknownNames = (count: number) => Array.from({ length: count }, (_, n) => `"\${ unknown${n} }"`).join()

/** A document that is just within the limit, and one that is just beyond, of a limit of so much. */
const cases: {
  readonly [K in keyof DocumentLimits]: {
    readonly limit: number
    readonly code: string
    readonly fits: string
    readonly exceeds: string
  }
} = {
  documentBytes: {
    limit: 100,
    code: 'document-too-large',
    fits: `${head}steps: [ { return: "${'é'.repeat(18)}" } ]`,
    exceeds: `${head}steps: [ { return: "${'é'.repeat(40)}" } ]`,
  },
  documentSteps: {
    limit: 3,
    code: 'too-many-steps',
    fits: `${head}steps: [ { do: [ { wait: 1s } ] }, { wait: 1s } ]`,
    exceeds: `${head}initial: a\nstates: { a: { do: [ { do: [ { wait: 1s } ] }, { wait: 1s } ], on: { go: { to: a, do: [ { wait: 1s } ] } } } }`,
  },
  documentNesting: {
    limit: 10,
    code: 'document-too-deep',
    fits: `${head}steps: [ { return: ${nested(7)} } ]`,
    exceeds: `${head}steps: [ { return: ${nested(8)} } ]`,
  },
  documentAliasNodes: {
    limit: 20,
    code: 'too-many-aliases',
    fits: `${head}vars: { a: &a [1, 1, 1], b: [*a, *a] }\nsteps: [ { return: "\${ vars }" } ]`,
    exceeds: `${head}vars: { a: &a [1, 1, 1], b: [*a, *a, *a, *a, *a, *a] }\nsteps: [ { return: "\${ vars }" } ]`,
  },
  documentProblems: {
    limit: 4,
    code: 'more-problems',
    fits: `${head}steps: [ { return: [${unknownNames(4)}] } ]`,
    exceeds: `${head}steps: [ { return: [${unknownNames(5)}] } ]`,
  },
}

describe('limits of a document', () => {
  for (const [name, { limit, code, fits, exceeds }] of Object.entries(cases)) {
    const codesOf = (text: string) => loadDocument(text, { limits: { [name]: limit } }).problems

    it(`${name}: within it nothing is said, beyond it ${code} names it`, () => {
      assert.deepEqual(
        codesOf(fits).filter((problem) => problem.code === code),
        [],
      )
      const [problem, ...others] = codesOf(exceeds).filter((each) => each.code === code)
      assert.ok(problem, JSON.stringify(codesOf(exceeds)))
      assert.deepEqual(others, [])
      assert.match(`${problem.message} ${problem.suggestion}`, new RegExp(name))
      assert.ok(problem.line >= 1 && problem.column >= 1)
    })
  }

  it('count the steps of handlers, branches, states, transitions and compensations', () => {
    const documents = [
      'steps: [ { parallel: { a: [ { wait: 1s } ], b: [ { wait: 1s } ] } }, { wait: 1s } ]',
      'signals: { s: { do: [ { wait: 1s } ] } }\nupdates: { u: { do: [ { wait: 1s } ] } }\nsteps: [ { wait: 1s }, { wait: 1s } ]',
      'steps: [ { id: a, activity: x, compensate: [ { activity: y }, { activity: z } ] }, { wait: 1s } ]',
      'steps: [ { try: [ { wait: 1s } ], catch: [ { do: [ { wait: 1s } ] } ], finally: [ { wait: 1s } ] } ]',
      'initial: a\nstates: { a: { do: [ { wait: 1s } ], next: { to: a, do: [ { wait: 1s } ] }, after: { 1s: [ { to: a, do: [ { wait: 1s } ] } ] }, catch: [ { to: a, do: [ { wait: 1s } ] } ] } }',
    ]
    for (const document of documents) {
      const told = (documentSteps: number) =>
        loadDocument(`${head}${document}`, { limits: { documentSteps } }).problems.some(
          ({ code }) => code === 'too-many-steps',
        )
      assert.equal(told(4), false, document)
      assert.equal(told(3), true, document)
    }
  })
})
