/**
 * Compares what a scenario expects with what it got. Expected values are literal; keys that are not named are not
 * compared, a named map must hold the named keys, and a list must match whole.
 * Owns that rule; `check-expectations.ts` applies it to the parts of `expect`.
 */
import type { Json } from '../engine/index.ts'
import type { DocumentPath } from './scenario.ts'
import { isList, isMap } from './scenario-reader.ts'

/** `got` undefined: nothing is there. `path` is below the expected value that was handed in. */
export interface Mismatch {
  readonly path: DocumentPath
  readonly expected: Json
  readonly got: Json | undefined
}

export function compareValues(
  expected: Json,
  got: Json | undefined,
  path: DocumentPath = [],
): readonly Mismatch[] {
  if (isMap(expected) && isMap(got))
    return Object.entries(expected).flatMap(([key, value]) =>
      compareValues(value, Object.hasOwn(got, key) ? got[key] : undefined, [...path, key]),
    )
  if (isList(expected) && isList(got) && expected.length === got.length)
    return expected.flatMap((value, index) => compareValues(value, got[index], [...path, index]))
  return isSame(expected, got) ? [] : [{ path, expected, got }]
}

function isSame(expected: Json, got: Json | undefined): boolean {
  if (isList(expected) || isMap(expected)) return false
  return Object.is(expected, got) || (expected === 0 && got === 0)
}

const anyNumber = new Set(['…', '...'])

/**
 * Event types in order, where `…` stands for any number of others. Gives null where they match, else the place in
 * `expected` up to which it could be followed.
 */
export function compareHistory(
  expected: readonly string[],
  got: readonly string[],
): { readonly matched: number } | null {
  // reachable: how many events may have been taken by the entries so far; `…` extends it to the end.
  let reachable = new Set([0])
  for (const [index, type] of expected.entries()) {
    const next = new Set<number>()
    if (anyNumber.has(type)) {
      for (let taken = Math.min(...reachable); taken <= got.length; taken++) next.add(taken)
    } else {
      for (const taken of reachable) if (got[taken] === type) next.add(taken + 1)
    }
    if (next.size === 0) return { matched: index }
    reachable = next
  }
  return reachable.has(got.length) ? null : { matched: expected.length }
}
