/**
 * `retry`, wherever one is written, to the plan: constants are folded, intervals that are templates are kept apart, to be
 * rendered when the step begins. Owns what is said of a wrong one that its shape lets through.
 */

import type { Json } from '../json.ts'
import type { RetrySettings, RetryTemplate } from '../plan.ts'
import { foldRetry } from '../settings.ts'
import { at, type Cursor, itemsOf, jsonOf, textOf } from '../source/cursor.ts'
import type { Draft } from './draft.ts'

export const defaultsAreLiteral = 'defaults are literal: they have no run to read'

export interface CompiledRetry {
  readonly retry?: RetrySettings | false
  readonly retryTemplates?: readonly RetryTemplate[]
}

const intervals = { initialInterval: 'initialIntervalMs', maximumInterval: 'maximumIntervalMs' } as const

/** Empty where there is none, or a wrong one, which is reported. */
export function compileRetry(
  draft: Draft,
  retry: Cursor | undefined,
  templatesAllowed = true,
): CompiledRetry {
  if (retry === undefined) return {}
  const retryTemplates = templatesOf(draft, retry, templatesAllowed)
  const folded = foldRetry(constantsOf(jsonOf(retry)))
  if ('value' in folded)
    return { retry: folded.value, ...(retryTemplates.length === 0 ? {} : { retryTemplates }) }
  reportRetry(draft, retry, folded)
  return {}
}

function templatesOf(draft: Draft, retry: Cursor, allowed: boolean): readonly RetryTemplate[] {
  return [retry, ...itemsOf(at(retry, 'on'))].flatMap((policy, index) =>
    (['initialInterval', 'maximumInterval'] as const).flatMap((name) => {
      const written = at(policy, name)
      if (written === undefined || !isTemplate(textOf(written))) return []
      if (!allowed) {
        draft.report('template-not-allowed', written, defaultsAreLiteral)
        return []
      }
      const duration = draft.duration(written)
      if (duration === undefined) return []
      return { key: intervals[name], ...(index > 0 && { entry: index - 1 }), duration }
    }),
  )
}

/** Without what `templatesOf` tells of. */
function constantsOf(retry: Json | undefined): Json | undefined {
  if (typeof retry !== 'object' || retry === null || Array.isArray(retry)) return retry
  return Object.fromEntries(
    Object.entries(retry).flatMap(([key, value]) => {
      if (Object.hasOwn(intervals, key) && isTemplate(value)) return []
      return [
        [
          key,
          key === 'on' && Array.isArray(value) ? value.map((each: Json) => constantsOf(each) ?? null) : value,
        ],
      ]
    }),
  )
}

function isTemplate(value: unknown): boolean {
  return typeof value === 'string' && value.includes('${')
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
  if (isInterval && (typeof value === 'number' || typeof value === 'string')) {
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
