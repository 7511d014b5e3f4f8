/**
 * The language from outside: documents and scenarios, a file for a part of the contract, each also with a crash around
 * every turn. What a sentence of the contract says of two things at once (a deadline in a `finally`, a `return` out of
 * a branch) is tried here; one verb alone is tried beside the interpreter.
 */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { runScenario } from '../../testing/index.ts'

const folder = join(import.meta.dirname, 'scenarios')
const files = readdirSync(folder).filter((name) => name.endsWith('.test.yaml'))

describe('the language, as scenarios', function () {
  this.timeout(60_000)

  it('has scenarios', () => assert.ok(files.length > 20))

  for (const file of files) {
    const name = file.replace(/\.test\.yaml$/, '')
    it(name, async () => {
      await runScenario(join(folder, file), { crashEverywhere: true })
    })
  }
})
