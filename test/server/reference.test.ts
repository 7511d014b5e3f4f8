/**
 * docs/http-api.md: its tables are made of the operations, so that they cannot differ from what is mounted.
 * `PERDURE_TEST_UPDATE=1 npx mocha test/server/reference.test.ts` rewrites them; read the difference in review.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { operations } from '../../server/openapi.ts'
import type { Operation } from '../../server/operations/operation.ts'

const file = new URL('../../docs/http-api.md', import.meta.url)
const begin = '<!-- routes: made by test/server/reference.test.ts -->'
const end = '<!-- end of routes -->'

function row({ method, path, role, summary, responses }: Operation): string {
  const statuses = Object.keys(responses).filter((status) => status.startsWith('2'))
  const text = summary.replaceAll('|', '\\|')
  return `| \`${method.toUpperCase()} ${path}\` | ${role} | ${statuses.join(', ')} | ${text} |`
}

function tables(): string {
  const all = Object.values(operations)
  const built = all.filter(({ planned }) => planned !== true)
  const tags = [...new Set(built.map(({ tag }) => tag))]
  const parts = tags.flatMap((tag) => [
    `### ${tag.charAt(0).toUpperCase()}${tag.slice(1)}`,
    '',
    '| route | role | answers | |',
    '| --- | --- | --- | --- |',
    ...built.filter((operation) => operation.tag === tag).map(row),
    '',
  ])
  const planned = all
    .filter((operation) => operation.planned === true)
    .map(({ method, path }) => `\`${method.toUpperCase()} ${path}\``)
  return [begin, '', ...parts, `Named already and answered with 501: ${planned.join(', ')}.`, '', end].join(
    '\n',
  )
}

describe('docs/http-api.md', () => {
  it('has the routes that are mounted (PERDURE_TEST_UPDATE=1 rewrites them)', () => {
    const text = readFileSync(file, 'utf8')
    const [before, rest] = [text.slice(0, text.indexOf(begin)), text.slice(text.indexOf(end) + end.length)]
    assert.ok(text.includes(begin) && text.includes(end))
    const wanted = `${before}${tables()}${rest}`
    if (process.env['PERDURE_TEST_UPDATE'] === '1') writeFileSync(file, wanted)
    assert.equal(readFileSync(file, 'utf8'), wanted)
    assert.ok(tables().split('\n').length > 40)
  })
})
