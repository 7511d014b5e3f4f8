/** A scope over plain data and a context with a known generator, for the tests of expressions. */

import { Fault } from '../../../interpreter/errors/fault.ts'
import type { EvaluationContext, Scope } from '../../../interpreter/expressions/contract.ts'
import { compileExpression } from '../../../interpreter/expressions/link.ts'
import { nextRandom, seedFrom } from '../../../interpreter/values/random.ts'
import type { Json, JsonObject } from '../../../schema/json.ts'
import { runLimits } from '../../../schema/limits.ts'

export function scopeOver(data: JsonObject): Scope {
  const steps = data['steps']
  const results =
    typeof steps === 'object' && steps !== null && !Array.isArray(steps) ? (steps as JsonObject) : {}
  return {
    root: (name) => (name !== 'steps' && Object.hasOwn(data, name) ? data[name] : undefined),
    result: (id) => (Object.hasOwn(results, id) ? results[id] : undefined),
    all: () => data,
  }
}

export function contextOf(changes: Partial<EvaluationContext['limits']> = {}): EvaluationContext {
  const state = seedFrom('run-1')
  return { now: 86_400_000, random: () => nextRandom(state), limits: { ...runLimits, ...changes } }
}

export async function evaluate(
  source: string,
  data: JsonObject = {},
  context = contextOf(),
): Promise<Json | undefined> {
  return compileExpression(source)(scopeOver(data), context)
}

/** The shape of the fault that the evaluation ends with. */
export async function faultOf(
  source: string,
  data: JsonObject = {},
  context = contextOf(),
): Promise<Fault['shape']> {
  try {
    const value = await evaluate(source, data, context)
    throw new Error(`no fault but ${JSON.stringify(value)}`)
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.shape
    throw thrown
  }
}
