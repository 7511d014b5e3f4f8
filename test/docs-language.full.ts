/** docs/language: every example again with a crash after every event, which must change nothing. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatReport, runScenarioFiles } from '../testing/index.ts'
import { examplesOf, languageFolder, languagePages, writeExample } from './docs-examples.ts'

describe('docs/language, with crashes everywhere', () => {
  let temporary = ''
  before(() => {
    temporary = mkdtempSync(join(tmpdir(), 'perdure-docs-'))
  })
  after(() => rmSync(temporary, { recursive: true, force: true }))

  for (const page of languagePages()) {
    const documents = examplesOf(join(languageFolder, page)).filter((example) => example.kind === 'document')
    if (documents.length === 0) continue
    it(page, async () => {
      const files = documents.map((example) => writeExample(example, temporary).scenarios)
      const report = await runScenarioFiles(files, { crashEverywhere: true })
      assert.ok(report.passed, `\n${formatReport(report)}`)
      assert.ok(report.results.some(({ crashes }) => crashes > 0))
    }).timeout(120_000)
  }
})
