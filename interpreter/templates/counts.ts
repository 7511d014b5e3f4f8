/** Templates that must give a count: how often, how many at once. Owns the rule and its wording, as `texts.ts` does for names. */
import type { Template } from '../../schema/plan.ts'
import { expressionFault, limitFault } from '../errors/faults.ts'
import type { Scope } from '../expressions/contract.ts'
import { render } from '../expressions/render.ts'
import type { Turn } from '../fibers/turn.ts'

/** A whole number from 1. Throws a `Fault` (`ExpressionError`) that names the key. */
export async function renderCount(
  turn: Turn,
  scope: Scope,
  template: Template,
  key: string,
): Promise<number> {
  const value = await render(turn.program, template, scope, turn.context)
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value
  throw expressionFault(`\`${key}\` must be a whole number from 1, not ${JSON.stringify(value)}`)
}

/** How many may be in flight at once: `concurrency` of items and of handlers. Throws a `Fault`, over its limit too. */
export async function renderConcurrency(turn: Turn, scope: Scope, template: Template): Promise<number> {
  const value = await renderCount(turn, scope, template, 'concurrency')
  const allowed = turn.state.limits.concurrency
  if (value > allowed) throw limitFault('concurrency', allowed, `\`concurrency\` is ${value}`)
  return value
}
