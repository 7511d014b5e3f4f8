/** `catch.errors`, `retry.on.errors`: the list of patterns as a whole; what one of them matches is `schema/`'s. */
import { matchesPattern } from '../../schema/error-pattern.ts'
import type { ErrorPattern } from '../../schema/plan.ts'

/** Without a list everything matches but `Canceled`, which must be named. */
export function matchesType(patterns: readonly ErrorPattern[] | undefined, type: string): boolean {
  if (patterns === undefined) return type !== 'Canceled'
  return patterns.some((pattern) => matchesPattern(pattern, type))
}
