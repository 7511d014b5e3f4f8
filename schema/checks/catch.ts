/**
 * Handlers of errors that can never match: in `catch` of a step or a state, and in `retry.on`. Owns these findings; called by
 * `load.ts`.
 */

import type { Draft } from '../compile/draft.ts'
import { matchesPattern } from '../error-pattern.ts'
import { faults } from '../fault-catalogue.ts'
import type { BlockKey } from '../plan.ts'
import { at, type Cursor, entriesOf, itemsOf, listOrOne, pointer, textOf } from '../source/cursor.ts'
import { ownErrorTypes } from './error-types.ts'
import { alwaysHolds } from './never-taken.ts'

export function checkCatches(draft: Draft): void {
  for (const step of draft.steps.values()) {
    const cursor = draft.stepCursors.get(step.id)
    checkOrder(draft, itemsOf(at(at(cursor, 'retry'), 'on')), 'an `on` entry')
    if (step.verb === 'try') checkHandlers(draft, at(cursor, 'catch'), step.block)
    if (step.verb !== 'states') continue
    for (const [name, state] of entriesOf(cursor)) {
      const { block } = step.states[name] ?? {}
      if (block !== undefined) checkHandlers(draft, at(state, 'catch'), block)
    }
  }
}

function checkHandlers(draft: Draft, list: Cursor | undefined, body: BlockKey): void {
  const handlers = listOrOne(list)
  checkOrder(draft, handlers, 'a handler')
  const own = ownErrorTypes(draft, body)
  if (own === null) {
    checkSpelling(draft, handlers)
    return
  }
  // Any of the engine's own may come out of any block: expressions fail, deadlines pass, runs are canceled.
  const raised = [...Object.keys(faults), ...own]
  for (const handler of handlers) {
    for (const pattern of itemsOf(at(handler, 'errors'))) {
      const type = textOf(pattern)
      if (type === undefined || raised.some((each) => matchesPattern(type, each))) continue
      draft.report(
        'error-never-raised',
        pattern,
        `nothing inside raises "${type}"`,
        engineType(type) ?? childHint(draft, body) ?? 'check the spelling, or remove it',
      )
    }
  }
}

const other: { readonly [type: string]: string } = {
  cancelled: 'Canceled',
  cancellederror: 'Canceled',
  timedout: 'Timeout',
  timeouterror: 'Timeout',
}
const engineTypes = new Map(Object.keys(faults).map((type) => [type.toLowerCase(), type]))

/** An activity may raise any type; one that is the engine's but for its spelling is most likely meant to be the engine's. */
function checkSpelling(draft: Draft, handlers: readonly Cursor[]): void {
  for (const pattern of handlers.flatMap((handler) => itemsOf(at(handler, 'errors')))) {
    const type = textOf(pattern) ?? ''
    const meant = engineType(type)
    if (meant !== undefined)
      draft.report('error-type-spelling', pattern, `"${type}" is spelt unlike the engine's own type`, meant)
  }
}

function engineType(type: string): string | undefined {
  const meant = engineTypes.get(type.toLowerCase()) ?? other[type.toLowerCase()]
  return meant === undefined || meant === type ? undefined : `did you mean \`${meant}\`?`
}

function childHint(draft: Draft, body: BlockKey): string | undefined {
  const hasChild = (draft.blocks.get(body) ?? []).some((id) => draft.steps.get(id)?.verb === 'workflow')
  return hasChild
    ? "a child's error arrives as ChildWorkflowFailed; its own type is `error.cause.type`"
    : undefined
}

/** What an entry without a condition takes, those behind it never see. */
function checkOrder(draft: Draft, entries: readonly Cursor[], what: string): void {
  let all = false
  const taken: string[] = []
  for (const entry of entries) {
    const types = typesOf(entry)
    const isTaken = (type: string) =>
      (all && type !== 'Canceled') || taken.some((pattern) => matchesPattern(pattern, type))
    const never = types === undefined ? all || taken.includes('*') : types.every(isTaken)
    if (never && (all || taken.length > 0)) {
      const { start } = entry.node.range
      draft.reporter.report({
        code: 'catch-never-matches',
        message: `${what} before this one takes all that it names`,
        path: pointer(entry),
        range: { start, end: start + 1 },
        suggestion: 'move this one up, or give the one before a condition',
      })
    }
    const condition = at(entry, 'if') ?? at(entry, 'when')
    if (condition !== undefined && !alwaysHolds(condition)) continue
    all ||= types === undefined
    if (types !== undefined) taken.push(...types)
  }
}

/** Undefined: every type. */
function typesOf(handler: Cursor): readonly string[] | undefined {
  const errors = at(handler, 'errors')
  if (errors === undefined) return undefined
  return itemsOf(errors)
    .map(textOf)
    .filter((type) => type !== undefined)
}
