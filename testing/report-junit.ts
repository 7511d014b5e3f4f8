/** Reports for CI: JUnit's XML, a suite per scenario file. */

import { formatFileFailure, formatResult } from './report-text.ts'
import type { ScenarioResult } from './result.ts'
import type { ScenarioReport } from './run-scenario.ts'

export function junitReport(report: ScenarioReport): string {
  const files = new Map<string, ScenarioResult[]>()
  for (const result of report.results) files.set(result.file, [...(files.get(result.file) ?? []), result])
  const suites = [...files].map(([file, results]) => {
    const failed = results.filter((result) => !result.passed).length
    const tookMs = results.reduce((sum, result) => sum + result.tookMs, 0)
    return [
      `  <testsuite name="${xml(file)}" tests="${results.length}" failures="${failed}" errors="0" time="${seconds(tookMs)}">`,
      ...results.map((result) => testCase(file, result)),
      '  </testsuite>',
    ].join('\n')
  })
  const broken = report.failures.map((failure) =>
    [
      `  <testsuite name="${xml(failure.file)}" tests="1" failures="0" errors="1" time="0">`,
      `    <testcase classname="${xml(failure.file)}" name="(the file)" time="0">`,
      `      <error message="${xml(failure.message)}">${xml(formatFileFailure(failure))}</error>`,
      '    </testcase>',
      '  </testsuite>',
    ].join('\n'),
  )
  const tests = report.results.length + report.failures.length
  const failed = report.results.filter((result) => !result.passed).length
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="perdure" tests="${tests}" failures="${failed}" errors="${report.failures.length}">`,
    ...suites,
    ...broken,
    '</testsuites>',
    '',
  ].join('\n')
}

function testCase(file: string, result: ScenarioResult): string {
  const head = `    <testcase classname="${xml(file)}" name="${xml(result.name)}" time="${seconds(result.tookMs)}"`
  const [first] = result.failures
  if (first === undefined) return `${head}/>`
  return `${head}>\n      <failure message="${xml(first.message)}">${xml(formatResult(result))}</failure>\n    </testcase>`
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}

/** Control characters have no place in XML 1.0, not even escaped. */
function xml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '?')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  )
}
