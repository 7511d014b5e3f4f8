import assert from 'node:assert/strict'
import { compareHistory, compareValues } from '../../testing/compare.ts'

describe('comparing what is expected', () => {
  it('compares the named keys of a map only, at every depth', () => {
    assert.deepEqual(compareValues({ a: { b: 1 } }, { a: { b: 1, c: 2 }, d: 3 }), [])
    assert.deepEqual(compareValues({}, { a: 1 }), [])
    assert.deepEqual(compareValues({ a: { b: 1 } }, { a: { b: 2 } }), [
      { path: ['a', 'b'], expected: 1, got: 2 },
    ])
  })

  it('a named map must hold the named keys', () => {
    assert.deepEqual(compareValues({ a: null }, {}), [{ path: ['a'], expected: null, got: undefined }])
    assert.deepEqual(compareValues({ toString: 1 }, {}), [
      { path: ['toString'], expected: 1, got: undefined },
    ])
    assert.deepEqual(compareValues({}, null), [{ path: [], expected: {}, got: null }])
  })

  it('a list must match whole, its items as everywhere', () => {
    assert.deepEqual(compareValues([{ a: 1 }], [{ a: 1, b: 2 }]), [])
    assert.deepEqual(compareValues([1], [1, 2]), [{ path: [], expected: [1], got: [1, 2] }])
    assert.deepEqual(compareValues([1, 2], [1, 3]), [{ path: [1], expected: 2, got: 3 }])
    assert.deepEqual(compareValues([], {}), [{ path: [], expected: [], got: {} }])
  })

  it('takes values literally', () => {
    assert.deepEqual(compareValues('${ 1 }', '${ 1 }'), [])
    assert.equal(compareValues('1', 1).length, 1)
    assert.equal(compareValues(false, null).length, 1)
    assert.deepEqual(compareValues(0, -0), [])
  })
})

describe('comparing histories', () => {
  it('matches types in order, `…` for any number of others', () => {
    assert.equal(compareHistory(['a', 'b'], ['a', 'b']), null)
    assert.equal(compareHistory(['a', '…', 'b'], ['a', 'b']), null)
    assert.equal(compareHistory(['a', '…', 'b'], ['a', 'x', 'b', 'y', 'b']), null)
    assert.equal(compareHistory(['…', 'b', '…'], ['a', 'b', 'c']), null)
    assert.equal(compareHistory(['…'], []), null)
    assert.equal(compareHistory(['a', '...', 'c'], ['a', 'b', 'c']), null)
  })

  it('says how far it could be followed', () => {
    assert.deepEqual(compareHistory(['a', 'b'], ['a', 'c']), { matched: 1 })
    assert.deepEqual(compareHistory(['a'], ['a', 'b']), { matched: 1 })
    assert.deepEqual(compareHistory(['a', '…', 'z'], ['a', 'b']), { matched: 2 })
    assert.deepEqual(compareHistory(['a', 'b'], ['a']), { matched: 1 })
    assert.deepEqual(compareHistory([], ['a']), { matched: 0 })
  })
})
