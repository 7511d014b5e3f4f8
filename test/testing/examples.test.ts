/** The shared examples in memory and on PGlite; `examples.full.ts` runs them with a crash around every turn, on every store. */
import { runScenarioFiles } from '../../testing/index.ts'
import { exampleFiles, hasExamples } from './example-files.ts'
import { assertPassed } from './kit.ts'

describe('the shared examples', function () {
  this.timeout(180_000)
  before(function () {
    if (!hasExamples) this.skip()
  })

  for (const file of exampleFiles) {
    const name = file.split('/').at(-2)
    it(`${name} passes in memory`, async () => assertPassed(await runScenarioFiles([file])))
  }

  it('all pass on PGlite', async () =>
    assertPassed(await runScenarioFiles(exampleFiles, { store: 'pglite' })))
})
