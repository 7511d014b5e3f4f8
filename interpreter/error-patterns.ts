/** `catch.errors`, `retry.on.errors`: exact types, or `*` for any characters. `Canceled` must be named. */
import type { ErrorPattern } from '../schema/plan.ts'

export function matchesType(patterns: readonly ErrorPattern[] | undefined, type: string): boolean {
  if (patterns === undefined) return type !== 'Canceled'
  return patterns.some((pattern) => matchesPattern(pattern, type))
}

function matchesPattern(pattern: ErrorPattern, type: string): boolean {
  if (!pattern.includes('*')) return pattern === type
  if (type === 'Canceled') return false
  const [first = '', ...rest] = pattern.split('*')
  if (!type.startsWith(first)) return false
  let at = first.length
  for (const [n, part] of rest.entries()) {
    if (n === rest.length - 1) return type.length - part.length >= at && type.endsWith(part)
    const found = type.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return true
}
