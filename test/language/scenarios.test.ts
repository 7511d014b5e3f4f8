/**
 * The language from outside: documents and scenarios, a file for a part of the contract; `scenarios.full.ts` runs each
 * with a crash around every turn. What a sentence of the contract says of two things at once (a deadline in a `finally`, a `return` out of
 * a branch) is tried here; one verb alone is tried beside the interpreter.
 */
import assert from 'node:assert/strict'
import { runScenario } from '../../testing/index.ts'
import { languageScenarios } from './scenario-files.ts'

describe('the language, as scenarios', function () {
  this.timeout(60_000)

  it('has scenarios', () => assert.ok(languageScenarios.length > 20))

  for (const { name, path } of languageScenarios) {
    it(name, async () => {
      await runScenario(path)
    })
  }
})
