/** Which types of errors the author of a block gave to what it can raise; the engine's own are in `fault-catalogue.ts`. Pure. */
import type { Draft } from '../compile/draft.ts'
import type { BlockKey, PlanStep } from '../plan.ts'
import { innerBlocksOf } from './homes.ts'

/** The types that authors gave to errors inside the block; null: they cannot be told, as an activity raises any. */
export function ownErrorTypes(draft: Draft, block: BlockKey): ReadonlySet<string> | null {
  const types = new Set<string>()
  const waiting: BlockKey[] = [block]
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    for (const id of draft.blocks.get(key) ?? []) {
      const step = draft.steps.get(id)
      if (step === undefined || step.verb === 'activity' || step.verb === 'unsupported') return null
      if (step.verb === 'fail' && !addFailure(types, step)) return null
      waiting.push(...innerBlocksOf(step))
    }
  }
  return types
}

function addFailure(types: Set<string>, { failure }: Extract<PlanStep, { verb: 'fail' }>): boolean {
  if (failure.kind === 'rethrow') return false
  if (failure.type.kind !== 'constant') return false
  types.add(String(failure.type.value))
  return true
}
