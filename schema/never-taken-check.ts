/**
 * Entries that no run can take: cases behind `else`, handlers behind one that takes everything. Owns these findings; steps
 * behind a `return` are `flow-check.ts`'s. Called by `load.ts`.
 */
import { at, type Cursor, itemsOf, pointer, textOf } from './cursor.ts'
import type { Draft } from './draft.ts'

export function checkNeverTaken(draft: Draft): void {
  for (const step of draft.stepCursors.values()) {
    checkCases(draft, at(step, 'switch'))
    checkHandlers(draft, at(step, 'catch'))
  }
}

function checkCases(draft: Draft, list: Cursor | undefined): void {
  const cases = itemsOf(list)
  const otherwise = cases.findIndex((entry) => at(entry, 'else') !== undefined)
  if (otherwise < 0) return
  for (const entry of cases.slice(otherwise + 1)) {
    unreachable(
      draft,
      entry,
      'this case can never be reached: it stands behind `else`',
      'move `else` to the end',
    )
  }
}

function checkHandlers(draft: Draft, list: Cursor | undefined): void {
  let all = false
  let canceled = false
  for (const handler of itemsOf(list)) {
    const errors = typesOf(handler)
    const rest = errors?.includes('Canceled') === true && !canceled
    if (all && !rest) {
      const message = 'this handler can never be reached: one before it takes every error'
      unreachable(
        draft,
        handler,
        message,
        'move it before the one without `errors`, or give that one an `if`',
      )
    }
    if (at(handler, 'if') !== undefined) continue
    all ||= errors === undefined || errors.includes('*')
    canceled ||= errors?.includes('Canceled') === true
  }
}

/** Undefined: every type. */
function typesOf(handler: Cursor): readonly (string | undefined)[] | undefined {
  const errors = at(handler, 'errors')
  return errors === undefined ? undefined : itemsOf(errors).map(textOf)
}

function unreachable(draft: Draft, entry: Cursor, message: string, suggestion: string): void {
  const { start } = entry.node.range
  draft.reporter.report({
    code: 'unreachable-step',
    message,
    path: pointer(entry),
    range: { start, end: start + 1 },
    suggestion,
  })
}
