/** For each step of a draft the scopes that it stands in, outermost first. Pure; the same block keys as in a plan. */
import type { DraftDocument } from '../compile/compile.ts'
import type { Draft, DraftStep } from '../compile/draft.ts'
import type { BlockKey, StepId } from '../plan.ts'
import { transitionsOf } from '../states.ts'
import type { ScopeMark } from './visibility.ts'

export function homesOf(draft: Draft, document: DraftDocument): ReadonlyMap<StepId, readonly ScopeMark[]> {
  const homes = new Map<StepId, readonly ScopeMark[]>()
  const visit = (block: BlockKey, marks: readonly ScopeMark[]) => {
    for (const id of draft.blocks.get(block) ?? []) {
      homes.set(id, marks)
      const step = draft.steps.get(id)
      if (step === undefined) continue
      for (const [inner, mark] of innerBlocks(step)) visit(inner, mark === null ? marks : [...marks, mark])
    }
  }
  visit('main', [])
  for (const group of [document.signals, document.updates]) {
    for (const [name, { block }] of group)
      if (block !== undefined) visit(block, [{ kind: 'handler', owner: block, name }])
  }
  return homes
}

/** The blocks inside a step, those of its compensation included. */
export function innerBlocksOf(step: DraftStep): readonly BlockKey[] {
  return innerBlocks(step).map(([block]) => block)
}

/** The blocks of a step, each with the scope that it opens, or null. */
function innerBlocks(step: DraftStep): readonly (readonly [BlockKey, ScopeMark | null])[] {
  const owner = step.id
  switch (step.verb) {
    case 'do':
      return [step.block, step.otherwise].filter((block) => block !== undefined).map((block) => [block, null])
    case 'switch':
      return [...step.cases.map(({ block }) => block), step.otherwise]
        .filter((block) => block !== undefined)
        .map((block) => [block, null])
    case 'try':
      return [step.block, ...step.catches.map(({ block }) => block), step.finally]
        .filter((block) => block !== undefined)
        .map((block) => [block, null])
    case 'parallel':
      return step.branches.map(({ name, block }) => [block, { kind: 'branch', owner, name }])
    case 'forEach':
    case 'while':
    case 'until':
      return [[step.block, { kind: 'iteration', owner, name: '' }]]
    case 'activity':
    case 'workflow':
      return step.compensation === undefined
        ? []
        : [[step.compensation.block, { kind: 'compensation', owner, name: '' }]]
    case 'states':
      return Object.values(step.states)
        .flatMap((state) => [state.block, ...transitionsOf(state).map(({ block }) => block)])
        .filter((block) => block !== undefined)
        .map((block) => [block, null])
    case 'wait':
    case 'set':
    case 'signal':
    case 'emit':
    case 'fail':
    case 'return':
    case 'continueAsNew':
    case 'unsupported':
      return []
  }
}
