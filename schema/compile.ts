/**
 * A document to a draft of its plan: the parts around the steps. Owns what belongs to the document as a whole; called by
 * `load.ts`, which judges the draft before a plan is made of it.
 */
import { digestOf } from './canonical.ts'
import { compileSettings } from './compile-activity.ts'
import { compileLater, type LaterPart } from './compile-later.ts'
import { compileBlock } from './compile-step.ts'
import { at, type Cursor, entriesOf, itemsOf, jsonOf, pointer, textOf } from './cursor.ts'
import type { Draft, DraftStep } from './draft.ts'
import type { Json, JsonSchema } from './json.ts'
import { type Plan, type PlanQuery, type PlanSignal, type PlanStep, planVersion } from './plan.ts'

/** Everything of a document that holds expressions, compiled; `finishPlan` makes the plan of it. */
export interface DraftDocument {
  readonly vars: Plan['vars']
  readonly signals: ReadonlyMap<string, PlanSignal>
  readonly queries: ReadonlyMap<string, PlanQuery>
  readonly activityDefaults: Plan['activityDefaults']
  readonly timeout?: NonNullable<Plan['timeout']>
  /** Not supported yet; checked, and left out of the plan. */
  readonly later: readonly LaterPart[]
}

export function compileDocument(draft: Draft, root: Cursor): DraftDocument {
  collectIds(draft, root)
  const vars = entriesOf(at(root, 'vars')).map(([name, value]) => [name, draft.template(value)] as const)
  const activityDefaults = compileSettings(draft, at(at(root, 'defaults'), 'activity'), false).settings
  const timeout = draft.duration(at(root, 'timeout'))
  const queries = new Map(
    entriesOf(at(root, 'queries')).map(([name, query]) => [name, compileQuery(draft, query)]),
  )
  compileBlock(draft, 'main', itemsOf(at(root, 'steps')), { prefix: '' })
  const signals = new Map(
    entriesOf(at(root, 'signals')).map(([name, signal]) => [name, compileSignal(draft, name, signal)]),
  )
  const later = compileLater(draft, root)
  return { vars, signals, queries, activityDefaults, later, ...(timeout === undefined ? {} : { timeout }) }
}

/** Every `id` that stands beside a verb, before the first id is made. */
function collectIds(draft: Draft, cursor: Cursor): void {
  const waiting: Cursor['node'][] = [cursor.node]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.kind === 'list') waiting.push(...node.items)
    if (node.kind !== 'map') continue
    const id = node.entries.get('id')?.node
    if (id?.kind === 'scalar' && typeof id.value === 'string') draft.writtenIds.add(id.value)
    for (const entry of node.entries.values()) waiting.push(entry.node)
  }
}

function compileSignal(draft: Draft, name: string, cursor: Cursor): PlanSignal {
  const schema = schemaOf(at(cursor, 'schema'))
  const steps = at(cursor, 'do')
  const block = steps && compileBlock(draft, `signals/${name}`, itemsOf(steps), { prefix: `signal_${name}` })
  return { ...(schema === undefined ? {} : { schema }), ...(block === undefined ? {} : { block }) }
}

/** With exactly the keys `schema` and `return` (or `return` alone) a query takes a payload; else all of it is the template. */
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

export function schemaOf(cursor: Cursor | undefined): JsonSchema | undefined {
  const value = jsonOf(cursor)
  if (typeof value === 'boolean') return value
  return isObject(value) ? value : undefined
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The plan of a document without errors. */
export function finishPlan(draft: Draft, root: Cursor, document: DraftDocument, definition: Json): Plan {
  const description = textOf(at(root, 'description'))
  const inputSchema = schemaOf(at(root, 'input'))
  const outputSchema = schemaOf(at(root, 'output'))
  return {
    planVersion,
    name: textOf(at(root, 'name')) ?? '',
    version: textOf(at(root, 'version')) ?? '',
    digest: digestOf(definition),
    ...(description === undefined ? {} : { description }),
    labels: Object.fromEntries(
      entriesOf(at(root, 'labels')).map(([key, value]) => [key, textOf(value) ?? '']),
    ),
    ...(inputSchema === undefined ? {} : { inputSchema }),
    ...(outputSchema === undefined ? {} : { outputSchema }),
    vars: document.vars,
    activityDefaults: document.activityDefaults,
    signals: Object.fromEntries(document.signals),
    queries: Object.fromEntries(document.queries),
    ...(document.timeout === undefined ? {} : { timeout: document.timeout }),
    blocks: Object.fromEntries(draft.blocks),
    steps: Object.fromEntries(Array.from(draft.steps, ([id, step]) => [id, runnable(step, root)])),
    expressions: draft.expressions,
  }
}

function runnable(step: DraftStep, root: Cursor): PlanStep {
  if (step.verb !== 'unsupported') return step
  throw new Error(
    `bug: the step ${step.id} (${step.written}) is not supported and was not reported (${pointer(root)})`,
  )
}
