/**
 * docs/problems: a page per code of the catalogue, made of the documents that the tests of schema/ check, so that each bad
 * example has its problem and each good one has not. `PERDURE_WRITE_DOCS=1 npx mocha test/docs-problems.test.ts` rewrites
 * them; read the difference in review.
 */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { defaultLimits } from '../schema/limits.ts'
import { loadDocument } from '../schema/load.ts'
import { type CatalogueEntry, problemCatalogue } from '../schema/problems/catalogue.ts'
import type { Problem } from '../schema/problems/problem.ts'
import { renderProblem } from '../schema/problems/render.ts'
import { flowCases } from './schema/checks/flow-cases.ts'
import type { ProblemCase } from './schema/problems/problem-case.ts'
import { problemCases } from './schema/problems/problem-cases.ts'
import { contextOf } from './schema/problems/problem-context.ts'

const folder = join(import.meta.dirname, '../docs/problems')
const head = 'dsl: perdure/1\nname: a\nversion: 1.0.0\n'
const entries: readonly (readonly [code: string, entry: CatalogueEntry])[] = Object.entries(problemCatalogue)
const flow = { collectionStyle: 'flow', lineWidth: 0 } as const
const cases = [...problemCases, ...flowCases]

const severities = {
  error: 'An error: the document is refused.',
  warning: 'A warning: the document is taken, and most likely does not do what was meant.',
  hint: 'A hint: the document is taken, and something about it is worth a look.',
}

function whole(text: string): string {
  return /^‸?dsl/.test(text) ? text : head + text
}

function problemsOf(text: string, limits: ProblemCase['limits']): readonly Problem[] {
  const options = { file: 'workflow.yaml', limits: { ...defaultLimits, ...limits } }
  return loadDocument(text, { ...options, ...contextOf(text) }).problems
}

/** A line that is there to be too long is shown by its beginning. */
function shown(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (line.length > 150 ? `${line.slice(0, 120)}…` : line))
    .join('\n')
}

function fence(info: string, text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`{3,}/g), ([ticks]) => ticks.length))
  const ticks = '`'.repeat(longest + 1)
  return `${ticks}${info}\n${shown(text)}\n${ticks}`
}

/** What the document may know around itself, of what it names. */
function known(text: string): readonly string[] {
  const { activities, workflows } = contextOf(text)
  const lines: string[] = []
  for (const [name, { input, output }] of activities ?? []) {
    if (!text.includes(name)) continue
    const schemas = Object.entries({ input, output }).filter(([, schema]) => schema !== undefined)
    const written = schemas.map(([key, schema]) => `${key}: ${stringify(schema, flow).trimEnd()}`)
    lines.push(`Where the activity \`${name}\` is registered:`, fence('yaml', written.join('\n')))
  }
  if (workflows !== undefined) lines.push('Where the workflow that it names is deployed.')
  return lines
}

function caseText({ code, what, bad, good, limits }: ProblemCase): string {
  const text = whole(bad).replace('‸', '')
  const problem = problemsOf(text, limits).find((candidate) => candidate.code === code)
  assert.ok(problem, `${code}: ${what}: the bad document has no such problem`)
  assert.ok(
    !problemsOf(whole(good), limits).some((other) => other.code === code),
    `${code}: ${what}: the good one has it`,
  )
  const limited = Object.entries(limits ?? {}).map(([name, value]) => `With \`limits.${name}: ${value}\`.`)
  return [
    `## ${what[0]?.toUpperCase()}${what.slice(1)}`,
    ...limited,
    ...known(text),
    'Bad:',
    fence('yaml', text),
    fence('text', renderProblem(problem)),
    'Good:',
    fence('yaml', whole(good)),
  ].join('\n\n')
}

function pageOf(code: string, { severity, summary, suggestion }: CatalogueEntry): string {
  return `${[
    `# \`${code}\``,
    severities[severity],
    summary,
    ...(suggestion === undefined ? [] : [`**What to do:** ${suggestion}.`]),
    ...cases.filter((one) => one.code === code).map(caseText),
    '[All problems](README.md)',
  ].join('\n\n')}\n`
}

function indexPage(): string {
  const rows = entries.map(
    ([code, { severity, summary }]) =>
      `| [\`${code}\`](${code}.md) | ${severity} | ${summary.replaceAll('|', '\\|')} |`,
  )
  return `# Problems in a document

\`perdure validate\`, \`deploy\` and the start of \`serve\` report these, each with file, line, column, an excerpt and the fix.
Codes never change their meaning. Each page has bad and good examples, which a test holds true.

| code | severity | what it means |
| --- | --- | --- |
${rows.join('\n')}
`
}

describe('docs/problems', () => {
  const pages = new Map(entries.map(([code, entry]) => [`${code}.md`, () => pageOf(code, entry)]))
  pages.set('README.md', indexPage)
  const rewrite = process.env['PERDURE_WRITE_DOCS'] === '1'

  before(() => {
    if (!rewrite) return
    mkdirSync(folder, { recursive: true })
    for (const page of readdirSync(folder)) if (!pages.has(page)) rmSync(join(folder, page))
  })

  for (const [page, make] of pages) {
    it(`${page} is equal to the catalogue and its examples`, () => {
      const text = make()
      const file = join(folder, page)
      if (rewrite) writeFileSync(file, text)
      assert.ok(existsSync(file), 'PERDURE_WRITE_DOCS=1 writes it')
      assert.equal(readFileSync(file, 'utf8'), text)
    })
  }

  it('has a bad and a good example for every code, and no other pages', () => {
    assert.ok(entries.length > 60)
    for (const [code] of entries)
      assert.ok(
        cases.some((one) => one.code === code),
        `${code} has no example`,
      )
    assert.deepEqual(
      readdirSync(folder).filter((page) => !pages.has(page)),
      [],
    )
  })
})
