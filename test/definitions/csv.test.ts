/** Comma-separated values, both ways. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { formatCsv, parseCsv } from '../../definitions/csv-import/csv.ts'

const cases: readonly (readonly [string, readonly (readonly string[])[]])[] = [
  ['', []],
  [
    'a,b\n1,2\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'a,b\r\n1,2',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  ['"x, y","say ""hi"""\n', [['x, y', 'say "hi"']]],
  ['"two\nlines",b\n', [['two\nlines', 'b']]],
  [
    'a,\n\n,b\n',
    [
      ['a', ''],
      ['', 'b'],
    ],
  ],
]

describe('CSV', () => {
  for (const [text, records] of cases)
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.deepEqual([...parseCsv(text)], records)
    })

  it('reads back what it writes', () => {
    // A record of one empty field is an empty line, which stands for no record.
    const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', ' ', 'é') })
    const record = fc.array(field, { minLength: 2, maxLength: 4 })
    fc.assert(
      fc.property(fc.array(record), (records) => {
        assert.deepEqual([...parseCsv(formatCsv(records))], records)
      }),
    )
  })
})
