/** A thousand random workflows on the engine, each plain and with crashes. */
import assert from 'node:assert/strict'
import { drawn, isReplay } from './draws.ts'
import { assertSameWithCrashes } from './engine-property.ts'

const runs = drawn(1_000)

describe('a thousand random workflows on the engine', () => {
  it(`come to the same outcome with and without crashes (${runs} drawn)`, async function () {
    this.timeout(120_000 + runs * 2_000)
    const { statuses } = await assertSameWithCrashes(runs)
    const told = [...statuses].map(([status, count]) => `${count} ${status}`).join(', ')
    console.log(`      ${told}`)
    if (runs >= 500 && !isReplay)
      for (const status of ['completed', 'failed', 'canceled', 'timedOut', 'terminated'])
        assert.ok(statuses.has(status), `none is ${status}: ${told}`)
  })
})
