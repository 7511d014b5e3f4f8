/** Places a finding at a part of an expression. Used by the checks of what expressions name. */
import type { ExpressionNote } from '../compile/draft.ts'
import type { ProblemCode } from '../problems/catalogue.ts'
import type { Place } from './scope.ts'

export function reportUse(
  place: Place,
  note: ExpressionNote,
  use: { readonly at: number; readonly length: number },
  code: ProblemCode,
  message: string,
  suggestion?: string,
): void {
  const range = note.rangeOf(use.at, use.length)
  place.names.draft.reporter.report({ code, message, path: note.path, range, suggestion })
}
