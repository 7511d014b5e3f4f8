import assert from 'node:assert/strict'
import fc from 'fast-check'
import { locateJsonFault } from '../../server/requests/json-position.ts'

const complete = 'expected nothing more, found the end of the text'

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('server: where a text stops being JSON', () => {
  const agrees = (text: string) => {
    const { line, column, message } = locateJsonFault(text)
    assert.equal(message === complete, parses(text), `${JSON.stringify(text)}: ${message}`)
    assert.ok(line >= 1 && column >= 1)
    assert.ok(line <= text.split('\n').length)
  }

  it('agrees with JSON.parse about whole texts', () => {
    fc.assert(fc.property(fc.json(), agrees), { numRuns: 300 })
  })

  it('agrees with JSON.parse about damaged texts', () => {
    const pieces = fc.constantFrom(
      ...'{}[],:"\\ \n\t-+.0e19x\u0000',
      '\\u12',
      'true',
      'nul',
      "'",
      '\ud83d\ude00',
    )
    const damaged = fc
      .tuple(fc.json(), fc.nat(), fc.nat(3), fc.array(pieces, { maxLength: 3 }))
      .map(([text, at, removed, added]) => {
        const offset = at % (text.length + 1)
        return text.slice(0, offset) + added.join('') + text.slice(offset + removed)
      })
    fc.assert(fc.property(damaged, agrees), { numRuns: 3_000 })
  })

  it('agrees with JSON.parse about short nonsense', () => {
    const pieces = fc.constantFrom(...'{}[],:"\\ \n-+.01e9', 'true', 'null', '"a"', '\\n')
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 6 }).map((parts) => parts.join('')),
        agrees,
      ),
      {
        numRuns: 5_000,
      },
    )
  })

  it('stands texts of any length and depth', () => {
    const long = `{"a": "${'x'.repeat(4_000_000)}", "b": "${'\\n'.repeat(2_000_000)}" oops}`
    assert.match(locateJsonFault(long).message, /expected ',' or '}', found 'o'/)
    const open = `"${'\\u0041'.repeat(700_000)}`
    assert.match(locateJsonFault(open).message, /expected the end of a string, found the end/)
    assert.match(locateJsonFault('{"a":'.repeat(700_000)).message, /expected a value, found the end/)
  })
})
