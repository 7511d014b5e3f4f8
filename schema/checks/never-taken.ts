/**
 * Cases that no run can take: those behind `else`, or behind one that always holds. Owns these findings; steps behind a
 * `return` are `checks/flow.ts`'s, handlers `checks/catch.ts`'s. Called by `load.ts`.
 */

import type { Draft } from '../compile/draft.ts'
import { at, type Cursor, itemsOf, pointer } from '../source/cursor.ts'

export function checkNeverTaken(draft: Draft): void {
  for (const step of draft.stepCursors.values()) {
    checkCases(draft, at(step, 'switch'))
  }
}

function checkCases(draft: Draft, list: Cursor | undefined): void {
  const cases = itemsOf(list)
  const last = cases.findIndex((entry) => at(entry, 'else') !== undefined || alwaysHolds(at(entry, 'when')))
  if (last < 0) return
  const isElse = at(cases[last], 'else') !== undefined
  for (const entry of cases.slice(last + 1)) {
    const behind = isElse ? '`else`' : 'a case that always holds'
    unreachable(
      draft,
      entry,
      `this case can never be reached: it stands behind ${behind}`,
      isElse ? 'move `else` to the end' : 'move that case to the end, and write it as `else`',
    )
  }
}

/** `when: true`, with or without its `${ }`. */
export function alwaysHolds(condition: Cursor | undefined): boolean {
  if (condition?.node.kind !== 'scalar') return false
  return /^(?:\$\{\s*)?true(?:\s*\})?$/.test(String(condition.node.value).trim())
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
