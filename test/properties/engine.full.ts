/** A thousand random workflows on the engine, each plain and with crashes. */
import assert from 'node:assert/strict'
import { drawn, fixed, isReplay, replayable } from './draws.ts'
import { assertSameWithCrashes } from './engine-property.ts'

const runs = drawn(880)

const told = (statuses: ReadonlyMap<string, number>) =>
  [...statuses].map(([status, count]) => `${count} ${status}`).join(', ')

describe('a thousand random workflows on the engine', () => {
  it(`come to the same outcome with and without crashes (${runs} drawn)`, async function () {
    this.timeout(120_000 + runs * 2_000)
    const { statuses } = await assertSameWithCrashes(replayable(runs))
    console.log(`      ${told(statuses)}`)
  })

  it('of which some end in each way', async function () {
    if (isReplay) this.skip()
    this.timeout(300_000)
    const { statuses } = await assertSameWithCrashes(fixed(120, 5))
    for (const status of ['completed', 'failed', 'canceled', 'timedOut', 'terminated'])
      assert.ok(statuses.has(status), `none is ${status}: ${told(statuses)}`)
  })
})
