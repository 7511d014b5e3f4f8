/**
 * Scenarios inside a test runner: `runScenario()` for mocha, vitest and jest. A scenario that fails rejects with the
 * report as its message.
 */
import { readFile } from 'node:fs/promises'
import { formatReport } from './report-text.ts'
import { runScenarioFiles, type ScenarioOptions, type ScenarioReport } from './run-scenario.ts'
import { parseScenarioFile } from './scenario-file.ts'

export class ScenarioFailed extends Error {
  readonly report: ScenarioReport
  constructor(report: ScenarioReport) {
    super(`\n${formatReport(report)}`)
    this.name = 'ScenarioFailed'
    this.report = report
  }
}

/**
 * Runs the scenarios of a file, or those that `options.names` names.
 *
 * ```ts
 * it('ships what was approved', () => runScenario('./order.test.yaml', { names: ['approved after an hour'] }))
 * ```
 *
 * Rejects with `ScenarioFailed` when one fails, or when none of these names is there.
 */
export async function runScenario(file: string, options: ScenarioOptions = {}): Promise<ScenarioReport> {
  const report = await runScenarioFiles([file], options)
  if (!report.passed) throw new ScenarioFailed(report)
  return report
}

/** The names of a file's scenarios, to make a test of each. Throws where the file has errors. */
export async function scenarioNames(file: string): Promise<readonly string[]> {
  const parsed = parseScenarioFile(await readFile(file, 'utf8'), file)
  if (parsed.kind === 'valid') return parsed.scenarios.scenarios.map((scenario) => scenario.name)
  const [first] = parsed.problems
  throw new Error(`${file}:${first?.line ?? 1}:${first?.column ?? 1} ${first?.message ?? 'has errors'}`)
}
