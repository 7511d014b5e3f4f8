/**
 * One step of a document to one step of the plan, and lists of steps to blocks. Owns ids and the shape of each verb;
 * texts become expressions in `draft.ts`, whether names exist is judged later over the finished draft.
 */
import { compileActivity } from './compile-activity.ts'
import { compileWait } from './compile-wait.ts'
import { at, type Cursor, entriesOf, itemsOf, textOf } from './cursor.ts'
import type { Draft, DraftStep, OpaqueStep } from './draft.ts'
import type { BlockKey, PlanCatch, PlanCompensation, PlanStep, StepId, SwitchStep } from './plan.ts'
import { foldReferences } from './references.ts'
import { isSupported, verbsOf, type WrittenVerb } from './verbs.ts'

/** What ids made for the steps of a block begin with, and whether the block's only step needs no number. */
export interface BlockNaming {
  readonly prefix: string
  readonly single?: boolean
}

export interface StepBase {
  readonly id: StepId
  readonly named: boolean
  readonly place: PlanStep['place']
  readonly description?: string
  readonly if?: number
  readonly timeout?: NonNullable<PlanStep['timeout']>
}

/** Compiles a list of steps under a key of the plan's blocks. */
export function compileBlock(
  draft: Draft,
  block: BlockKey,
  steps: readonly Cursor[],
  naming: BlockNaming,
): BlockKey {
  const ids: StepId[] = []
  // Reserved first, so that blocks are in the order of the document.
  draft.blocks.set(block, ids)
  for (const [index, cursor] of steps.entries()) {
    const id = compileStep(draft, cursor, index, naming)
    if (id !== undefined) ids.push(id)
  }
  return block
}

function compileStep(draft: Draft, cursor: Cursor, index: number, naming: BlockNaming): StepId | undefined {
  const written = verbsOf((key) => at(cursor, key) !== undefined)
  const [verb] = written
  if (verb === undefined || written.length > 1 || cursor.node.kind !== 'map') return undefined
  const ownId = textOf(at(cursor, 'id'))
  const id = ownId !== undefined && !draft.steps.has(ownId) ? ownId : madeId(draft, verb, index, naming)
  const description = textOf(at(cursor, 'description'))
  const condition = draft.condition(at(cursor, 'if'))
  const timeout = draft.duration(at(cursor, 'timeout'))
  const base: StepBase = {
    id,
    named: ownId !== undefined,
    place: draft.positions.placeAt(cursor.node.range.start),
    ...(description === undefined ? {} : { description }),
    ...(condition === undefined ? {} : { if: condition }),
    ...(timeout === undefined ? {} : { timeout }),
  }
  draft.stepCursors.set(id, cursor)
  // Taken before the steps inside ask for ids of their own.
  draft.steps.set(id, opaque(base, verb, []))
  draft.steps.set(id, compileVerb(draft, verb, base, cursor))
  return id
}

function madeId(draft: Draft, verb: WrittenVerb, index: number, naming: BlockNaming): StepId {
  const own = naming.single === true ? '' : `${verb}_${index + 1}`
  let id = [naming.prefix, own].filter((part) => part !== '').join('_')
  while (draft.writtenIds.has(id) || draft.steps.has(id)) id += '_'
  return id
}

function compileVerb(draft: Draft, verb: WrittenVerb, base: StepBase, cursor: Cursor): DraftStep {
  if (!isSupported(verb)) return compileOpaque(draft, verb, base, cursor)
  const { id } = base
  const body = (key: string, name: BlockKey, prefix: string): BlockKey =>
    compileBlock(draft, `${id}/${name}`, itemsOf(at(cursor, key)), { prefix })
  switch (verb) {
    case 'activity':
      return compileActivity(draft, base, cursor, () => compileCompensation(draft, base.id, cursor))
    case 'wait':
      return compileWait(draft, base, cursor)
    case 'do': {
      const block = body('do', 'do', id)
      const otherwise = at(cursor, 'else') && body('else', 'else', `${id}_else`)
      return { ...base, verb, block, ...(otherwise === undefined ? {} : { otherwise }) }
    }
    case 'switch':
      return compileSwitch(draft, base, cursor)
    case 'parallel': {
      const branches = entriesOf(at(cursor, 'parallel')).map(([name, branch]) => ({
        name,
        block: compileBlock(draft, `${id}/branch/${name}`, itemsOf(branch), { prefix: `${id}_${name}` }),
      }))
      return { ...base, verb, branches, join: { kind: 'all' } }
    }
    case 'forEach': {
      const items = draft.condition(at(cursor, 'forEach')) ?? -1
      const concurrency = draft.optionalTemplate(at(cursor, 'concurrency'))
      const block = body('do', 'do', id)
      const collect = draft.optionalTemplate(at(cursor, 'collect'))
      return {
        ...base,
        verb,
        items,
        as: textOf(at(cursor, 'as')) ?? 'item',
        index: textOf(at(cursor, 'index')) ?? 'index',
        block,
        ...(concurrency === undefined ? {} : { concurrency }),
        ...(collect === undefined ? {} : { collect }),
      }
    }
    case 'while':
    case 'until': {
      const condition = draft.condition(at(cursor, verb)) ?? -1
      const maxIterations = draft.optionalTemplate(at(cursor, 'maxIterations'))
      const block = body('do', 'do', id)
      return { ...base, verb, condition, block, ...(maxIterations === undefined ? {} : { maxIterations }) }
    }
    case 'try': {
      const block = body('try', 'try', id)
      const catches = itemsOf(at(cursor, 'catch')).map((entry, index) =>
        compileCatch(draft, id, entry, index),
      )
      const last = at(cursor, 'finally') && body('finally', 'finally', `${id}_finally`)
      return { ...base, verb, block, catches, ...(last === undefined ? {} : { finally: last }) }
    }
    case 'set':
      return {
        ...base,
        verb,
        assignments: entriesOf(at(cursor, 'set')).map(([name, value]) => [name, draft.template(value)]),
      }
    case 'fail':
      return compileFail(draft, base, cursor)
    case 'return':
      return {
        ...base,
        verb,
        value: draft.optionalTemplate(at(cursor, 'return')) ?? { kind: 'constant', value: null },
      }
    default:
      return compileOpaque(draft, verb, base, cursor)
  }
}

