/** Whether and when a failed attempt is tried again: pure arithmetic over a policy. */
import { defaultRetry } from '../../schema/default-retry.ts'
import type { RetryPolicy, RetrySettings } from '../../schema/plan.ts'
import { matchesType } from '../errors/error-patterns.ts'
import type { WorkflowError } from '../errors/fault.ts'

export interface RetryInput {
  readonly settings: RetrySettings | false
  readonly error: WorkflowError
  /** Failures so far, for each entry of `on` and last for the rest; the one at hand is counted here. */
  readonly failures: number[]
  /** A delay named by the error wins over the policy's. */
  readonly retryAfterMs: number | undefined
  /** In [0, 1); asked for only where the policy has jitter. */
  random(): number
}

/** The pause before the next attempt in whole milliseconds, or null: this was the last one. */
export function nextRetryDelayMs(input: RetryInput): number | null {
  const { settings, error, failures } = input
  if (settings === false) return null
  const entries = settings.on ?? []
  const matched = entries.findIndex((entry) => matchesType(entry.errors, error.type))
  const index = matched < 0 ? entries.length : matched
  while (failures.length <= entries.length) failures.push(0)
  const count = (failures[index] ?? 0) + 1
  failures[index] = count
  const policy: RetryPolicy = { ...defaultRetry, ...settings, ...entries[matched] }
  if (!error.retryable || policy.nonRetryableErrorTypes.includes(error.type)) return null
  if (policy.maximumAttempts > 0 && count >= policy.maximumAttempts) return null
  if (input.retryAfterMs !== undefined) return Math.round(input.retryAfterMs)
  // Bounded, as the power of a long row of attempts is not: no interval, taken so often, is still none.
  const factor = Math.min(policy.backoffCoefficient ** (count - 1), Number.MAX_VALUE)
  const delay = Math.min(policy.initialIntervalMs * factor, policy.maximumIntervalMs)
  const spread = policy.jitter === 0 ? 0 : delay * policy.jitter * (2 * input.random() - 1)
  return Math.max(0, Math.round(delay + spread))
}
