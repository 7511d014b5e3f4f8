/**
 * The state-machine form to the plan: one `states` step, alone in the block `main`. Owns its shape and which signals a
 * transition declares by naming them; whether states exist and are reached is `checks/states.ts`'s.
 */

import type { PlanSignal, PlanState, PlanStateCatch, PlanTransition, StatesStep, StepId } from '../plan.ts'
import { at, type Cursor, entriesOf, itemsOf, jsonOf, listOrOne, textOf } from '../source/cursor.ts'
import type { Draft } from './draft.ts'
import { compileFailure } from './fail.ts'
import { compileBlock } from './step.ts'

/** Signals that only an `on` names carry any object, or nothing at all: who sends a bare name means no more than that. */
const openSignal: PlanSignal = { schema: { type: ['object', 'null'] } }

export function compileStates(draft: Draft, root: Cursor): void {
  const states = at(root, 'states')
  if (states === undefined) return
  const id = freeId(draft)
  const main: StepId[] = [id]
  draft.blocks.set('main', main)
  draft.stepCursors.set(id, states)
  const compiled = entriesOf(states).map(([name, state]) => [name, compileState(draft, name, state)] as const)
  const step: StatesStep = {
    id,
    named: false,
    place: draft.positions.placeAt((states.key ?? states.node.range).start),
    verb: 'states',
    initial: textOf(at(root, 'initial')) ?? '',
    states: Object.fromEntries(compiled),
  }
  draft.steps.set(id, step)
}

/** `states`, or where an author took that for a step, a name nobody took. */
function freeId(draft: Draft): StepId {
  let id = 'states'
  while (draft.writtenIds.has(id)) id += '_'
  return id
}

/** The signals declared, and those that transitions name without. */
export function withSignalsOfStates(
  signals: ReadonlyMap<string, PlanSignal>,
  root: Cursor,
): ReadonlyMap<string, PlanSignal> {
  const all = new Map(signals)
  for (const [, state] of entriesOf(at(root, 'states'))) {
    for (const [name] of entriesOf(at(state, 'on'))) if (!all.has(name)) all.set(name, openSignal)
  }
  return all
}

function compileState(draft: Draft, name: string, cursor: Cursor): PlanState {
  const description = textOf(at(cursor, 'description'))
  const steps = at(cursor, 'do')
  const block = steps && compileBlock(draft, `states/${name}`, itemsOf(steps), { prefix: name })
  let count = 0
  const transition = (written: Cursor): PlanTransition => compileTransition(draft, name, written, count++)
  const transitions = (written: Cursor | undefined) => listOrOne(written).map(transition)
  const next = transitions(at(cursor, 'next'))
  const catches = listOrOne(at(cursor, 'catch')).map((entry) => compileCatch(entry, transition))
  const on = entriesOf(at(cursor, 'on')).map(([signal, written]) => [signal, transitions(written)] as const)
  const after = entriesOf(at(cursor, 'after')).map(([delay, written]) => ({
    delay: draft.keyDuration(written, delay),
    transitions: transitions(written),
  }))
  const ending = compileEnding(draft, cursor)
  return {
    place: draft.positions.placeAt((cursor.key ?? cursor.node.range).start),
    ...(description === undefined ? {} : { description }),
    ...(block === undefined ? {} : { block }),
    next,
    catches,
    on: Object.fromEntries(on),
    after,
    ...(ending === undefined ? {} : { ending }),
  }
}

function compileEnding(draft: Draft, cursor: Cursor): PlanState['ending'] {
  const fail = at(cursor, 'fail')
  if (fail !== undefined) return { kind: 'fail', failure: compileFailure(draft, fail) }
  const value = draft.optionalTemplate(at(cursor, 'return'))
  if (value !== undefined) return { kind: 'return', value }
  return jsonOf(at(cursor, 'final')) === true
    ? { kind: 'return', value: { kind: 'constant', value: null } }
    : undefined
}

function compileTransition(draft: Draft, state: string, cursor: Cursor, index: number): PlanTransition {
  const place = draft.positions.placeAt(cursor.node.range.start)
  const to = textOf(cursor)
  if (to !== undefined) return { to, place, assignments: [] }
  const when = draft.condition(at(cursor, 'when'))
  const assignments = entriesOf(at(cursor, 'set')).map(
    ([name, value]) => [name, draft.template(value)] as const,
  )
  const steps = at(cursor, 'do')
  const block =
    steps &&
    compileBlock(draft, `states/${state}/${index}`, itemsOf(steps), { prefix: `${state}_${index + 1}` })
  return {
    to: textOf(at(cursor, 'to')) ?? '',
    place,
    ...(when === undefined ? {} : { when }),
    assignments,
    ...(block === undefined ? {} : { block }),
  }
}

function compileCatch(entry: Cursor, transition: (written: Cursor) => PlanTransition): PlanStateCatch {
  const errors = at(entry, 'errors')
  const types = itemsOf(errors)
    .map(textOf)
    .filter((type) => type !== undefined)
  return {
    ...(errors === undefined ? {} : { errors: types }),
    as: textOf(at(entry, 'as')) ?? 'error',
    transition: transition(entry),
  }
}
