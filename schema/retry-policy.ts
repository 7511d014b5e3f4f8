/** What a plan keeps of `retry`. Owns the shapes; who decides by them is `interpreter/pending/retry.ts`. */

/** Error types in `catch.errors` and `retry.on`: exact, or with `*` for any characters. */
export type ErrorPattern = string

export interface RetryPolicy {
  readonly initialIntervalMs: number
  readonly backoffCoefficient: number
  readonly maximumIntervalMs: number
  /** 0: without limit. */
  readonly maximumAttempts: number
  /** 0 to 1: the share of a delay by which it is spread either way. */
  readonly jitter: number
  readonly nonRetryableErrorTypes: readonly string[]
}

export type RetrySettings = Partial<RetryPolicy> & {
  readonly on?: readonly (Partial<RetryPolicy> & { readonly errors: readonly ErrorPattern[] })[]
}
