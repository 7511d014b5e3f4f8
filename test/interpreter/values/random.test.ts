import assert from 'node:assert/strict'
import { hashText, nextRandom, seedFrom } from '../../../interpreter/values/random.ts'

describe('random numbers of a run', () => {
  it('are the same for the same seed, on every machine', () => {
    const state = seedFrom('0198c0de-run')
    const drawn = [nextRandom(state), nextRandom(state), nextRandom(state)]
    const again = seedFrom('0198c0de-run')
    assert.deepEqual(drawn, [nextRandom(again), nextRandom(again), nextRandom(again)])
    assert.notDeepEqual(seedFrom('a'), seedFrom('b'))
  })

  it('live in plain JSON: a state that was stored goes on', () => {
    const state = seedFrom('x')
    nextRandom(state)
    const stored = JSON.parse(JSON.stringify(state))
    for (let round = 0; round < 100; round++) assert.equal(nextRandom(stored), nextRandom(state))
  })

  it('lie in [0, 1) and are spread evenly', () => {
    const state = seedFrom('even')
    const buckets = new Array<number>(10).fill(0)
    for (let round = 0; round < 100_000; round++) {
      const value = nextRandom(state)
      assert.ok(value >= 0 && value < 1)
      buckets[Math.floor(value * 10)] = (buckets[Math.floor(value * 10)] ?? 0) + 1
    }
    for (const count of buckets) assert.ok(Math.abs(count - 10_000) < 500, String(count))
  })

  it('the hash tells texts apart', () => {
    const hashes = new Set(Array.from({ length: 20_000 }, (_, index) => hashText(`workflow-${index}`)))
    assert.ok(hashes.size > 19_990)
    assert.equal(hashText(''), hashText(''))
  })
})
