/**
 * Types of errors, as far as they are known before a run: the engine's own, and which others a block can raise. Owns the
 * list of §6 and the matching of patterns; pure.
 */
import type { Draft } from './draft.ts'
import { innerBlocksOf } from './homes.ts'
import type { BlockKey, ErrorPattern, PlanStep } from './plan.ts'

/** Any of these may come out of any block: expressions fail, deadlines pass, runs are canceled. */
export const engineErrorTypes: readonly string[] = (
  'Timeout Canceled Terminated ActivityNotRegistered ActivityInputInvalid ActivityOutputInvalid WorkflowNotFound ' +
  'WorkflowAlreadyRunning ChildWorkflowFailed InputInvalid OutputInvalid SignalInvalid SignalNotDeclared ' +
  'SignalNotExpected QueryNotDeclared QueryInvalid UpdateNotDeclared UpdateInvalid UpdateRejected ExecutionClosed ' +
  'ExecutionPaused SignalTargetNotFound TooManyFailures ExpressionError ExpressionUndefined LimitExceeded CompensationFailed'
).split(' ')

/** As the interpreter matches: `*` stands for any characters, `Canceled` must be named. */
export function matchesPattern(pattern: ErrorPattern, type: string): boolean {
  if (!pattern.includes('*')) return pattern === type
  if (type === 'Canceled') return false
  const [first = '', ...rest] = pattern.split('*')
  if (!type.startsWith(first)) return false
  let at = first.length
  for (const [index, part] of rest.entries()) {
    if (index === rest.length - 1) return type.length - part.length >= at && type.endsWith(part)
    const found = type.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return true
}

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
