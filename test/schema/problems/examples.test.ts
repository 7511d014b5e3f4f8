import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultLimits } from '../../../schema/limits.ts'
import { loadDocument } from '../../../schema/load.ts'
import { problemCatalogue } from '../../../schema/problems/catalogue.ts'
import { flowCases } from '../checks/flow-cases.ts'
import { problemCases } from './problem-cases.ts'
import { contextOf } from './problem-context.ts'

/** A folder with one mistake of each kind, to be looked at with `perdure validate`: `<code>.bad.yaml` and `<code>.good.yaml`. */
const folder = join(import.meta.dirname, '../problem-examples')
const codes = Object.keys(problemCatalogue)

function codesIn(file: string, code: string) {
  const text = readFileSync(join(folder, file), 'utf8')
  const { limits } = [...problemCases, ...flowCases].find((each) => each.code === code) ?? {}
  const { problems } = loadDocument(text, { limits: { ...defaultLimits, ...limits }, ...contextOf(text) })
  return problems
}

describe('the examples of problems', () => {
  it('are a pair for each code, and no other files', () => {
    const expected = codes.flatMap((code) => [`${code}.bad.yaml`, `${code}.good.yaml`])
    assert.deepEqual(readdirSync(folder).sort(), expected.sort())
  })

  for (const code of codes) {
    it(`${code}: the bad one has it, the good one has not`, () => {
      const bad = codesIn(`${code}.bad.yaml`, code)
      assert.ok(bad.some((problem) => problem.code === code))
      if (code !== 'more-problems') {
        const others = bad.filter((problem) => problem.severity === 'error' && problem.code !== code)
        assert.deepEqual(others, [])
      }
      const good = codesIn(`${code}.good.yaml`, code)
      assert.deepEqual(
        good.filter((problem) => problem.code === code || problem.severity === 'error'),
        [],
      )
    })
  }
})
