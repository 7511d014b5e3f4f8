/**
 * Steps without `compensate` among such that have one. Owns this hint: it is given where something behind the step can still
 * fail, so that what it did would stay while its neighbours are undone. Called by `load.ts`.
 */

import type { Draft, DraftStep } from '../compile/draft.ts'
import type { BlockKey, ParallelStep, StepId } from '../plan.ts'
import { at, pointer } from '../source/cursor.ts'

export function checkCompensations(draft: Draft): void {
  for (const [key, block] of draft.blocks) {
    if (!key.endsWith('/compensate')) checkSiblings(draft, key, block)
  }
  for (const step of draft.steps.values()) if (step.verb === 'parallel') checkBranches(draft, step)
}

/** Side by side any branch may fail when another has done its work. */
function checkBranches(draft: Draft, { branches }: ParallelStep): void {
  const steps = branches.map(({ block }) =>
    (draft.blocks.get(block) ?? []).map((id) => draft.steps.get(id)).filter((step) => step !== undefined),
  )
  const sibling = steps.flat().find(isCompensated)
  if (sibling === undefined) return
  for (const branch of steps) {
    const [first] = branch.filter(acts)
    if (first !== undefined && !branch.some(isCompensated)) report(draft, first, sibling)
  }
}

function checkSiblings(draft: Draft, key: BlockKey, block: readonly StepId[]): void {
  const steps = block.map((id) => draft.steps.get(id)).filter((step) => step !== undefined)
  const first = steps.findIndex(isCompensated)
  if (first < 0 || key === '') return
  for (const [index, step] of steps.entries()) {
    // What stands before the first of them most likely only looks.
    if (index < first || !acts(step) || isCompensated(step)) continue
    if (steps.slice(index + 1).some(mayFail)) report(draft, step, steps[first])
  }
}

function report(draft: Draft, step: DraftStep, sibling: DraftStep | undefined): void {
  const cursor = draft.stepCursors.get(step.id)
  const verb = at(cursor, step.verb)
  if (cursor === undefined || verb === undefined) return
  draft.reporter.report({
    code: 'missing-compensation',
    message: `"${step.id}" has no \`compensate\`, while "${sibling?.id ?? ''}" beside it has one`,
    path: pointer(cursor),
    range: verb.key ?? verb.node.range,
  })
}

function isCompensated(step: DraftStep): boolean {
  return (step.verb === 'activity' || step.verb === 'workflow') && step.compensation !== undefined
}

function acts(step: DraftStep): boolean {
  return step.verb === 'activity' || (step.verb === 'workflow' && !step.detached)
}

/** Not for certain: that an expression or an assignment fails is not what sagas are for. */
function mayFail(step: DraftStep): boolean {
  return (
    step.verb !== 'set' && step.verb !== 'return' && step.verb !== 'emit' && step.verb !== 'continueAsNew'
  )
}
