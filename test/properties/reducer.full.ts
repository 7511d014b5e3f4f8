/** A thousand random families on the reducer. */
import { drawn } from './draws.ts'
import { assertHoldsInvariants } from './reducer-property.ts'

const runs = drawn(1_000)

describe('a thousand random workflows on the reducer', () => {
  it(`hold the invariants in random orders of events (${runs} families drawn)`, async function () {
    this.timeout(runs * 500 + 20_000)
    await assertHoldsInvariants(runs)
  })
})
