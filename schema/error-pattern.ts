/** What an entry of `errors` matches. Owns that rule, for the checks before a run and for the interpreter. Pure. */
import type { ErrorPattern } from './plan.ts'

/** A type, exactly, or with `*` for any characters; `Canceled` must be named. */
export function matchesPattern(pattern: ErrorPattern, type: string): boolean {
  if (!pattern.includes('*')) return pattern === type
  if (type === 'Canceled') return false
  const [first = '', ...rest] = pattern.split('*')
  if (!type.startsWith(first)) return false
  let at = first.length
  for (const [index, part] of rest.entries()) {
    if (index === rest.length - 1) return type.length - part.length >= at && type.endsWith(part)
    const found = type.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return true
}
