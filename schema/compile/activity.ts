/** An `activity` step to the plan. Owns the settings per step, and `retry` wherever one is written. */

import type { ActivitySettings, ActivityStep, PlanDuration, RetrySettings } from '../plan.ts'
import { foldRetry, isTimeoutKey, timeoutKeys } from '../settings.ts'
import { at, type Cursor, entriesOf, jsonOf, textOf } from '../source/cursor.ts'
import type { CompileBlock, StepBase } from './block.ts'
import { cancellationOf, compileCompensation } from './compensation.ts'
import type { Draft } from './draft.ts'

const templateKeys = {
  startToCloseTimeout: 'startToClose',
  scheduleToStartTimeout: 'scheduleToStart',
  scheduleToCloseTimeout: 'scheduleToClose',
  heartbeatTimeout: 'heartbeat',
} as const

export function compileActivity(
  draft: Draft,
  base: StepBase,
  cursor: Cursor,
  compileBlock: CompileBlock,
): ActivityStep {
  const { activity, versionRange } = splitActivityName(textOf(at(cursor, 'activity')) ?? '')
  const optional = (key: 'input' | 'taskQueue' | 'priority' | 'summary') => {
    const template = draft.optionalTemplate(at(cursor, key))
    return template === undefined ? {} : { [key]: template }
  }
  const { settings, templates } = compileSettings(draft, cursor, true)
  const compensation = compileCompensation(draft, base.id, cursor, compileBlock)
  return {
    ...base,
    verb: 'activity',
    activity,
    ...(versionRange === undefined ? {} : { versionRange }),
    ...optional('input'),
    ...optional('taskQueue'),
    settings,
    ...(Object.keys(templates).length === 0 ? {} : { timeoutTemplates: templates }),
    cancellation: cancellationOf(cursor, compensation !== undefined),
    ...(compensation === undefined ? {} : { compensation }),
    ...optional('priority'),
    ...optional('summary'),
  }
}

/** `payments.charge@^2` names a range of the activity's versions. */
export function splitActivityName(written: string): {
  readonly activity: string
  readonly versionRange?: string
} {
  const cut = written.indexOf('@')
  if (cut <= 0) return { activity: written }
  return { activity: written.slice(0, cut), versionRange: written.slice(cut + 1) }
}

/** Timeouts and retry below `cursor`. Templates are kept apart where they are allowed, else refused. */
export function compileSettings(
  draft: Draft,
  cursor: Cursor | undefined,
  templatesAllowed: boolean,
): {
  readonly settings: ActivitySettings
  readonly templates: NonNullable<ActivityStep['timeoutTemplates']>
} {
  const settings: { -readonly [K in keyof ActivitySettings]: ActivitySettings[K] } = {}
  const templates: { [K in (typeof templateKeys)[keyof typeof templateKeys]]?: PlanDuration } = {}
  for (const [key, value] of entriesOf(cursor)) {
    if (!isTimeoutKey(key)) continue
    const duration = draft.duration(value)
    if (duration === undefined) continue
    if ('ms' in duration) settings[timeoutKeys[key]] = duration.ms
    else if (templatesAllowed) templates[templateKeys[key]] = duration
    else draft.report('template-not-allowed', value, 'defaults are literal: they have no run to read')
  }
  const retry = compileRetry(draft, at(cursor, 'retry'))
  if (retry !== undefined) settings.retry = retry
  return { settings, templates }
}

/** Undefined where there is none, or a wrong one, which is reported. */
export function compileRetry(draft: Draft, retry: Cursor | undefined): RetrySettings | false | undefined {
  if (retry === undefined) return undefined
  const folded = foldRetry(jsonOf(retry))
  if ('value' in folded) return folded.value
  reportRetry(draft, retry, folded)
  return undefined
}

function reportRetry(
  draft: Draft,
  retry: Cursor,
  folded: { readonly error: string; readonly key: readonly string[] },
): void {
  let place = retry
  for (const key of folded.key) place = at(place, key) ?? itemAt(place, key) ?? place
  const value = jsonOf(place)
  const isInterval = /Interval$/.test(folded.key.at(-1) ?? '')
  if (isInterval && typeof value === 'string' && value.includes('${')) {
    draft.report('template-not-allowed', place, 'intervals of retry are literal durations')
  } else if (isInterval && (typeof value === 'number' || typeof value === 'string')) {
    draft.constantDuration(place, value)
  } else if (!draft.reporter.hasErrors) {
    // The shape tells most of it; what it lets through must not be dropped in silence.
    draft.report('wrong-value', place, `${folded.key.at(-1) ?? 'retry'} ${folded.error}`)
  }
}

function itemAt(cursor: Cursor, key: string): Cursor | undefined {
  const node = cursor.node.kind === 'list' ? cursor.node.items[Number(key)] : undefined
  return node && { node, path: [...cursor.path, Number(key)] }
}
