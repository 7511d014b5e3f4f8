/** A few random workflows on the engine; `engine.full.ts` has a thousand. */
import assert from 'node:assert/strict'
import { drawn, replayable } from './draws.ts'
import { assertSameWithCrashes } from './engine-property.ts'

const runs = drawn(25)

describe('random workflows on the engine', () => {
  it(`come to the same outcome with and without crashes (${runs} drawn)`, async function () {
    this.timeout(60_000 + runs * 2_000)
    const { statuses } = await assertSameWithCrashes(replayable(runs))
    assert.ok(statuses.size > 0)
  })
})
