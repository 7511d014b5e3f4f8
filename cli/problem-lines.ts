/**
 * Problems of documents as lines for people: where, what, the excerpt with its caret, what to do. Owns the layout.
 * Called by `validate`, `run`, `deploy` and by whoever tells a failure that carries problems.
 */
import type { Problem } from '../schema/problem.ts'
import type { Palette } from './terminal/palette.ts'

export function problemLines(problems: readonly Problem[], colours: Palette): string {
  return problems.map((problem) => lines(problem, colours)).join('\n\n')
}

function lines(problem: Problem, colours: Palette): string {
  const paint = { error: colours.bad, warning: colours.notice, hint: colours.faint }[problem.severity]
  const place = `${problem.file === undefined ? '' : `${problem.file}:`}${problem.line}:${problem.column}`
  return [
    `${colours.strong(place)} ${paint(problem.severity)} ${problem.message} ${colours.faint(`(${problem.code})`)}`,
    ...(problem.excerpt === '' ? [] : problem.excerpt.split('\n').map((line) => `    ${line}`)),
    ...(problem.suggestion === undefined ? [] : [`  ${problem.suggestion}`]),
  ].join('\n')
}
