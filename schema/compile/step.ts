/**
 * One step of a document to one step of the plan, and lists of steps to blocks. Owns ids and the shape of each verb;
 * texts become expressions in `draft.ts`, whether names exist is judged later over the finished draft.
 */

import type { BlockKey, ForEachStep, PlanCatch, StepId } from '../plan.ts'
import { at, type Cursor, entriesOf, itemsOf, jsonOf, textOf } from '../source/cursor.ts'
import { verbsOf, type WrittenVerb } from '../verbs.ts'
import { compileActivity } from './activity.ts'
import type { BlockNaming, StepBase } from './block.ts'
import { compileParallel, compileSwitch } from './branches.ts'
import { compileChild } from './child.ts'
import type { Draft, DraftStep, OpaqueStep } from './draft.ts'
import { compileFailure } from './fail.ts'
import { compileRetry } from './retry.ts'
import { compileSaga } from './saga.ts'
import { compileContinueAsNew, compileEmit, compileSignalStep } from './sending.ts'
import { compileWait } from './wait.ts'

/** Compiles a list of steps under a key of the plan's blocks. */
export function compileBlock(
  draft: Draft,
  block: BlockKey,
  steps: readonly Cursor[],
  naming: BlockNaming,
): BlockKey {
  const ids: StepId[] = []
  if (draft.blocks.has(block)) reportCollision(draft, block, steps)
  // Reserved first, so that blocks are in the order of the document.
  draft.blocks.set(block, ids)
  for (const [index, cursor] of steps.entries()) {
    const id = compileStep(draft, cursor, index, naming)
    if (id !== undefined) ids.push(id)
  }
  return block
}

/** A step with the id `states` and a state with the name `do` would both own `states/do`. */
function reportCollision(draft: Draft, block: BlockKey, steps: readonly Cursor[]): void {
  const [first] = steps
  const message = `the steps here have the same address as others in the document: "${block}"`
  if (first !== undefined) draft.report('duplicate-id', first, message, 'rename the step or what holds it')
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
  const { id } = base
  const body = (key: string, name: BlockKey, prefix: string): BlockKey =>
    compileBlock(draft, `${id}/${name}`, itemsOf(at(cursor, key)), { prefix })
  switch (verb) {
    case 'activity':
      return compileActivity(draft, base, cursor, compileBlock)
    case 'workflow':
      return compileChild(draft, base, cursor, compileBlock)
    case 'wait':
      return compileWait(draft, base, cursor)
    case 'do': {
      const retry = compileRetry(draft, at(cursor, 'retry'))
      const saga = compileSaga(at(cursor, 'saga'))
      const block = body('do', 'do', id)
      const otherwise = at(cursor, 'else') && body('else', 'else', `${id}_else`)
      return {
        ...base,
        verb,
        block,
        ...(otherwise === undefined ? {} : { otherwise }),
        ...retry,
        ...(saga === undefined ? {} : { saga }),
      }
    }
    case 'switch':
      return compileSwitch(draft, base, cursor, compileBlock)
    case 'parallel':
      return compileParallel(draft, base, cursor, compileBlock)
    case 'forEach': {
      const items = draft.condition(at(cursor, 'forEach')) ?? -1
      const concurrency = draft.optionalTemplate(at(cursor, 'concurrency'))
      const tolerate = compileTolerate(draft, at(cursor, 'tolerate'))
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
        ...(tolerate === undefined ? {} : { tolerate }),
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
    case 'signal':
      return compileSignalStep(draft, base, cursor)
    case 'emit':
      return compileEmit(draft, base, cursor)
    case 'continueAsNew':
      return compileContinueAsNew(draft, base, cursor)
    case 'fail':
      return { ...base, verb, failure: compileFailure(draft, at(cursor, 'fail')) }
    case 'return':
      return {
        ...base,
        verb,
        value: draft.optionalTemplate(at(cursor, 'return')) ?? { kind: 'constant', value: null },
      }
    case 'task':
      return compileOpaque(draft, verb, base, cursor)
  }
}

/** A number of items, or a share of them (`10%`). */
function compileTolerate(draft: Draft, cursor: Cursor | undefined): ForEachStep['tolerate'] {
  const written = jsonOf(cursor)
  if (cursor === undefined || written === undefined) return undefined
  if (typeof written === 'number') return { kind: 'count', value: written }
  const value = Number(String(written).replace('%', ''))
  if (value > 100)
    draft.report(
      'wrong-value',
      cursor,
      `"${String(written)}" is more than all items`,
      'write a share up to 100%',
    )
  return { kind: 'percent', value }
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

/** A step whose verb this release cannot run: its expressions are checked all the same. */
function compileOpaque(draft: Draft, verb: WrittenVerb, base: StepBase, cursor: Cursor): OpaqueStep {
  return opaque(base, verb, [draft.template(at(cursor, verb) ?? cursor)])
}

function opaque(base: StepBase, verb: WrittenVerb, templates: OpaqueStep['templates']): OpaqueStep {
  return {
    id: base.id,
    ...(base.if === undefined ? {} : { if: base.if }),
    ...(base.timeout === undefined ? {} : { timeout: base.timeout }),
    verb: 'unsupported',
    written: verb,
    templates,
  }
}
