/** The scenarios of the shipped workflows pass and leave no step out. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runScenario, stepPercentage } from '../../testing/index.ts'

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'definitions')
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

describe('the shipped workflows', () => {
  it('are three', () => {
    assert.deepEqual(names.sort(), ['csv-import', 'invoice-reminders', 'order-fulfilment'])
  })

  for (const name of names)
    it(`${name}: its scenarios pass and reach every step`, async () => {
      const report = await runScenario(join(folder, name, `${name}.test.yaml`))
      assert.ok(report.results.length > 0)
      assert.equal(stepPercentage(report.coverage), 100)
    })
})
