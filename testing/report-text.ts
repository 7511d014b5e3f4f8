/** Reports for people: a line per scenario, what differed, what no scenario reached. */
import { relative } from 'node:path'
import { formatDuration, type Problem } from '../engine/index.ts'
import { type DocumentCoverage, stepPercentage } from './coverage.ts'
import type { Failure, FilePlace, ScenarioResult } from './result.ts'
import type { FileFailure, ScenarioReport } from './run-scenario.ts'
import { sideBySide } from './side-by-side.ts'

export interface Paint {
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly faint: (text: string) => string
}

const asIs = (text: string) => text
export const plainPaint: Paint = { good: asIs, bad: asIs, faint: asIs }
const inColour = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`
export const colourPaint: Paint = { good: inColour(32), bad: inColour(31), faint: inColour(2) }

export function formatReport(report: ScenarioReport, paint: Paint = plainPaint): string {
  const lines: string[] = []
  let file = ''
  for (const result of report.results) {
    if (result.file !== file) lines.push(...(file === '' ? [] : ['']), pathOf(result.file))
    file = result.file
    lines.push(formatResult(result, paint))
  }
  for (const failure of report.failures) lines.push('', formatFileFailure(failure, paint))
  lines.push('', ...report.coverage.flatMap((document) => formatCoverage(document, paint)))
  lines.push('', formatSummary(report, paint))
  return lines.join('\n').replace(/^\n+/, '')
}

/** One scenario: its line, and what differed below it. */
export function formatResult(result: ScenarioResult, paint: Paint = plainPaint): string {
  const virtual = result.virtualMs === null ? 'still open' : `${formatDuration(result.virtualMs)} virtual`
  const crashes = result.crashes === 0 ? '' : `, ${result.crashes} crashes`
  const took = paint.faint(`(${virtual}${crashes}, ${result.tookMs} ms)`)
  const head = `  ${result.passed ? paint.good('✓') : paint.bad('✗')} ${result.name} ${took}`
  return [head, ...result.failures.flatMap((failure) => formatFailure(failure, paint))].join('\n')
}

export function formatFileFailure(failure: FileFailure, paint: Paint = plainPaint): string {
  return [
    `${pathOf(failure.file)}\n  ${paint.bad('✗')} ${failure.message}`,
    ...failure.problems.filter((problem) => problem.severity === 'error').map(formatProblem),
  ].join('\n')
}

function formatFailure(failure: Failure, paint: Paint): readonly string[] {
  const { place, documentPlace } = failure
  const lines = [
    ...failure.message.split('\n').map((line, index) => (index === 0 ? paint.bad(line) : `  ${line}`)),
    paint.faint(`at ${placeText(place)}`) +
      (documentPlace === null
        ? ''
        : paint.faint(`, step "${documentPlace.step}" at ${placeText(documentPlace)}`)),
    ...(failure.expected === undefined
      ? []
      : sideBySide(failure.expected, failure.gotNothing === true ? undefined : failure.got).map(
          (line) => `  ${line}`,
        )),
  ]
  return lines.map((line) => `      ${line}`)
}

function formatProblem(problem: Problem): string {
  const excerpt = problem.excerpt.split('\n').map((line) => `      ${line}`)
  return [
    `    ${pathOf(problem.file ?? '')}:${problem.line}:${problem.column} ${problem.message}`,
    ...excerpt,
    ...(problem.suggestion === undefined ? [] : [`      ${problem.suggestion}`]),
  ].join('\n')
}

function formatCoverage(document: DocumentCoverage, paint: Paint): readonly string[] {
  const counts = `${document.stepsReached} of ${document.steps} steps, ${document.branchesReached} of ${document.branches} branches reached`
  return [
    `${document.name}@${document.version}: ${counts}`,
    ...document.unreached.map(({ what, place }) =>
      paint.faint(`  not reached: ${what} at ${placeText(place)}`),
    ),
  ]
}

function formatSummary(report: ScenarioReport, paint: Paint): string {
  const failed = report.results.filter((result) => !result.passed).length
  const passed = report.results.length - failed
  const parts = [
    ...(failed > 0 ? [paint.bad(`${failed} failed`)] : []),
    ...(report.failures.length > 0 ? [paint.bad(`${report.failures.length} files with errors`)] : []),
    paint.good(`${passed} passed`),
    ...(report.coverage.length === 0 ? [] : [`${stepPercentage(report.coverage)}% of steps reached`]),
  ]
  return report.results.length === 0 && report.failures.length === 0
    ? paint.bad('no scenario ran')
    : parts.join(', ')
}

function placeText(place: FilePlace): string {
  return `${pathOf(place.file)}:${place.line}:${place.column}`
}

/** Relative to the working directory where it lies below it. */
function pathOf(file: string): string {
  const short = relative(process.cwd(), file)
  return short === '' || short.startsWith('..') ? file : short
}
