/**
 * docs/errors.md is held equal to the catalogues. `PERDURE_WRITE_DOCS=1 npx mocha test/docs.test.ts` rewrites it;
 * read the difference in review.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setupErrors } from '../activities/index.ts'
import { engineErrors } from '../engine/error-catalogue.ts'
import { faults } from '../schema/fault-catalogue.ts'
import { problemCatalogue } from '../schema/problems/catalogue.ts'
import { serverErrors } from '../server/error-catalogue.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const file = join(root, 'docs', 'errors.md')

interface ApiError {
  readonly status: number
  readonly retryable: boolean
  readonly summary: string
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

function problems(): string[] {
  const entries: [string, { severity: string; summary: string; suggestion?: string }][] =
    Object.entries(problemCatalogue)
  return entries.map(
    ([code, { severity, summary, suggestion }]) =>
      `| [\`${code}\`](problems/${code}.md) | ${severity} | ${cell(summary)} | ${cell(suggestion ?? 'the message says')} |`,
  )
}

function apiErrors(): string[] {
  const entries: [string, ApiError][] = Object.entries({ ...engineErrors, ...serverErrors })
  return entries.map(
    ([code, { status, retryable, summary }]) =>
      `| \`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${cell(summary)} |`,
  )
}

function generated(): string {
  return `# Errors

The families below have codes; they never change their meaning. This page is held equal to the catalogues by a test.

## Problems in a document

\`perdure validate\`, \`deploy\` and the start of \`serve\` report these, each with file, line, column and an excerpt.
An error refuses the document; a warning or a hint does not. Each code leads to its page, with examples.

| code | severity | what it means | what to do |
| --- | --- | --- | --- |
${problems().join('\n')}

## Errors that a workflow can see

The types that the engine itself raises in a run, beside the types of the activities' own errors. A \`catch\` names them.
"Tried again" is what a group or child with \`retry\` does.

| type | tried again | what it means |
| --- | --- | --- |
${Object.entries(faults)
  .map(([type, { retryable, summary }]) => `| \`${type}\` | ${retryable ? 'yes' : 'no'} | ${cell(summary)} |`)
  .join('\n')}

## Errors of activity modules and plugins

Reported when a process starts; it does not start then.

| code | what it means |
| --- | --- |
${Object.entries(setupErrors)
  .map(([code, summary]) => `| \`${code}\` | ${cell(summary)} |`)
  .join('\n')}

## Errors of the API

The \`code\` of an \`application/problem+json\` answer, and of an \`EngineError\` in process. "Retryable": the same call may
succeed later.

| code | status | retryable | what it means |
| --- | --- | --- | --- |
${apiErrors().join('\n')}
`
}

describe('docs/errors.md', () => {
  it('is equal to the catalogues', () => {
    const text = generated()
    if (process.env['PERDURE_WRITE_DOCS'] === '1') writeFileSync(file, text)
    assert.equal(readFileSync(file, 'utf8'), text)
  })

  it('lists something of each family', () => {
    assert.ok(problems().length > 30 && apiErrors().length > 15 && Object.keys(faults).length > 10)
  })
})
