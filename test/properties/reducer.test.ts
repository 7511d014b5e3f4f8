/**
 * Random workflows over the whole language, in random orders of events, hold the invariants. A failure prints its
 * seed and path; give them back in PERDURE_SEED and PERDURE_PATH to replay it. PERDURE_RUNS sets how many are drawn.
 */
import { drawn } from './draws.ts'
import { assertHoldsInvariants } from './reducer-property.ts'

const runs = drawn(80)

describe('random workflows on the reducer', () => {
  it(`hold the invariants in random orders of events (${runs} families drawn)`, async function () {
    this.timeout(runs * 500 + 20_000)
    await assertHoldsInvariants(runs)
  })
})
