/**
 * One bad document per way to be wrong, and the good one beside it. `‸` in a bad document marks where the problem must
 * point; documents that begin with a key other than `dsl` get the three first keys put before them.
 */
export interface ProblemCase {
  readonly code: string
  readonly what: string
  readonly bad: string
  readonly good: string
  /** A part of the message or suggestion that an author needs. */
  readonly says?: RegExp
  readonly limits?: { readonly [name: string]: number }
}

/** Steps that say nothing. */
export const returning = 'steps: [ { return: 1 } ]\n'
