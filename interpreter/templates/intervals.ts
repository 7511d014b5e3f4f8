/** Intervals of `retry` that are templates: rendered when the step begins, so that each of its attempts has the same. */
import type { RetrySettings, RetryTemplate } from '../../schema/plan.ts'
import type { Scope } from '../expressions/contract.ts'
import type { Turn } from '../fibers/turn.ts'
import { resolveDuration } from './durations.ts'

interface Retried {
  readonly retry?: RetrySettings | false | undefined
  readonly retryTemplates?: readonly RetryTemplate[] | undefined
}

/** Nothing, where the plan says it all. */
export async function renderRetry(
  turn: Turn,
  scope: Scope,
  { retry, retryTemplates }: Retried,
): Promise<{ readonly retry?: RetrySettings }> {
  if (retryTemplates === undefined || retry === undefined || retry === false) return {}
  const own: { -readonly [K in RetryTemplate['key']]?: number } = {}
  const on = [...(retry.on ?? [])]
  for (const { key, entry, duration } of retryTemplates) {
    const ms = await resolveDuration(turn, scope, duration)
    const policy = entry === undefined ? undefined : on[entry]
    if (entry === undefined) own[key] = ms
    else if (policy !== undefined) on[entry] = { ...policy, [key]: ms }
  }
  return { retry: { ...retry, ...own, ...(retry.on !== undefined && { on }) } }
}
