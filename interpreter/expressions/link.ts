/**
 * Makes the closures of a plan's expressions. Owns the choice between `direct.ts` and jsonata, and puts the source and
 * its place into the details of every fault. Called when a definition is loaded, once per process.
 */

import { compileSchemaCheck } from '../../schema/input.ts'
import type { Json } from '../../schema/json.ts'
import type { Place, Plan } from '../../schema/plan.ts'
import { Fault } from '../errors/fault.ts'
import type { Program } from '../program.ts'
import { storableText } from '../values/values.ts'
import type { Evaluate } from './contract.ts'
import { compileDirect, unsure } from './direct.ts'
import { compileEvaluation, type Evaluation } from './evaluation.ts'
import { noPace, type Pace } from './pace.ts'
import { parse } from './syntax.ts'

/** Throws a Fault of type `ExpressionError` where an expression does not parse: the validator has not seen the plan. */
export function linkPlan(plan: Plan, pace: Pace = noPace): Program {
  return {
    plan,
    expressions: plan.expressions.map(({ source, place }) => compile(source, place, pace)),
    checkOutput: plan.outputSchema === undefined ? null : compileSchemaCheck(plan.outputSchema),
  }
}

/** One expression by itself, such as a scripted activity's answer in a test. */
export function compileExpression(source: string): Evaluate {
  return compile(source, null, noPace)
}

function compile(source: string, place: Place | null, pace: Pace): Evaluate {
  const located = (thrown: unknown): unknown => withPlace(thrown, source, place)
  try {
    const parsed = parse(source)
    const direct = compileDirect(parsed.root)
    // Made when first needed: most expressions never ask jsonata.
    let evaluation: Evaluation | undefined
    const throughJsonata: Evaluate = (scope, context) => {
      evaluation ??= compileEvaluation(parsed, pace)
      return evaluation(scope, context).catch((thrown: unknown) => {
        throw located(thrown)
      })
    }
    if (direct === null) return throughJsonata
    return (scope, context) => {
      const value = direct(scope)
      return value === unsure ? throughJsonata(scope, context) : value
    }
  } catch (thrown) {
    throw located(thrown)
  }
}

function withPlace(thrown: unknown, source: string, place: Place | null): unknown {
  if (!(thrown instanceof Fault)) return thrown
  const { type, message, details, retryable } = thrown.shape
  const known = details !== undefined && details !== null && isObject(details) ? details : {}
  return new Fault({
    type,
    message: `${message} — in \${ ${shortened(source)} }${place === null ? '' : ` at line ${place.line}, column ${place.column}`}`,
    details: {
      expression: source,
      ...(place === null ? {} : { line: place.line, column: place.column }),
      ...known,
    },
    ...(retryable === undefined ? {} : { retryable }),
  })
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Longest source that a message quotes; the details have it whole. */
const quotedCharacters = 120

export function shortened(source: string): string {
  return storableText(source.trim().replaceAll(/\s+/g, ' '), quotedCharacters)
}
