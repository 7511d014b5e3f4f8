/**
 * The suite that holds every driver to the same answers: each sentence of `contract.ts`, and what
 * docs/invariants.md asks of a store. Published by the test kit; needs a runner with mocha's global functions.
 */
import type { Storage } from './contract.ts'
import { answersSuite } from './suite/answers.ts'
import { badDataSuite } from './suite/bad-data.ts'
import { birthsSuite } from './suite/births.ts'
import { chainsSuite } from './suite/chains.ts'
import { StorageFixture } from './suite/fixture.ts'
import { loadingSuite } from './suite/loading.ts'
import { messagesSuite } from './suite/messages.ts'
import { outboxSuite } from './suite/outbox.ts'
import { ownershipSuite } from './suite/ownership.ts'
import { pendingSuite } from './suite/pending.ts'
import { globalRunner } from './suite/runner.ts'
import { startsSuite } from './suite/starts.ts'
import { turnMessagesSuite } from './suite/turn-messages.ts'
import { turnsSuite } from './suite/turns.ts'
import { visibilitySuite } from './suite/visibility.ts'

/**
 * `makeStorage` is called once and gives an open store that nobody else uses meanwhile (its claims take what is due,
 * whoever left it there); the suite closes it.
 */
export function describeStorage(name: string, makeStorage: () => Promise<Storage>): void {
  const runner = globalRunner()
  runner.describe(`storage: ${name}`, () => {
    let current: StorageFixture | null = null
    runner.before(async () => {
      current = new StorageFixture(await makeStorage())
    })
    runner.after(async () => {
      await current?.storage.close()
    })
    const fixture = () => {
      if (current === null) throw new Error('the store of the suite is not open')
      return current
    }
    turnsSuite(runner, fixture)
    startsSuite(runner, fixture)
    ownershipSuite(runner, fixture)
    messagesSuite(runner, fixture)
    birthsSuite(runner, fixture)
    chainsSuite(runner, fixture)
    turnMessagesSuite(runner, fixture)
    answersSuite(runner, fixture)
    pendingSuite(runner, fixture)
    outboxSuite(runner, fixture)
    loadingSuite(runner, fixture)
    visibilitySuite(runner, fixture)
    badDataSuite(runner, fixture)
  })
}
