/**
 * Walks a state machine: which states are reached, and what each sees of the steps that ran on every way, or on some way,
 * into it. Owns the ways out of each state and the findings about names of states (the fixed point over them is
 * `states-entries.ts`'s). Called by `checks/document.ts`.
 */

import type { Draft } from '../compile/draft.ts'
import type { BlockKey, PlanState, PlanTransition, StatesStep, StepId } from '../plan.ts'
import type { ProblemCode } from '../problems/catalogue.ts'
import { didYouMean } from '../problems/did-you-mean.ts'
import { at, type Cursor, entriesOf, listOrOne, pointer } from '../source/cursor.ts'
import {
  checkAssignments,
  checkCondition,
  checkDuration,
  checkFailure,
  checkTemplate,
  type Walk,
  walkBlock,
  withRoots,
} from './flow.ts'
import { innerBlocksOf } from './homes.ts'
import { errorShape } from './result-shapes.ts'
import { isUnread } from './scope.ts'
import { type Edge, entriesOfStates } from './states-entries.ts'
import type { Certainty, Visible } from './visibility.ts'

export function walkStates(walk: Walk, step: StatesStep, visible: Visible): void {
  const { draft } = walk.names
  const cursor = draft.stepCursors.get(step.id)
  if (cursor === undefined) return
  checkNames(walk, step, cursor)
  const edges = draft.reporter.silently(
    () => new Map(Object.entries(step.states).map(([name, state]) => [name, edgesOf(walk, state, visible)])),
  )
  const entries = entriesOfStates(step.initial, edges)
  // With keys that nobody knows, ways may be missing: that was told.
  const isTold = draft.reporter.hasErrors
  // Of ways that a final state never takes, each is told where it stands.
  const named = new Set(
    Object.values(step.states).flatMap((state) =>
      state.ending === undefined ? [] : waysOf(state).map(({ to }) => to),
    ),
  )
  for (const [name, state] of Object.entries(step.states)) {
    const entry = entries(name)
    const place = at(cursor, name)
    if (place === undefined) continue
    if (entry === undefined && !isTold && !named.has(name) && Object.hasOwn(step.states, step.initial)) {
      const message = `the state "${name}" can never be reached: no way leads here from "${step.initial}"`
      report(walk, 'unreachable-state', place, message)
    }
    // Of a state that is not reached only what is wrong anyway is told.
    const own = stepsInside(draft, state.block)
    const known = entry ?? (() => 'sure' as const)
    walkState(
      walk,
      state,
      place,
      visible.over((id) => (own.has(id) ? undefined : known(id))),
    )
  }
  visible.reachable = false
}

function edgesOf(walk: Walk, state: PlanState, before: Visible): readonly Edge[] {
  const start = before.fork()
  const end = walkBlock(walk, state.block, start)
  const all = end.addedSince(start)
  const edge = (transition: PlanTransition, ended: boolean): readonly Edge[] => {
    const way = start.fork()
    const over = walkBlock(walk, transition.block, way)
    if (!over.reachable) return []
    const own = over.addedSince(way)
    return [
      {
        to: transition.to,
        sure: [...(ended ? sureOf(all) : []), ...sureOf(own)],
        known: [...all.keys(), ...own.keys()],
      },
    ]
  }
  const isFinal = state.ending !== undefined
  const next = end.reachable && !isFinal ? state.next.flatMap((transition) => edge(transition, true)) : []
  // Of a final state without `do` nothing but its end is taken.
  if (isFinal && state.block === undefined) return []
  const early = [
    ...state.catches.map(({ transition }) => transition),
    ...Object.values(state.on).flat(),
    ...state.after.flatMap(({ transitions }) => transitions),
  ]
  return [...next, ...early.flatMap((transition) => edge(transition, false))]
}

function waysOf({ next, on, after }: PlanState): readonly PlanTransition[] {
  return [...next, ...Object.values(on).flat(), ...after.flatMap(({ transitions }) => transitions)]
}

function sureOf(known: ReadonlyMap<StepId, Certainty>): readonly StepId[] {
  return [...known].flatMap(([id, certainty]) => (certainty === 'sure' ? [id] : []))
}

