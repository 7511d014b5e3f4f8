/** Random families on the reducer hold the invariants. `reducer.test.ts` draws some, `reducer.full.ts` a thousand. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { randomFamily } from './documents.ts'
import { isReplay, replayable } from './draws.ts'
import { Environment } from './environment.ts'
import { assertFolds, assertHistory } from './invariants.ts'

export async function assertHoldsInvariants(families: number): Promise<void> {
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
    replayable(families),
  )
  if (isReplay) return
  assert.ok(closed > played * 0.9, `only ${closed} of ${played} came to their end`)
}
