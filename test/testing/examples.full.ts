/** The shared examples in memory, on PGlite and on a PostgreSQL server, each scenario also with a crash around every turn. */
import { runScenarioFiles } from '../../testing/index.ts'
import { startTestPostgres } from '../postgres.ts'
import { exampleFiles, hasExamples } from './example-files.ts'
import { assertPassed } from './kit.ts'

describe('the shared examples on every store', function () {
  this.timeout(300_000)
  before(function () {
    if (!hasExamples) this.skip()
  })

  it('all pass in memory, with a crash around every turn', async () =>
    assertPassed(await runScenarioFiles(exampleFiles, { crashEverywhere: true })))

  it('all pass on PGlite, with a crash around every turn', async () =>
    assertPassed(await runScenarioFiles(exampleFiles, { store: 'pglite', crashEverywhere: true })))

  it('all pass on PostgreSQL, with a crash around every turn', async () => {
    const { url } = await startTestPostgres()
    assertPassed(await runScenarioFiles(exampleFiles, { store: url, crashEverywhere: true }))
  })
})
