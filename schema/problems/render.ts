/** Problems as text for people: `file:line:column severity code message`, the excerpt with its carets, what to do. */
import type { Problem, Severity } from './problem.ts'

export interface RenderOptions {
  /** ANSI colours; off unless asked for, the caller knows its terminal. */
  readonly colours?: boolean
}

const colourOf: { readonly [S in Severity]: string } = {
  error: '\u001b[31m',
  warning: '\u001b[33m',
  hint: '\u001b[36m',
}
const bold = '\u001b[1m'
const faint = '\u001b[2m'
const reset = '\u001b[0m'

/** All problems, an empty line between them; '' when there is none. */
export function renderProblems(problems: readonly Problem[], options: RenderOptions = {}): string {
  return problems.map((problem) => renderProblem(problem, options)).join('\n\n')
}

export function renderProblem(problem: Problem, options: RenderOptions = {}): string {
  const paint = (text: string, colour: string) =>
    options.colours === true ? `${colour}${text}${reset}` : text
  const where = `${problem.file === undefined ? '' : `${problem.file}:`}${problem.line}:${problem.column}`
  const colour = colourOf[problem.severity]
  const head = `${paint(where, bold)} ${paint(`${problem.severity} ${problem.code}`, colour)} ${problem.message}`
  const [source = '', carets = ''] = problem.excerpt.split('\n')
  const lines = [head, `  ${source}`, `  ${paint(carets, colour)}`]
  if (problem.suggestion !== undefined) lines.push(`  ${paint('→', faint)} ${problem.suggestion}`)
  return lines.join('\n')
}

/** `2 errors, 1 warning`; '' when there is none. */
export function countProblems(problems: readonly Problem[]): string {
  return (['error', 'warning', 'hint'] as const)
    .map((severity) => ({
      severity,
      count: problems.filter((problem) => problem.severity === severity).length,
    }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity}${count === 1 ? '' : 's'}`)
    .join(', ')
}
