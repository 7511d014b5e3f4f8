/** An `activity` step to the plan. Owns the settings per step, and those of `defaults`. */

import type { ActivitySettings, ActivityStep, PlanDuration } from '../plan.ts'
import { isTimeoutKey, timeoutKeys } from '../settings.ts'
import { at, type Cursor, entriesOf, textOf } from '../source/cursor.ts'
import type { CompileBlock, StepBase } from './block.ts'
import { cancellationOf, compileCompensation } from './compensation.ts'
import type { Draft } from './draft.ts'
import { type CompiledRetry, compileRetry, defaultsAreLiteral } from './retry.ts'

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
  const { settings, templates, retryTemplates } = compileSettings(draft, cursor, true)
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
    ...(retryTemplates === undefined ? {} : { retryTemplates }),
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
  readonly retryTemplates: CompiledRetry['retryTemplates']
} {
  const settings: { -readonly [K in keyof ActivitySettings]: ActivitySettings[K] } = {}
  const templates: { [K in (typeof templateKeys)[keyof typeof templateKeys]]?: PlanDuration } = {}
  for (const [key, value] of entriesOf(cursor)) {
    if (!isTimeoutKey(key)) continue
    const duration = draft.duration(value)
    if (duration === undefined) continue
    if ('ms' in duration) settings[timeoutKeys[key]] = duration.ms
    else if (templatesAllowed) templates[templateKeys[key]] = duration
    else draft.report('template-not-allowed', value, defaultsAreLiteral)
  }
  const { retry, retryTemplates } = compileRetry(draft, at(cursor, 'retry'), templatesAllowed)
  if (retry !== undefined) settings.retry = retry
  return { settings, templates, retryTemplates }
}
