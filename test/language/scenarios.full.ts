/** The language from outside, with a crash around every turn: each scenario must end as it does without. */
import { runScenario } from '../../testing/index.ts'
import { languageScenarios } from './scenario-files.ts'

describe('the language, as scenarios, with a crash around every turn', () => {
  for (const { name, path } of languageScenarios) {
    it(name, async () => {
      await runScenario(path, { crashEverywhere: true })
    })
  }
})
