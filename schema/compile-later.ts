/**
 * Parts of a document that this release reports as not supported, compiled as far as their steps and expressions can be
 * checked all the same: updates, and the states of a state machine. Nothing of it reaches a plan.
 */
import { compileBlock } from './compile-step.ts'
import { at, type Cursor, entriesOf, itemsOf, textOf } from './cursor.ts'
import type { Draft } from './draft.ts'
import type { BlockKey, ExpressionIndex, Template } from './plan.ts'

/** Steps beside the main ones, with what is read around them. */
export interface LaterPart {
  readonly kind: 'update' | 'state' | 'transition'
  readonly name: string
  /** Names that only this part sees: `update`, `signal`, `error`. */
  readonly locals: readonly string[]
  readonly condition?: ExpressionIndex
  readonly block?: BlockKey
  readonly templates: readonly Template[]
  readonly assigned: readonly Cursor[]
}

export function compileLater(draft: Draft, root: Cursor): readonly LaterPart[] {
  const updates = entriesOf(at(root, 'updates')).map(([name, update]) => compileUpdate(draft, name, update))
  const states = entriesOf(at(root, 'states')).flatMap(([name, state]) => compileState(draft, name, state))
  return [...updates, ...states]
}

function compileUpdate(draft: Draft, name: string, cursor: Cursor): LaterPart {
  const condition = draft.condition(at(cursor, 'validate'))
  const steps = at(cursor, 'do')
  const block = steps && compileBlock(draft, `updates/${name}`, itemsOf(steps), { prefix: `update_${name}` })
  return {
    kind: 'update',
    name,
    locals: ['update'],
    ...(condition === undefined ? {} : { condition }),
    ...(block === undefined ? {} : { block }),
    templates: templatesOf(draft, [at(cursor, 'return')]),
    assigned: [],
  }
}

function compileState(draft: Draft, name: string, cursor: Cursor): readonly LaterPart[] {
  const steps = at(cursor, 'do')
  const block = steps && compileBlock(draft, `states/${name}`, itemsOf(steps), { prefix: name })
  const fail = at(cursor, 'fail')
  const state: LaterPart = {
    kind: 'state',
    name,
    locals: [],
    ...(block === undefined ? {} : { block }),
    templates: templatesOf(draft, [at(cursor, 'return'), ...entriesOf(fail).map(([, value]) => value)]),
    assigned: [],
  }
  const transitions: LaterPart[] = []
  const take = (written: Cursor | undefined, locals: readonly string[]) => {
    const list = written?.node.kind === 'list' ? itemsOf(written) : written === undefined ? [] : [written]
    for (const one of list)
      transitions.push(compileTransition(draft, `${name}_${transitions.length + 1}`, one, locals))
  }
  take(at(cursor, 'next'), [])
  for (const entry of itemsOf(at(cursor, 'catch'))) take(entry, [textOf(at(entry, 'as')) ?? 'error'])
  for (const [, on] of entriesOf(at(cursor, 'on'))) take(on, ['signal'])
  for (const [, after] of entriesOf(at(cursor, 'after'))) take(after, [])
  return [state, ...transitions]
}

function compileTransition(draft: Draft, name: string, cursor: Cursor, locals: readonly string[]): LaterPart {
  const condition = draft.condition(at(cursor, 'when')) ?? draft.condition(at(cursor, 'if'))
  const steps = at(cursor, 'do')
  const block = steps && compileBlock(draft, `states/${name}/do`, itemsOf(steps), { prefix: name })
  const assigned = entriesOf(at(cursor, 'set')).map(([, value]) => value)
  return {
    kind: 'transition',
    name,
    locals,
    ...(condition === undefined ? {} : { condition }),
    ...(block === undefined ? {} : { block }),
    templates: templatesOf(draft, assigned),
    assigned,
  }
}

function templatesOf(draft: Draft, cursors: readonly (Cursor | undefined)[]): readonly Template[] {
  return cursors.filter((cursor) => cursor !== undefined).map((cursor) => draft.template(cursor))
}
