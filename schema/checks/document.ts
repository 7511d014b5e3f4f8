/**
 * Walks everything of a document that holds expressions: main steps, handlers, queries, initial variables, migrations.
 * Owns which names each of these sees; called by `load.ts` over the finished draft.
 */
import type { DraftDocument } from '../compile/compile.ts'
import type { Draft } from '../compile/draft.ts'
import { schemaOf } from '../compile/messages.ts'
import type { PlanUpdate } from '../plan.ts'
import { at, type Cursor, entriesOf } from '../source/cursor.ts'
import { checkCondition, checkTemplate, inScope, type Walk, walkBlock, withRoots } from './flow.ts'
import { homesOf } from './homes.ts'
import { type KnownAround, resultShape } from './result-shapes.ts'
import { walkStates } from './states-flow.ts'
import { type Certainty, Visible } from './visibility.ts'

export function checkDocument(
  draft: Draft,
  root: Cursor,
  document: DraftDocument,
  around: KnownAround,
): void {
  const homes = homesOf(draft, document)
  const inputSchema = schemaOf(at(root, 'input'))
  const base: Walk = {
    document,
    names: {
      root,
      draft,
      variables: new Set(document.vars.map(([name]) => name)),
      inputFields: new Set(entriesOf(at(at(root, 'input'), 'properties')).map(([name]) => name)),
      homes,
      results: (id) => {
        const step = draft.steps.get(id)
        return step && resultShape(step, document, around)
      },
    },
    shapes: new Map(inputSchema === undefined ? [] : [['input', inputSchema]]),
    roots: new Set(['input', 'vars', 'steps', 'workflow']),
    scopes: [],
    proven: new Set(),
    beside: false,
    inCatch: false,
    inCompensation: false,
  }
  const atStart: Walk = { ...base, roots: new Set(['input', 'workflow']) }
  for (const [, value] of document.vars) checkTemplate(atStart, value, new Visible())
  if (document.timeout !== undefined && 'template' in document.timeout) {
    checkTemplate(atStart, document.timeout.template, new Visible())
  }
  const machine = [...draft.steps.values()].find((step) => step.verb === 'states')
  if (machine === undefined) walkBlock(base, 'main', new Visible())
  else walkStates(base, machine, new Visible())
  const fromBeside = mainSteps(draft, homes, 'maybe')
  const besides: Walk = { ...base, beside: true }
  for (const [name, signal] of document.signals) {
    const inside = withRoots(
      inScope(besides, { kind: 'handler', owner: `signals/${name}`, name }),
      ['signal'],
      signal.schema,
    )
    checkTemplate(besides, signal.concurrency, fromBeside)
    walkBlock({ ...inside, noReturn: 'the `do` of a signal' }, signal.block, fromBeside)
  }
  for (const [, query] of document.queries) {
    checkTemplate(
      query.schema === undefined ? besides : withRoots(besides, ['query'], query.schema),
      query.value,
      fromBeside,
    )
  }
  for (const [name, update] of document.updates) checkUpdate(besides, name, update, fromBeside)
}

function checkUpdate(walk: Walk, name: string, update: PlanUpdate, visible: Visible): void {
  const scoped = inScope(walk, { kind: 'handler', owner: `updates/${name}`, name })
  const inside: Walk = { ...withRoots(scoped, ['update'], update.schema), noReturn: 'the `do` of an update' }
  const proven = new Set(checkCondition(inside, update.validate, visible))
  const after = walkBlock({ ...inside, proven }, update.block, visible)
  checkTemplate({ ...inside, proven }, update.result, after)
}

/** The steps whose results reach the outermost scope: not those of iterations, handlers and compensations. */
function mainSteps(draft: Draft, homes: ReturnType<typeof homesOf>, certainty: Certainty): Visible {
  const visible = new Visible()
  for (const id of draft.steps.keys()) {
    if ((homes.get(id) ?? []).every((mark) => mark.kind === 'branch')) visible.set(id, certainty)
  }
  return visible
}