/** Steps of a block that is entered anew have no result, whatever they gave when they ran before. */
function stepsInside(draft: Draft, block: BlockKey | undefined): ReadonlySet<StepId> {
  const inside = new Set<StepId>()
  const waiting = block === undefined ? [] : [block]
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    for (const id of draft.blocks.get(key) ?? []) {
      inside.add(id)
      const step = draft.steps.get(id)
      if (step !== undefined) waiting.push(...innerBlocksOf(step))
    }
  }
  return inside
}

function walkState(walk: Walk, state: PlanState, cursor: Cursor, entry: Visible): void {
  const end = walkBlock(walk, state.block, entry)
  const left = entry.anywhereIn([end])
  const next = at(cursor, 'next')
  if (!end.reachable && next !== undefined && state.ending === undefined)
    report(
      walk,
      'transition-never-taken',
      next,
      '`next` is never taken: the `do` of the state never ends by itself',
    )
  walkTransitions(walk, state.next, listOrOne(next), end)
  const catches = listOrOne(at(cursor, 'catch'))
  for (const [index, { as, transition }] of state.catches.entries()) {
    const inside: Walk = { ...withRoots(walk, [as], errorShape), inCatch: true }
    // The condition sees `error` by that name too, whatever `as` calls it inside.
    const condition = withRoots(inside, ['error'], errorShape)
    walkTransition(inside, transition, catches[index], left, condition)
  }
  const signals = at(cursor, 'on')
  for (const [signal, transitions] of Object.entries(state.on)) {
    const payload = walk.document.signals.get(signal)?.schema
    walkTransitions(withRoots(walk, ['signal'], payload), transitions, listOrOne(at(signals, signal)), left)
  }
  const delays = entriesOf(at(cursor, 'after'))
  for (const [index, { delay, transitions }] of state.after.entries()) {
    checkDuration(walk, delay, entry)
    walkTransitions(walk, transitions, listOrOne(delays[index]?.[1]), left)
  }
  if (state.ending?.kind === 'return') checkTemplate(walk, state.ending.value, end)
  if (state.ending?.kind === 'fail') checkFailure(walk, state.ending.failure, end)
}

function walkTransitions(
  walk: Walk,
  transitions: readonly PlanTransition[],
  cursors: readonly Cursor[],
  visible: Visible,
): void {
  for (const [index, transition] of transitions.entries())
    walkTransition(walk, transition, cursors[index], visible)
}

function walkTransition(
  walk: Walk,
  transition: PlanTransition,
  cursor: Cursor | undefined,
  visible: Visible,
  condition: Walk = walk,
): void {
  const proven = checkCondition(condition, transition.when, visible)
  const inside: Walk = { ...walk, proven: new Set([...walk.proven, ...proven]) }
  checkAssignments(inside, at(cursor, 'set'), transition.assignments, visible)
  walkBlock(inside, transition.block, visible)
}

function checkNames(walk: Walk, step: StatesStep, states: Cursor): void {
  if (isUnread(walk.names.root, 'states')) return
  const known = Object.keys(step.states)
  const check = (to: string, cursor: Cursor | undefined) => {
    if (cursor === undefined || to === '' || known.includes(to)) return
    const meant = didYouMean(to, known)
    const suggestion = meant === undefined ? `states are ${known.join(', ')}` : `did you mean \`${meant}\`?`
    report(walk, 'unknown-state', cursor, `there is no state "${to}"`, suggestion)
  }
  check(step.initial, at(walk.names.root, 'initial'))
  for (const [, state] of entriesOf(states)) {
    for (const written of transitionCursors(state)) {
      const to = at(written, 'to') ?? (written.node.kind === 'scalar' ? written : undefined)
      if (to?.node.kind === 'scalar') check(String(to.node.value), to)
    }
  }
}

/** Each written transition of a state. */
export function transitionCursors(state: Cursor): readonly Cursor[] {
  return [
    ...listOrOne(at(state, 'next')),
    ...listOrOne(at(state, 'catch')),
    ...entriesOf(at(state, 'on')).flatMap(([, written]) => listOrOne(written)),
    ...entriesOf(at(state, 'after')).flatMap(([, written]) => listOrOne(written)),
  ]
}

function report(walk: Walk, code: ProblemCode, cursor: Cursor, message: string, suggestion?: string): void {
  const range = code !== 'unknown-state' ? (cursor.key ?? cursor.node.range) : cursor.node.range
  walk.names.draft.reporter.report({ code, message, path: pointer(cursor), range, suggestion })
}
