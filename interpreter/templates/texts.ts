/** Templates that must give a text which names something: a workflow id, a task queue, the type of an event. Owns the rule and its wording. */
import type { Template } from '../../schema/plan.ts'
import { expressionFault } from '../errors/faults.ts'
import type { Scope } from '../expressions/contract.ts'
import { render } from '../expressions/render.ts'
import type { Turn } from '../fibers/turn.ts'

/** Never empty. Throws a `Fault` (`ExpressionError`) that names the key. */
export async function renderText(turn: Turn, scope: Scope, template: Template, key: string): Promise<string> {
  const value = await render(turn.program, template, scope, turn.context)
  if (typeof value === 'string' && value !== '') return value
  throw expressionFault(`\`${key}\` must be a text, not ${JSON.stringify(value)}`)
}
