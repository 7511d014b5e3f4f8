/** The blocks of a step, for who walks a plan. A new verb does not compile until it is here. Compensations are not among them. */
import type { BlockKey, Plan, PlanStep, StepId } from '../schema/plan.ts'
import { transitionsOf } from '../schema/states.ts'

function blocksOf(step: PlanStep): readonly BlockKey[] {
  switch (step.verb) {
    case 'activity':
    case 'workflow':
    case 'wait':
    case 'set':
    case 'signal':
    case 'emit':
    case 'fail':
    case 'return':
    case 'continueAsNew':
      return none
    case 'do':
      return [step.block, ...given(step.otherwise)]
    case 'switch':
      return [...step.cases.map(({ block }) => block), ...given(step.otherwise)]
    case 'parallel':
      return step.branches.map(({ block }) => block)
    case 'forEach':
    case 'while':
    case 'until':
      return [step.block]
    case 'try':
      return [step.block, ...step.catches.map(({ block }) => block), ...given(step.finally)]
    case 'states':
      return Object.values(step.states).flatMap((state) => [
        ...given(state.block),
        ...transitionsOf(state).flatMap(({ block }) => given(block)),
      ])
    default:
      return step satisfies never
  }
}

/** The steps of a block and of all blocks inside it. */
export function stepsInside(plan: Plan, block: BlockKey): readonly StepId[] {
  return (plan.blocks[block] ?? []).flatMap((id) => {
    const step = plan.steps[id]
    return step === undefined ? [id] : [id, ...blocksOf(step).flatMap((inner) => stepsInside(plan, inner))]
  })
}

const none: readonly BlockKey[] = []

function given(block: BlockKey | undefined): readonly BlockKey[] {
  return block === undefined ? none : [block]
}
