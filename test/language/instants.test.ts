/** What comes first at one instant: a result before the deadline that it meets, also when the run is loaded at that instant. */
import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatReport, runScenarioFiles } from '../../testing/index.ts'

const file = join(dirname(fileURLToPath(import.meta.url)), 'instants', 'instants.test.yaml')

describe('at one instant', () => {
  it('a result is in time, with a crash after any event too', async () => {
    const report = await runScenarioFiles([file], { crashEverywhere: true })
    assert.equal(report.passed, true, formatReport(report))
    assert.equal(report.results.length, 2)
  })
})
