import assert from 'node:assert/strict'
import fc from 'fast-check'
import { checkJson, jsonBytes, textProblem } from '../../../interpreter/values/values.ts'

const limits = { payloadBytes: 1_000_000 }

function refused(value: unknown, bytes = limits.payloadBytes): { path: string; message: string } {
  const checked = checkJson(value, { payloadBytes: bytes })
  assert.equal(checked.ok, false)
  return checked.ok ? { path: '', message: '' } : checked
}

describe('the check at a door', () => {
  it('lets plain JSON through, as a copy, with its bytes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const checked = checkJson(value, limits)
        if (!checked.ok) {
          assert.match(checked.message, /U\+0000|surrogate|2\^53|__proto__/)
          return
        }
        const text = JSON.stringify(value)
        assert.equal(JSON.stringify(checked.value), text)
        assert.equal(checked.bytes, new TextEncoder().encode(text).length)
        assert.equal(jsonBytes(checked.value), checked.bytes)
        assert.deepEqual(checked.value, JSON.parse(text))
      }),
      { numRuns: 1000 },
    )
  })

  it('does what JSON.stringify does with dates, toJSON, undefined members and -0', () => {
    class Money {
      readonly cents = 5
      toJSON() {
        return { cents: this.cents }
      }
    }
    const checked = checkJson({ at: new Date(0), money: new Money(), none: undefined, zero: -0 }, limits)
    assert.ok(checked.ok)
    assert.deepEqual(checked.value, { at: '1970-01-01T00:00:00.000Z', money: { cents: 5 }, zero: 0 })
    assert.ok(Object.is((checked.value as { zero: number }).zero, 0))
  })

  it('refuses what is not JSON or would be read otherwise, and says where', () => {
    const cyclic: { self?: unknown } = {}
    cyclic.self = cyclic
    const cases: readonly (readonly [unknown, string, RegExp])[] = [
      [{ a: ['x', 'b\0'] }, '/a/1', /U\+0000/],
      [{ 'k\0': 1 }, '/k\0', /U\+0000/],
      [['\ud800'], '/0', /surrogate/],
      [{ a: { 'b/c~d': Number.NaN } }, '/a/b~1c~0d', /NaN/],
      [[Number.POSITIVE_INFINITY], '/0', /Infinity/],
      [{ f: () => 1 }, '/f', /function/],
      [[undefined], '/0', /undefined/],
      [undefined, '', /undefined/],
      [[1n], '/0', /bigint/],
      [[Symbol('s')], '/0', /symbol/],
      [{ n: 2 ** 53 }, '/n', /2\^53/],
      [JSON.parse('{"__proto__": 1}'), '/__proto__', /__proto__/],
    ]
    for (const [value, path, message] of cases) {
      const problem = refused(value)
      assert.equal(problem.path, path)
      assert.match(problem.message, message)
    }
    assert.match(refused(cyclic).message, /holds itself/)
    assert.match(refused(['x'.repeat(100)], 50).message, /payloadBytes/)
    assert.match(
      refused({
        get broken(): unknown {
          throw new Error('no')
        },
      }).message,
      /reading the value failed: no/,
    )
  })

  it('finds lone surrogates and leaves pairs alone', () => {
    assert.equal(textProblem('😀 and é'), null)
    for (const text of ['\ud83d', 'a\udc00b', '😀\ud83d', '\udc00\ud83d'])
      assert.ok(textProblem(text) !== null)
  })
})
