/** `saga` of a group or of the document: how a stack of compensations is undone. */

import type { PlanSaga } from '../plan.ts'
import { at, type Cursor, jsonOf, textOf } from '../source/cursor.ts'

export const defaultSaga: PlanSaga = { order: 'sequential', onFailure: 'continue' }

/** Undefined: no stack of its own. */
export function compileSaga(cursor: Cursor | undefined): PlanSaga | undefined {
  if (cursor === undefined || jsonOf(cursor) === false) return undefined
  return {
    order: textOf(at(cursor, 'order')) === 'parallel' ? 'parallel' : defaultSaga.order,
    onFailure: textOf(at(cursor, 'onFailure')) === 'pause' ? 'pause' : defaultSaga.onFailure,
  }
}
