/** Retry policies whose numbers contradict each other, with what they inherit. Owns this finding; called by `load.ts`. */

import type { Draft } from '../compile/draft.ts'
import { defaultRetry } from '../default-retry.ts'
import { parseDuration } from '../duration.ts'
import { at, type Cursor, itemsOf, textOf } from '../source/cursor.ts'

export function checkRetries(draft: Draft, root: Cursor): void {
  const defaults = at(at(at(root, 'defaults'), 'activity'), 'retry')
  checkRetry(draft, defaults, [], undefined)
  for (const step of draft.steps.values()) {
    const retry = at(draft.stepCursors.get(step.id), 'retry')
    // What an activity itself says of retries is not known here.
    if (step.verb === 'activity') checkRetry(draft, retry, [defaults], undefined)
    else checkRetry(draft, retry, [], defaultRetry.maximumIntervalMs)
  }
}

function checkRetry(
  draft: Draft,
  retry: Cursor | undefined,
  inherited: readonly (Cursor | undefined)[],
  last: number | undefined,
): void {
  checkPolicy(draft, retry, inherited, last)
  for (const entry of itemsOf(at(retry, 'on'))) checkPolicy(draft, entry, [retry, ...inherited], last)
}

/** Only where the policy itself names one of the two: what is inherited is told where it stands. */
function checkPolicy(
  draft: Draft,
  policy: Cursor | undefined,
  inherited: readonly (Cursor | undefined)[],
  last: number | undefined,
): void {
  const own = at(policy, 'initialInterval') ?? at(policy, 'maximumInterval')
  if (own === undefined) return
  const find = (key: string) =>
    [policy, ...inherited].map((each) => textOf(at(each, key))).find((text) => text !== undefined)
  const initial = find('initialInterval')
  const maximum = find('maximumInterval')
  const initialMs = parseDuration(initial ?? '')
  const maximumMs = maximum === undefined ? last : parseDuration(maximum)
  if (initialMs === null || maximumMs === null || maximumMs === undefined || initialMs <= maximumMs) return
  const shown = maximum ?? '1m, the default'
  draft.report(
    'retry-intervals',
    own,
    `initialInterval (${initial}) is longer than maximumInterval (${shown}), which then is what is waited`,
  )
}
