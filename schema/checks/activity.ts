/**
 * Activities that steps name, against those that the caller knows: that they are registered, and take the input as far as
 * it is constant. Called by `load.ts` where the caller knows activities.
 */

import type { Draft } from '../compile/draft.ts'
import type { KnownActivities } from '../known-activities.ts'
import type { ActivityStep } from '../plan.ts'
import { didYouMean } from '../problems/did-you-mean.ts'
import { at } from '../source/cursor.ts'
import type { KnownTypes } from './known-types.ts'
import { checkTemplateSchema } from './template-schema.ts'

export type { KnownActivities } from '../known-activities.ts'

export function checkActivities(draft: Draft, activities: KnownActivities, types: KnownTypes): void {
  for (const step of draft.steps.values()) {
    if (step.verb === 'activity') checkActivity(draft, step, activities, types)
  }
}

function checkActivity(
  draft: Draft,
  step: ActivityStep,
  activities: KnownActivities,
  types: KnownTypes,
): void {
  const stepCursor = draft.stepCursors.get(step.id)
  const cursor = at(stepCursor, 'activity')
  const known = activities.get(step.activity)
  if (known !== undefined) {
    checkTemplateSchema(draft, step.input, at(stepCursor, 'input') ?? cursor, {
      code: 'activity-input-invalid',
      what: `the input of "${step.activity}"`,
      schema: known.input,
      types,
    })
  } else if (cursor !== undefined) {
    const meant = didYouMean(step.activity, activities.keys())
    const suggestion = meant === undefined ? undefined : `did you mean \`${meant}\`?`
    const message = `no activity "${step.activity}" is registered here`
    draft.report('activity-not-registered', cursor, message, suggestion)
  }
}
