/** Reports for tools: one JSON value. Stable keys; times in milliseconds. */

import type { Json } from '../engine/index.ts'
import { stepPercentage } from './coverage.ts'
import type { ScenarioReport } from './run-scenario.ts'

export function jsonReport(report: ScenarioReport): Json {
  const value: Json = JSON.parse(
    JSON.stringify({
      passed: report.passed,
      counts: {
        passed: report.results.filter((result) => result.passed).length,
        failed: report.results.filter((result) => !result.passed).length,
        filesWithErrors: report.failures.length,
      },
      stepPercentage: stepPercentage(report.coverage),
      scenarios: report.results,
      files: report.failures,
      coverage: report.coverage,
    }),
  )
  return value
}
