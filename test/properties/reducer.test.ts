/**
 * Random workflows over the whole language, in random orders of events, hold the invariants. A failure prints its
 * seed and path; give them back in PERDURE_SEED and PERDURE_PATH to replay it. PERDURE_RUNS sets how many are drawn.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { randomFamily } from './documents.ts'
import { drawn, replayable } from './draws.ts'
import { Environment } from './environment.ts'
import { assertFolds, assertHistory } from './invariants.ts'

const runs = drawn(200)

describe('random workflows on the reducer', () => {
  it(`hold the invariants in random orders of events (${runs} families drawn)`, async function () {
    this.timeout(runs * 500 + 20_000)
    let played = 0
    let closed = 0
    await fc.assert(
      fc.asyncProperty(randomFamily, fc.nat(), async (family, seed) => {
        for (const document of family) {
          const run = new Environment(document, `${seed}/${document.name}`)
          await run.play()
          assertHistory(run)
          await assertFolds(run)
          played += 1
          if (run.isClosed) closed += 1
        }
      }),
      replayable(runs),
    )
    assert.ok(closed > played * 0.9, `only ${closed} of ${played} came to their end`)
  })
})
