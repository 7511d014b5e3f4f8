/**
 * The settings of an activity step: the step, then the document's `defaults.activity`, then the activity's own (as
 * recorded at the start), then the engine's; key by key, inside `retry` too.
 */
import type { ActivitySettings, RetrySettings } from '../../schema/plan.ts'

export const engineActivityDefaults = { startToCloseTimeoutMs: 60_000 } as const satisfies ActivitySettings

/** Where the first event of a run keeps an activity's own settings: two ranges of one name may be two versions. */
export function ownSettingsKey(activity: string, versionRange: string | undefined): string {
  return versionRange === undefined ? activity : `${activity}@${versionRange}`
}

/** The first that names a key decides it. */
export function mergeSettings(layers: readonly (ActivitySettings | undefined)[]): ActivitySettings {
  const merged: { -readonly [K in keyof ActivitySettings]: ActivitySettings[K] } = {}
  let retry: RetrySettings | false | undefined
  for (const layer of layers) {
    if (layer === undefined) continue
    for (const key of timeoutKeys) {
      const value = layer[key]
      if (merged[key] === undefined && value !== undefined) merged[key] = value
    }
    retry = mergeRetry(retry, layer.retry)
  }
  if (retry !== undefined) merged.retry = retry
  return merged
}

const timeoutKeys = [
  'startToCloseTimeoutMs',
  'scheduleToStartTimeoutMs',
  'scheduleToCloseTimeoutMs',
  'heartbeatTimeoutMs',
] as const

function mergeRetry(
  nearer: RetrySettings | false | undefined,
  farther: RetrySettings | false | undefined,
): RetrySettings | false | undefined {
  if (nearer === undefined) return farther
  if (nearer === false || farther === undefined || farther === false) return nearer
  return { ...farther, ...nearer }
}
