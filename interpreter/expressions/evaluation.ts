/**
 * One expression run by jsonata. Owns the compiled instance: its bindings, its meter, and the rule that one evaluation
 * of it runs at a time. Called by `link.ts` where `direct.ts` has no answer.
 *
 * One at a time, because jsonata keeps the time and the place of its functions per instance, and because an evaluation
 * waits for nothing but the processor (which `pace.ts` may give to others first): taking turns costs no time.
 */
import type { Json } from '../../schema/json.ts'
import { Fault } from '../errors/fault.ts'
import { type Assigning, bindBuiltIns } from './built-ins.ts'
import type { EvaluationContext, Scope } from './contract.ts'
import { Meter } from './meter.ts'
import type { Pace } from './pace.ts'
import { plainCopy } from './result.ts'
import { rewrite } from './rewrite.ts'
import { scopeReader } from './scope-reader.ts'
import { describeFailure, type Parsed } from './syntax.ts'

export type Evaluation = (scope: Scope, context: EvaluationContext) => Promise<Json | undefined>

export function compileEvaluation({ expression, root }: Parsed, pace: Pace): Evaluation {
  const read = scopeReader(root)
  let meter: Meter | undefined
  let busy = false
  const waiting: (() => void)[] = []

  function prepare(context: EvaluationContext): Meter {
    const made = new Meter(context, pace)
    // jsonata's `assign` takes symbols too, which its types leave out.
    const assigning: Assigning = expression as never
    const { patterns } = rewrite(root)
    bindBuiltIns(root, assigning, made, patterns)
    assigning.assign(Symbol.for('jsonata.__evaluate_entry'), made.enter)
    assigning.assign(Symbol.for('jsonata.__evaluate_exit'), made.leave)
    return made
  }

  return async (scope, context) => {
    if (busy) await new Promise<void>((resolve) => waiting.push(resolve))
    busy = true
    try {
      meter ??= prepare(context)
      meter.begin(context)
      const { input, bindings } = read(scope)
      const value: unknown = await expression.evaluate(input, bindings)
      return value === undefined ? undefined : plainCopy(value, meter)
    } catch (thrown) {
      throw asFault(thrown)
    } finally {
      meter?.end()
      const next = waiting.shift()
      if (next === undefined) busy = false
      else next()
    }
  }
}

function asFault(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown
  if (thrown instanceof RangeError) return beyondV8(thrown)
  // A function of jsonata that was not given what it reads: its words are V8's.
  if (thrown instanceof TypeError) {
    const message = 'a function was called without what it needs, or with what it cannot take'
    return new Fault({ type: 'ExpressionError', message, retryable: false })
  }
  const { code, message, position } = describeFailure(thrown)
  const details: { [key: string]: Json } = {}
  if (code !== undefined) details['code'] = code
  if (position !== undefined) details['position'] = position
  return new Fault({ type: 'ExpressionError', message, details, retryable: false })
}

/** V8's own bounds, far beyond the limits as they are by default: its stack, and the length of a text. */
function beyondV8(thrown: RangeError): Fault {
  const limit = /call stack/.test(thrown.message)
    ? 'expressionDepth'
    : /length/.test(thrown.message)
      ? 'expressionBytes'
      : null
  if (limit === null) {
    const message = `a function was given a number out of its range: ${thrown.message}`
    return new Fault({ type: 'ExpressionError', message, retryable: false })
  }
  const message =
    'the expression nests or builds more than can be held; likely cause: a value that grows with each round'
  return new Fault({ type: 'LimitExceeded', message, details: { limit }, retryable: false })
}
