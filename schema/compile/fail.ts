/** What `fail` raises, of a step or of a final state, to the plan. */

import type { FailStep } from '../plan.ts'
import { at, type Cursor, textOf } from '../source/cursor.ts'
import type { Draft } from './draft.ts'

export function compileFailure(draft: Draft, failure: Cursor | undefined): FailStep['failure'] {
  if (textOf(failure) === 'rethrow') return { kind: 'rethrow' }
  const part = (key: 'message' | 'details' | 'retryable') => {
    const template = draft.optionalTemplate(at(failure, key))
    return template === undefined ? {} : { [key]: template }
  }
  const type = draft.optionalTemplate(at(failure, 'type')) ?? { kind: 'constant', value: 'Error' }
  return { kind: 'raise', type, ...part('message'), ...part('details'), ...part('retryable') }
}
