import assert from 'node:assert/strict'
import { defaultLimits } from '../../../schema/limits.ts'
import { loadDocument } from '../../../schema/load.ts'
import { problemCatalogue } from '../../../schema/problems/catalogue.ts'
import { renderProblem } from '../../../schema/problems/render.ts'
import { flowCases } from '../checks/flow-cases.ts'
import { problemCases as firstCases } from './problem-cases.ts'
import { contextOf } from './problem-context.ts'

const problemCases = [...firstCases, ...flowCases]

const head = 'dsl: perdure/1\nname: a\nversion: 1.0.0\n'
function whole(text: string): string {
  return text.startsWith('dsl') || text.startsWith('‸dsl') ? text : head + text
}

function load(text: string, limits: { readonly [name: string]: number } | undefined) {
  return loadDocument(text, { file: 'a.yaml', limits: { ...defaultLimits, ...limits }, ...contextOf(text) })
}

describe('problems of a document', () => {
  for (const { code, what, bad, good, says, limits } of problemCases) {
    it(`${code}: ${what}`, () => {
      const marked = whole(bad)
      const offset = marked.indexOf('‸')
      assert.notEqual(offset, -1, 'the bad document marks no place')
      const text = marked.replace('‸', '')
      const found = load(text, limits).problems
      const problem = found.find((candidate) => candidate.code === code)
      assert.ok(problem, `expected ${code}, found ${JSON.stringify(found, null, 1)}`)
      const lines = marked.slice(0, offset).split('\n')
      // A text that ends where the problem is has it at its last character.
      const expected = { line: lines.length, column: (lines.at(-1) ?? '').length + 1 }
      assert.deepEqual({ line: problem.line, column: problem.column }, expected, renderProblem(problem))
      assert.match(problem.excerpt, /\n *\^+$/)
      if (says) assert.match(`${problem.message} ${problem.suggestion}`, says)
      const others = found.filter((other) => other.code !== code && other.severity === 'error')
      // It stands for others by its nature.
      if (code === 'more-problems') return assert.equal(found.length, 3)
      assert.deepEqual(others, [], 'one mistake, one error')

      const after = load(whole(good), limits)
      assert.deepEqual(
        after.problems.filter((other) => other.code === code),
        [],
      )
      assert.deepEqual(
        after.problems.filter((other) => other.severity === 'error'),
        [],
      )
      assert.ok(after.plan)
    })
  }

  it('has a bad document for every code', () => {
    const tried = new Set(problemCases.map(({ code }) => code))
    assert.deepEqual(
      Object.keys(problemCatalogue).filter((code) => !tried.has(code)),
      [],
    )
  })

  it('gives a plan exactly when no problem is an error', () => {
    for (const { bad, limits } of problemCases) {
      const { problems, plan } = load(whole(bad).replace('‸', ''), limits)
      assert.equal(
        plan === undefined,
        problems.some(({ severity }) => severity === 'error'),
      )
    }
  })
})
