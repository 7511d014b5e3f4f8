/**
 * A problem in a document: what is wrong, where, and what to do. Plain data; who prints it calls `schema/problems/render.ts`.
 * Codes are stable and listed in `schema/problems/catalogue.ts`, which docs/errors.md is held equal to.
 */
export type Severity = 'error' | 'warning' | 'hint'

export interface Problem {
  /** Stable, such as `unknown-step`. */
  readonly code: string
  readonly severity: Severity
  readonly message: string
  /** JSON pointer into the document, such as `/steps/2/input/amount`. */
  readonly path: string
  /** As the caller named the source; absent for a body sent over HTTP. */
  readonly file?: string
  /** 1-based. */
  readonly line: number
  readonly column: number
  /** The source line and below it a line with carets under what is meant. */
  readonly excerpt: string
  /** What to do, in words that can be followed. */
  readonly suggestion?: string
}