function compileSwitch(draft: Draft, base: StepBase, cursor: Cursor): SwitchStep {
  const cases: SwitchStep['cases'][number][] = []
  let otherwise: BlockKey | undefined
  for (const [index, entry] of itemsOf(at(cursor, 'switch')).entries()) {
    const name = `${base.id}_${index + 1}`
    const last = at(entry, 'else')
    if (last !== undefined) {
      otherwise = compileBlock(draft, `${base.id}/else`, itemsOf(last), { prefix: `${base.id}_else` })
    } else {
      const when = draft.condition(at(entry, 'when')) ?? -1
      const block = compileBlock(draft, `${base.id}/case/${index}`, itemsOf(at(entry, 'do')), {
        prefix: name,
      })
      cases.push({ when, block })
    }
  }
  return { ...base, verb: 'switch', cases, ...(otherwise === undefined ? {} : { otherwise }) }
}

function compileCatch(draft: Draft, id: StepId, entry: Cursor, index: number): PlanCatch {
  const errors = itemsOf(at(entry, 'errors')).map(textOf)
  const condition = draft.condition(at(entry, 'if'))
  return {
    ...(at(entry, 'errors') === undefined ? {} : { errors: errors.filter((type) => type !== undefined) }),
    ...(condition === undefined ? {} : { if: condition }),
    as: textOf(at(entry, 'as')) ?? 'error',
    block: compileBlock(draft, `${id}/catch/${index}`, itemsOf(at(entry, 'do')), {
      prefix: `${id}_catch_${index + 1}`,
    }),
  }
}

function compileFail(draft: Draft, base: StepBase, cursor: Cursor): PlanStep {
  const failure = at(cursor, 'fail')
  if (textOf(failure) === 'rethrow') return { ...base, verb: 'fail', failure: { kind: 'rethrow' } }
  const part = (key: 'message' | 'details' | 'retryable') => {
    const template = draft.optionalTemplate(at(failure, key))
    return template === undefined ? {} : { [key]: template }
  }
  const type = draft.optionalTemplate(at(failure, 'type')) ?? { kind: 'constant', value: 'Error' }
  return {
    ...base,
    verb: 'fail',
    failure: { kind: 'raise', type, ...part('message'), ...part('details'), ...part('retryable') },
  }
}

/** Keys whose values are not templates. */
const literalKeys = new Set([
  'id',
  'description',
  'if',
  'timeout',
  'retry',
  'compensate',
  'compensateWhen',
  'workflow',
  'task',
])

function compileOpaque(draft: Draft, verb: WrittenVerb, base: StepBase, cursor: Cursor): OpaqueStep {
  const templates = entriesOf(cursor)
    .filter(([key]) => !literalKeys.has(key))
    .map(([, value]) => draft.template(value))
  const compensation = compileCompensation(draft, base.id, cursor)
  return { ...opaque(base, verb, templates), ...(compensation === undefined ? {} : { compensation }) }
}

function opaque(base: StepBase, verb: WrittenVerb, templates: OpaqueStep['templates']): OpaqueStep {
  return {
    id: base.id,
    ...(base.if === undefined ? {} : { if: base.if }),
    ...(base.timeout === undefined ? {} : { timeout: base.timeout }),
    verb: 'unsupported',
    written: verb,
    templates,
    hasResult: verb === 'workflow' || verb === 'task',
    ends: verb === 'continueAsNew',
  }
}

/** Whether the document names it as one step; then a compensation needs no number. */
export function stepsOf(cursor: Cursor | undefined): {
  readonly steps: readonly Cursor[]
  readonly single: boolean
} {
  if (cursor === undefined) return { steps: [], single: false }
  return cursor.node.kind === 'list'
    ? { steps: itemsOf(cursor), single: false }
    : { steps: [cursor], single: true }
}

function compileCompensation(draft: Draft, id: StepId, cursor: Cursor): PlanCompensation | undefined {
  const written = at(cursor, 'compensate')
  if (written === undefined) return undefined
  const { steps, single } = stepsOf(written)
  const first = draft.notes.length
  const block = compileBlock(draft, `${id}/compensate`, steps, { prefix: `${id}_compensate`, single })
  const captures = foldReferences(draft.notes.slice(first).map((note) => note.facts))
  const own = ownSteps(draft, block)
  return {
    block,
    when: textOf(at(cursor, 'compensateWhen')) === 'attempted' ? 'attempted' : 'completed',
    captures: {
      ...captures,
      steps: captures.steps === '*' ? '*' : captures.steps.filter((name) => !own.has(name)),
    },
  }
}

/** Ids of the block and of the blocks inside it: theirs are results of the compensation, not of the scope it captures. */
function ownSteps(draft: Draft, block: string): ReadonlySet<StepId> {
  const own = new Set<StepId>()
  const waiting = [block]
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    for (const id of draft.blocks.get(key) ?? []) {
      own.add(id)
      for (const inner of draft.blocks.keys()) if (inner.startsWith(`${id}/`)) waiting.push(inner)
    }
  }
  return own
}
