/** What a document declares beside its steps to be sent to a run: signals, queries and updates, to the plan. */

import type { Json, JsonSchema } from '../json.ts'
import type { PlanQuery, PlanSignal, PlanUpdate } from '../plan.ts'
import { at, type Cursor, entriesOf, itemsOf, jsonOf } from '../source/cursor.ts'
import type { Draft } from './draft.ts'
import { compileBlock } from './step.ts'

export function compileSignals(draft: Draft, root: Cursor): Map<string, PlanSignal> {
  return new Map(
    entriesOf(at(root, 'signals')).map(([name, signal]) => [name, compileSignal(draft, name, signal)]),
  )
}

export function compileQueries(draft: Draft, root: Cursor): Map<string, PlanQuery> {
  return new Map(entriesOf(at(root, 'queries')).map(([name, query]) => [name, compileQuery(draft, query)]))
}

export function compileUpdates(draft: Draft, root: Cursor): Map<string, PlanUpdate> {
  return new Map(
    entriesOf(at(root, 'updates')).map(([name, update]) => [name, compileUpdate(draft, name, update)]),
  )
}

function compileSignal(draft: Draft, name: string, cursor: Cursor): PlanSignal {
  const schema = schemaOf(at(cursor, 'schema'))
  const concurrency = draft.optionalTemplate(at(cursor, 'concurrency'))
  const steps = at(cursor, 'do')
  const block = steps && compileBlock(draft, `signals/${name}`, itemsOf(steps), { prefix: `signal_${name}` })
  return {
    ...(schema === undefined ? {} : { schema }),
    ...(block === undefined ? {} : { block }),
    ...(concurrency === undefined ? {} : { concurrency }),
  }
}

/** With exactly the keys `schema` and `return` a query takes a payload; else all of it is the template. */
export function takesPayload(cursor: Cursor): boolean {
  if (cursor.node.kind !== 'map') return false
  const keys = [...cursor.node.entries.keys()]
  return keys.includes('schema') && keys.includes('return') && keys.length === 2
}

function compileQuery(draft: Draft, cursor: Cursor): PlanQuery {
  const result = at(cursor, 'return')
  if (!takesPayload(cursor) || result === undefined) return { value: draft.template(cursor) }
  const schema = schemaOf(at(cursor, 'schema'))
  return { value: draft.template(result), ...(schema === undefined ? {} : { schema }) }
}

function compileUpdate(draft: Draft, name: string, cursor: Cursor): PlanUpdate {
  const schema = schemaOf(at(cursor, 'schema'))
  const validate = draft.condition(at(cursor, 'validate'))
  const steps = at(cursor, 'do')
  const block = steps && compileBlock(draft, `updates/${name}`, itemsOf(steps), { prefix: `update_${name}` })
  const result = draft.optionalTemplate(at(cursor, 'return'))
  return {
    ...(schema === undefined ? {} : { schema }),
    ...(validate === undefined ? {} : { validate }),
    ...(block === undefined ? {} : { block }),
    ...(result === undefined ? {} : { result }),
  }
}

export function schemaOf(cursor: Cursor | undefined): JsonSchema | undefined {
  const value = jsonOf(cursor)
  if (typeof value === 'boolean') return value
  return isObject(value) ? value : undefined
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
