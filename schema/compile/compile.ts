/**
 * A document to a draft of its plan: the parts around the steps. Owns what belongs to the document as a whole; called by
 * `load.ts`, which judges the draft before a plan is made of it.
 */

import type { Json } from '../json.ts'
import {
  type Plan,
  type PlanQuery,
  type PlanSaga,
  type PlanSignal,
  type PlanStep,
  type PlanUpdate,
  planVersion,
} from '../plan.ts'
import { digestOf } from '../source/canonical.ts'
import { at, type Cursor, entriesOf, itemsOf, jsonOf, pointer, textOf } from '../source/cursor.ts'
import { compileSettings } from './activity.ts'
import type { Draft, DraftStep } from './draft.ts'
import { compileQueries, compileSignals, compileUpdates, schemaOf } from './messages.ts'
import { compileSaga, defaultSaga } from './saga.ts'
import { compileStates, withSignalsOfStates } from './states.ts'
import { compileBlock } from './step.ts'

/** Everything of a document that holds expressions, compiled; `finishPlan` makes the plan of it. */
export interface DraftDocument {
  readonly vars: Plan['vars']
  readonly signals: ReadonlyMap<string, PlanSignal>
  readonly queries: ReadonlyMap<string, PlanQuery>
  readonly updates: ReadonlyMap<string, PlanUpdate>
  readonly saga: PlanSaga
  readonly activityDefaults: Plan['activityDefaults']
  readonly timeout?: NonNullable<Plan['timeout']>
}

export function compileDocument(draft: Draft, root: Cursor): DraftDocument {
  collectIds(draft, root)
  const vars = entriesOf(at(root, 'vars')).map(([name, value]) => [name, draft.template(value)] as const)
  const activityDefaults = compileSettings(draft, at(at(root, 'defaults'), 'activity'), false).settings
  const timeout = draft.duration(at(root, 'timeout'))
  const queries = compileQueries(draft, root)
  if (at(root, 'states') === undefined)
    compileBlock(draft, 'main', itemsOf(at(root, 'steps')), { prefix: '' })
  else compileStates(draft, root)
  const signals = withSignalsOfStates(compileSignals(draft, root), root)
  const updates = compileUpdates(draft, root)
  const saga = compileDocumentSaga(draft, at(root, 'saga'))
  const bound = timeout === undefined ? {} : { timeout }
  return { vars, signals, queries, updates, saga, activityDefaults, ...bound }
}

function compileDocumentSaga(draft: Draft, cursor: Cursor | undefined): PlanSaga {
  if (cursor !== undefined && jsonOf(cursor) === false) {
    const message = 'a workflow always undoes what was done when it fails'
    draft.report(
      'wrong-value',
      cursor,
      message,
      'leave `saga` out; a `catch` that handles the error keeps what was done',
    )
  }
  return compileSaga(cursor) ?? defaultSaga
}

/** Every `id` that stands beside a verb, before the first id is made; and what else could be a name. */
function collectIds(draft: Draft, cursor: Cursor): void {
  const waiting: Cursor['node'][] = [cursor.node]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.kind === 'list') waiting.push(...node.items)
    if (node.kind === 'scalar' && typeof node.value === 'string' && /^\$?[A-Za-z_]\w*$/.test(node.value))
      draft.writtenWords.add(node.value.replace('$', ''))
    if (node.kind !== 'map') continue
    const id = node.entries.get('id')?.node
    if (id?.kind === 'scalar' && typeof id.value === 'string') {
      draft.writtenIds.add(id.value)
      noteUnwritable(draft, id.value)
    }
    for (const entry of node.entries.values()) waiting.push(entry.node)
  }
  for (const [name] of entriesOf(at(cursor, 'vars'))) noteUnwritable(draft, name)
}

const mostUnwritable = 100

function noteUnwritable(draft: Draft, name: string): void {
  // Each expression is searched for each of them.
  if (draft.unwritable.size < mostUnwritable && /^\w+(?:-\w+)+$/.test(name)) draft.unwritable.add(name)
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
    updates: Object.fromEntries(document.updates),
    saga: document.saga,
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
