/**
 * Folds the settings of an activity (four timeouts and `retry`), as they are written in a step, in `defaults` or in
 * `defineActivity`, to milliseconds. Owns the keys and their rules; the order in which they override each other is the engine's.
 */
import { parseDuration } from './duration.ts'
import type { ActivitySettings, RetrySettings } from './plan.ts'

type Folded<T> = { readonly value: T } | { readonly error: string; readonly key: readonly string[] }

/** The written name of each timeout, and its name in a plan. */
export const timeoutKeys = {
  startToCloseTimeout: 'startToCloseTimeoutMs',
  scheduleToStartTimeout: 'scheduleToStartTimeoutMs',
  scheduleToCloseTimeout: 'scheduleToCloseTimeoutMs',
  heartbeatTimeout: 'heartbeatTimeoutMs',
} as const satisfies { readonly [written: string]: keyof ActivitySettings }

const retryNumbers = {
  backoffCoefficient: { least: 1, most: 1_000, whole: false },
  maximumAttempts: { least: 0, most: 1_000_000_000, whole: true },
  jitter: { least: 0, most: 1, whole: false },
} as const

/** Settings as a `defineActivity` or a document's `defaults` writes them. Unknown keys, wrong values: an error in words. */
export function parseActivitySettings(raw: unknown): { settings: ActivitySettings } | { error: string } {
  if (!isRecord(raw)) return { error: 'must be a map of settings' }
  const settings: { -readonly [K in keyof ActivitySettings]: ActivitySettings[K] } = {}
  for (const [key, value] of Object.entries(raw)) {
    if (value === undefined) continue
    if (isTimeoutKey(key)) {
      const folded = foldDuration(value)
      if ('error' in folded) return { error: `${key}: ${folded.error}` }
      settings[timeoutKeys[key]] = folded.value
    } else if (key === 'retry') {
      const folded = foldRetry(value)
      if ('error' in folded) return { error: `${['retry', ...folded.key].join('.')}: ${folded.error}` }
      settings.retry = folded.value
    } else {
      return { error: `${key}: unknown; known are ${Object.keys(timeoutKeys).join(', ')}, retry` }
    }
  }
  return { settings }
}

export function isTimeoutKey(key: string): key is keyof typeof timeoutKeys {
  return Object.hasOwn(timeoutKeys, key)
}

/** A written `retry`; `key` in an error is the way to what is wrong, below `retry`. */
export function foldRetry(raw: unknown): Folded<RetrySettings | false> {
  if (raw === false) return { value: false }
  if (!isRecord(raw)) return wrong([], 'must be false, or a map such as { maximumAttempts: 5 }')
  const { on, ...policy } = raw
  const folded = foldPolicy(policy, [])
  if ('error' in folded || on === undefined) return folded
  if (!Array.isArray(on)) return wrong(['on'], 'must be a list of { errors, … }')
  const entries: NonNullable<RetrySettings['on']>[number][] = []
  for (const [index, entry] of on.entries()) {
    if (!isRecord(entry) || !isTexts(entry['errors']))
      return wrong(['on', `${index}`], 'needs errors: [types]')
    const { errors, ...own } = entry
    const ownFolded = foldPolicy(own, ['on', `${index}`])
    if ('error' in ownFolded) return ownFolded
    entries.push({ ...ownFolded.value, errors })
  }
  return { value: { ...folded.value, on: entries } }
}

function foldPolicy(raw: { readonly [key: string]: unknown }, at: readonly string[]): Folded<RetrySettings> {
  const policy: { -readonly [K in keyof RetrySettings]: RetrySettings[K] } = {}
  for (const [key, value] of Object.entries(raw)) {
    if (value === undefined) continue
    switch (key) {
      case 'initialInterval':
      case 'maximumInterval': {
        const folded = foldDuration(value)
        if ('error' in folded) return wrong([...at, key], folded.error)
        policy[`${key}Ms`] = folded.value
        break
      }
      case 'backoffCoefficient':
      case 'maximumAttempts':
      case 'jitter': {
        const { least, most, whole } = retryNumbers[key]
        const fits =
          typeof value === 'number' && value >= least && value <= most && (!whole || Number.isInteger(value))
        if (!fits)
          return wrong([...at, key], `must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}`)
        policy[key] = value
        break
      }
      case 'nonRetryableErrorTypes':
        if (!isTexts(value)) return wrong([...at, key], 'must be a list of error types')
        policy[key] = value
        break
      default:
        return wrong([...at, key], 'unknown key of retry')
    }
  }
  return { value: policy }
}

function foldDuration(value: unknown): { readonly value: number } | { readonly error: string } {
  if (typeof value === 'number')
    return { error: `a bare number is no duration; write ${value}s or ${value}ms` }
  const ms = typeof value === 'string' ? parseDuration(value) : null
  return ms === null ? { error: 'must be a duration such as 30s, 1h30m or PT5M' } : { value: ms }
}

function wrong(key: readonly string[], error: string): { error: string; key: readonly string[] } {
  return { error, key }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
