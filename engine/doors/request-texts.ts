/** Checks of what callers name: ids, durations. Refused before anything is stored. */
import { textProblem } from '../../interpreter/values/values.ts'
import { parseDuration } from '../../schema/duration.ts'
import { EngineError } from '../engine-error.ts'

/** Characters of a workflow id, a request id, a reason. */
export const longestIdCharacters = 500
export const longestReasonCharacters = 4_000

export function checkId(what: string, id: string, longest = longestIdCharacters): string {
  if (typeof id !== 'string') throw invalid(what, 'is not a text')
  if (id === '') throw invalid(what, 'is empty')
  return checkText(what, id, longest)
}

export function checkText(what: string, text: string, longest = longestReasonCharacters): string {
  if (text.length > longest) throw invalid(what, `has ${text.length} characters, more than ${longest}`)
  const problem = textProblem(text)
  if (problem !== null) throw invalid(what, `holds ${problem}`)
  return text
}

export function checkDuration(what: string, text: string): number {
  const ms = parseDuration(text)
  if (ms !== null) return ms
  throw new EngineError('RequestInvalid', `${what} '${text}' is not a duration`, {
    suggestion: "write it as '30s', '1h30m', '7d' or 'PT5M'",
  })
}

function invalid(what: string, problem: string): EngineError {
  return new EngineError('RequestInvalid', `${what} ${problem}`)
}
