/** The retry policy of whoever names none, key by key (docs/language/verbs/activity.md). Read by the checks before a run and by the interpreter. */
import type { RetryPolicy } from './plan.ts'

export const defaultRetry: RetryPolicy = {
  initialIntervalMs: 1_000,
  backoffCoefficient: 2,
  maximumIntervalMs: 60_000,
  maximumAttempts: 3,
  jitter: 0,
  nonRetryableErrorTypes: [],
}
