/** A strict look at generated XML: tags nest and close, attributes are quoted and unique, entities are numbers. */
import assert from 'node:assert/strict'

const tag = /<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/y

export function assertWellFormed(xml: string): void {
  const open: string[] = []
  let roots = 0
  for (let at = 0; at < xml.length; ) {
    if (xml[at] !== '<') {
      const end = xml.indexOf('<', at)
      const text = xml.slice(at, end === -1 ? undefined : end)
      assert.ok(!/&(?!#\d+;)/.test(text) && !text.includes('>'), `a text that is not escaped: ${text}`)
      assert.ok(open.length > 0 || text.trim() === '', `text outside of the root: ${text}`)
      at += text.length
      continue
    }
    tag.lastIndex = at
    const found = tag.exec(xml)
    assert.ok(found, `not a tag: ${xml.slice(at, at + 80)}`)
    const [whole, closing = '', name = '', attributes = '', empty = ''] = found
    at += whole.length
    const names = Array.from(attributes.matchAll(/\s([\w:-]+)="([^"]*)"/g), ([, key = '', value = '']) => {
      assert.ok(!/&(?!#\d+;)/.test(value), `an attribute that is not escaped: ${value}`)
      return key
    })
    assert.equal(new Set(names).size, names.length, `an attribute twice: ${whole}`)
    if (closing === '/') assert.equal(open.pop(), name, `${whole} closes another tag`)
    else {
      if (open.length === 0) roots++
      if (empty === '') open.push(name)
    }
  }
  assert.deepEqual(open, [], 'every tag is closed')
  assert.equal(roots, 1)
}
