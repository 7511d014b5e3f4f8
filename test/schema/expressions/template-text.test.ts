import assert from 'node:assert/strict'
import fc from 'fast-check'
import { splitTemplate } from '../../../schema/expressions/template-text.ts'

function sources(text: string): readonly string[] {
  const split = splitTemplate(text)
  return 'parts' in split
    ? split.parts.map((part) => (part.kind === 'text' ? `t:${part.text}` : `e:${part.source}`))
    : []
}

describe('splitting of templates', () => {
  it('finds the end outside strings, backticks, comments and regular expressions', () => {
    assert.deepEqual(sources('${ a }'), ['e:a'])
    assert.deepEqual(sources('x ${a}${ b } y'), ['t:x ', 'e:a', 'e:b', 't: y'])
    assert.deepEqual(sources('${ \'}\' & "}" }'), ['e:\'}\' & "}"'])
    assert.deepEqual(sources('${ `}`.a }'), ['e:`}`.a'])
    assert.deepEqual(sources('${ a /* } */ }'), ['e:a /* } */'])
    assert.deepEqual(sources('${ $match(a, /\\}{2}/) }'), ['e:$match(a, /\\}{2}/)'])
    assert.deepEqual(sources('${ { "a": { "b": 1 } } }'), ['e:{ "a": { "b": 1 } }'])
    assert.deepEqual(sources('${ a / b } / ${ c }'), ['e:a / b', 't: / ', 'e:c'])
    assert.deepEqual(sources('${ (a) / 2 } ${ b[0] / 2 }'), ['e:(a) / 2', 't: ', 'e:b[0] / 2'])
    assert.deepEqual(sources('${ "\\"}" }'), ['e:"\\"}"'])
  })

  it('takes $${ for a literal, and a lone $ for itself', () => {
    assert.deepEqual(sources('$${ a } costs $5 $'), ['t:${ a } costs $5 $'])
    assert.deepEqual(sources('$$${ a }'), ['t:$${ a }'])
  })

  it('tells where an expression has no end', () => {
    assert.deepEqual(splitTemplate('a ${ b'), { unterminatedAt: 2 })
    assert.deepEqual(splitTemplate("${ 'a }"), { unterminatedAt: 0 })
    assert.deepEqual(splitTemplate('${ a /* }'), { unterminatedAt: 0 })
  })

  /** Texts without `$`, and expressions whose braces are balanced outside their quotes. */
  const literal = fc.stringMatching(/^[^$]{0,12}$/)
  const atom = fc.constantFrom(
    'a',
    'b.c',
    "'}'",
    '"{"',
    '`}`',
    '/\\}/',
    '/b{2}/',
    '/* } */ 1',
    '{ "k": 1 }',
    '[1, 2]',
    '"\\"}"',
  )
  const expression = fc.array(atom, { minLength: 1, maxLength: 4 }).map((atoms) => atoms.join(' & '))

  it('gives back the parts that a text was made of', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(literal, expression), { maxLength: 5 }), literal, (pairs, last) => {
        const text = pairs.map(([before, source]) => `${before}\${ ${source} }`).join('') + last
        const expected = [...pairs.flatMap(([before, source]) => [`t:${before}`, `e:${source}`]), `t:${last}`]
        assert.deepEqual(
          sources(text),
          expected.filter((part) => part !== 't:'),
        )
      }),
    )
  })

  it('names the place of each source', () => {
    fc.assert(
      fc.property(literal, expression, (before, source) => {
        const text = `${before}\${  ${source} }`
        const split = splitTemplate(text)
        assert.ok('parts' in split)
        for (const part of split.parts) {
          if (part.kind === 'expression')
            assert.equal(text.slice(part.start, part.start + source.length), source)
        }
      }),
    )
  })

  it('ends on any text', () => {
    fc.assert(fc.property(fc.string(), (text) => assert.ok(splitTemplate(text))))
  })
})
