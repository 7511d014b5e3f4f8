/** docs/language: every example is run or checked, and nothing of the language is left out. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtInActivities } from '../activities/builtin/index.ts'
import { parseDuration } from '../schema/duration.ts'
import { faults } from '../schema/fault-catalogue.ts'
import { defaultLimits } from '../schema/limits.ts'
import { loadDocument } from '../schema/load.ts'
import type { Problem } from '../schema/problems/problem.ts'
import { renderProblem } from '../schema/problems/render.ts'
import { languageSchema } from '../schema/shape/language-schema.ts'
import { verbs } from '../schema/verbs.ts'
import { formatReport, runScenarioFiles } from '../testing/index.ts'
import {
  type DocsExample,
  examplesOf,
  languageFolder,
  languagePages,
  wholeDocument,
  writeExample,
} from './docs-examples.ts'

const folder = languageFolder
const pages = languagePages()

function shown(problems: readonly Problem[]): string {
  return problems.map((problem) => renderProblem(problem)).join('\n\n')
}

describe('docs/language', () => {
  let temporary = ''
  before(() => {
    temporary = mkdtempSync(join(tmpdir(), 'perdure-docs-'))
  })
  after(() => rmSync(temporary, { recursive: true, force: true }))

  for (const page of pages) {
    describe(page, () => {
      for (const example of examplesOf(join(folder, page))) {
        if (example.kind === 'document') {
          it(`line ${example.line}: the document gives what is said`, () => runDocument(example))
        } else if (example.kind === 'fragment') {
          it(`line ${example.line}: the fragment is valid`, () => {
            const { problems } = loadDocument(wholeDocument(example.text))
            assert.equal(shown(problems.filter(({ severity }) => severity !== 'hint')), '')
          })
        } else {
          it(`line ${example.line}: it is refused as ${example.code}`, () => {
            const { problems } = loadDocument(wholeDocument(example.text))
            assert.ok(
              problems.some(({ code }) => code === example.code),
              `found: ${shown(problems)}`,
            )
          })
        }
      }
    })
  }

  async function runDocument(example: DocsExample & { kind: 'document' }): Promise<void> {
    assert.ok(example.scenarios.length > 0, 'nothing is said of what the document gives')
    const { documents, scenarios } = writeExample(example, temporary)
    for (const { file, text } of documents) {
      const { problems } = loadDocument(text, { file })
      assert.equal(shown(problems.filter(({ severity }) => severity !== 'hint')), '')
    }
    const report = await runScenarioFiles([scenarios])
    assert.ok(report.passed, `\n${formatReport(report)}`)
  }

  it('has a page for every verb, and examples on every page', () => {
    assert.ok(pages.length >= verbs.length)
    for (const verb of verbs) {
      const page = readFileSync(join(folder, 'verbs', `${verb}.md`), 'utf8')
      assert.ok(page.startsWith(`# \`${verb}\``), verb)
    }
    for (const page of pages) {
      if (page === 'README.md') continue
      assert.ok(examplesOf(join(folder, page)).length > 0, `${page} has no example`)
    }
  })

  const everything = pages.map((page) => readFileSync(join(folder, page), 'utf8')).join('\n')

  it('names every key of the JSON Schema', () => {
    const keys = new Set<string>()
    const visit = (schema: unknown): void => {
      if (Array.isArray(schema)) for (const item of schema) visit(item)
      if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return
      for (const [key, value] of Object.entries(schema)) {
        if (key === 'properties') for (const name of Object.keys(value)) keys.add(name)
        if (!['examples', 'default', 'required', 'enum', 'const'].includes(key)) visit(value)
      }
    }
    visit(languageSchema())
    assert.ok(keys.size > 80)
    const missing = [...keys].filter((key) => !new RegExp(`(\`|^|[\\s{.])${key}(\`|:)`, 'm').test(everything))
    assert.deepEqual(missing, [])
  })

  it('names every error of the engine, and every limit with its default', () => {
    const errors = readFileSync(join(folder, 'errors.md'), 'utf8')
    assert.deepEqual(
      Object.keys(faults).filter((type) => !errors.includes(`\`${type}\``)),
      [],
    )
    const limits = readFileSync(join(folder, 'limits.md'), 'utf8')
    for (const [name, value] of Object.entries(defaultLimits))
      assert.ok(
        limits.includes(`| \`${name}\` | ${value.toLocaleString('en')} |`),
        `${name} | ${value.toLocaleString('en')}`,
      )
  })

  it('names every built-in activity and every key of its input', () => {
    const page = readFileSync(join(folder, 'built-in-activities.md'), 'utf8')
    const activities = builtInActivities({ parseDuration, queryWorkflow: async () => null })
    assert.ok(activities.length >= 3)
    let keys = 0
    for (const { name, input } of activities) {
      assert.ok(page.includes(`## \`${name}\``), name)
      const properties = typeof input === 'object' && 'properties' in input ? input.properties : {}
      for (const key of Object.keys(properties ?? {})) {
        keys++
        assert.ok(page.includes(`\`${key}\``), `${name}: ${key}`)
      }
    }
    assert.ok(keys > 15)
  })

  it('leads nowhere that is not there', () => {
    for (const page of pages) {
      const text = readFileSync(join(folder, page), 'utf8')
      for (const [, target = ''] of text.matchAll(/\]\(([^)#]*)(?:#[^)]*)?\)/g)) {
        if (target === '' || target.startsWith('http')) continue
        const file = new URL(target, `file://${join(folder, page)}`)
        assert.doesNotThrow(() => readFileSync(file), `${page} -> ${target}`)
      }
    }
  })
})
