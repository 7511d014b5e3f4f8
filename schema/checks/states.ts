/**
 * States and transitions that are written and never taken, and states that a run never leaves. Owns these findings; which
 * states are reached is `states-flow.ts`'s. Called by `load.ts`.
 */
import type { DraftDocument } from '../compile/compile.ts'
import type { Draft } from '../compile/draft.ts'
import type { PlanState } from '../plan.ts'
import type { ProblemCode } from '../problems/catalogue.ts'
import { at, type Cursor, entriesOf, itemsOf, jsonOf, listOrOne, pointer } from '../source/cursor.ts'
import { alwaysHolds } from './never-taken.ts'

export function checkStates(draft: Draft, document: DraftDocument): void {
  for (const step of draft.steps.values()) {
    if (step.verb !== 'states') continue
    for (const [name, cursor] of entriesOf(draft.stepCursors.get(step.id))) {
      const state = step.states[name]
      if (state === undefined) continue
      checkEnding(draft, cursor)
      checkKeys(draft, state, cursor)
      checkOrder(draft, cursor)
      checkExit(draft, name, state, cursor)
      for (const [signal, on] of entriesOf(at(cursor, 'on')))
        if (document.signals.get(signal)?.block !== undefined)
          report(draft, 'signal-with-do', on, `the signal "${signal}" is taken by its own \`do\` steps`)
    }
  }
}

function checkEnding(draft: Draft, cursor: Cursor): void {
  const fail = at(cursor, 'fail')
  if (fail !== undefined && at(cursor, 'return') !== undefined)
    report(draft, 'wrong-value', fail, 'a state ends with `return` or with `fail`, not with both')
  const final = at(cursor, 'final')
  if (jsonOf(final) === false && final !== undefined && (fail ?? at(cursor, 'return')) !== undefined)
    report(draft, 'wrong-value', final, 'a state with `return` or `fail` is final')
}

/** Keys that cannot be taken beside what is there. */
function checkKeys(draft: Draft, state: PlanState, cursor: Cursor): void {
  const never = (key: string, why: string) => {
    const written = at(cursor, key)
    if (written !== undefined)
      report(draft, 'transition-never-taken', written, `\`${key}\` is never taken: ${why}`)
  }
  if (state.ending !== undefined) never('next', 'the state is final, and the run ends with its `do`')
  if (state.block !== undefined) return
  const goesOn = state.next.some((_, index) => isUnconditional(listOrOne(at(cursor, 'next'))[index]))
  if (state.ending === undefined && !goesOn) return
  const why =
    state.ending === undefined
      ? 'the state has no `do` and is left by `next` at once'
      : 'the state is final, and the run ends on entering it'
  for (const key of ['on', 'after']) never(key, why)
}

/** Of a list the first whose `when` holds is taken. */
function checkOrder(draft: Draft, state: Cursor): void {
  const lists = [at(state, 'next')]
  for (const group of ['on', 'after']) lists.push(...entriesOf(at(state, group)).map(([, list]) => list))
  for (const list of lists) {
    const transitions = listOrOne(list)
    const last = transitions.findIndex(isUnconditional)
    if (last < 0) continue
    for (const each of transitions.slice(last + 1))
      report(draft, 'transition-never-taken', each, 'never taken: the one before it has no `when`')
  }
}

function isUnconditional(transition: Cursor | undefined): boolean {
  const when = at(transition, 'when')
  return when === undefined || alwaysHolds(when)
}

function checkExit(draft: Draft, name: string, state: PlanState, cursor: Cursor): void {
  if (state.ending !== undefined) return
  const ways = state.next.length + Object.keys(state.on).length + state.after.length
  // A `return` or `fail` among its own steps may end the run as well.
  const ends = [...(draft.blocks.get(state.block ?? '') ?? [])].some((id) => endsRun(draft, id))
  if (ways > 0 || ends || draft.reporter.hasErrors) return
  report(draft, 'state-without-exit', cursor, `a run that enters "${name}" never leaves it`)
}

function endsRun(draft: Draft, id: string): boolean {
  const text = JSON.stringify(jsonOf(draft.stepCursors.get(id)) ?? null)
  return /"(?:return|fail|continueAsNew)":/.test(text)
}

function report(draft: Draft, code: ProblemCode, cursor: Cursor, message: string): void {
  const range = cursor.key ?? itemsRange(cursor)
  draft.reporter.report({ code, message, path: pointer(cursor), range })
}

/** An item of a list has no key: its first character stands for it. */
function itemsRange(cursor: Cursor): Cursor['node']['range'] {
  const { range } = cursor.node
  return itemsOf(cursor).length === 0 && cursor.node.kind === 'scalar'
    ? range
    : { start: range.start, end: range.start + 1 }
}
