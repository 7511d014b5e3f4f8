/** Durations and times at run time: constants of the plan, or what a template gives, checked. */
import { parseDuration } from '../../schema/duration.ts'
import type { PlanDuration, Template } from '../../schema/plan.ts'
import { expressionFault } from '../errors/faults.ts'
import type { Scope } from '../expressions/contract.ts'
import { render } from '../expressions/render.ts'
import type { Turn } from '../fibers/turn.ts'
import { parseInstant } from '../values/time.ts'

/** Milliseconds. */
export async function resolveDuration(turn: Turn, scope: Scope, duration: PlanDuration): Promise<number> {
  if ('ms' in duration) return duration.ms
  const value = await render(turn.program, duration.template, scope, turn.context)
  const ms = typeof value === 'string' ? parseDuration(value) : null
  if (ms !== null) return ms
  throw expressionFault(`a duration must be a text such as '30s' or 'PT5M', not ${JSON.stringify(value)}`, {
    line: duration.place.line,
    column: duration.place.column,
  })
}

/** A time that a template gives: ISO 8601 with an offset, or a date, which begins at midnight UTC. */
export async function resolveInstant(turn: Turn, scope: Scope, template: Template): Promise<number> {
  const value = await render(turn.program, template, scope, turn.context)
  const instant = typeof value === 'string' ? parseInstant(value) : null
  if (instant !== null) return instant
  throw expressionFault(`a time must be a text such as '2026-03-01T09:00:00Z', not ${JSON.stringify(value)}`)
}
