import assert from 'node:assert/strict'
import { loadDocument } from '../../../schema/load.ts'

const head = 'dsl: perdure/1\nname: a\nversion: 1.0.0\nsteps:\n  - return:\n'

/** The place of the expression `input.mark`, which the document holds once, as the loader tells it. */
function assertPlace(body: string): void {
  const text = head + body
  const { plan, problems } = loadDocument(text)
  assert.ok(plan, JSON.stringify(problems))
  const offset = text.indexOf('input.mark')
  const before = text.slice(0, offset).split('\n')
  const expected = { line: before.length, column: (before.at(-1) ?? '').length + 1 }
  assert.deepEqual(plan.expressions.find(({ source }) => source === 'input.mark')?.place, expected, body)
}

describe('places of expressions in YAML scalars', () => {
  it('plain, single and double quoted', () => {
    assertPlace('      ${ input.mark }\n')
    assertPlace("      'a ''b'' ${ input.mark }'\n")
    assertPlace('      "a \\"b\\" \\u00e9 \\U0001F600 \\n ${ input.mark }"\n')
  })
  it('block scalars, literal and folded', () => {
    assertPlace('      |\n      one\n        two\n      three ${ input.mark }\n')
    assertPlace('      |2-\n          one\n          ${ input.mark }\n')
    assertPlace('      >\n      one\n      two\n\n      three ${ input.mark }\n')
    assertPlace('      >-\n      one\n        indented\n      ${ input.mark }\n')
  })
  it('flow scalars over several lines', () => {
    assertPlace('      one\n        two\n\n        three ${ input.mark }\n')
    assertPlace('      "one\n\n\n        two ${ input.mark }"\n')
    assertPlace('      "one \\\n        two ${ input.mark }"\n')
    assertPlace("      'one\n        two ${ input.mark }'\n")
  })
  it('with the line ends of Windows', () => {
    assertPlace('      |\r\n      one\r\n      two ${ input.mark }\r\n')
    assertPlace('      "one\r\n        two ${ input.mark }"\r\n')
  })
  it('below an alias, where the anchor stands', () => {
    assertPlace('      - &a "x ${ input.mark }"\n      - *a\n')
  })
})
