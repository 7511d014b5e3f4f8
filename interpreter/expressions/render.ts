/**
 * Templates to values. Owns what a `${ }` that gives nothing means and how parts become text (docs/language/expressions.md).
 * Called by the verbs. Synchronous where every part is, so that a step of plain paths costs no turn of the event loop.
 */
import type { Json } from '../../schema/json.ts'
import type { ExpressionIndex, Template } from '../../schema/plan.ts'
import { Fault } from '../errors/fault.ts'
import type { Program } from '../program.ts'
import type { EvaluationContext, Scope } from './contract.ts'
import { shortened } from './link.ts'
import { limitExceeded } from './meter.ts'
import { textOf } from './text.ts'

/**
 * Throws (or rejects with) a Fault: `ExpressionUndefined` where a part gives nothing, `ExpressionError`, `LimitExceeded`.
 * The value may share parts with the scope: nobody may change it.
 */
export function render(
  program: Program,
  template: Template,
  scope: Scope,
  context: EvaluationContext,
): Json | Promise<Json> {
  switch (template.kind) {
    case 'constant':
      return template.value
    case 'expression':
      return defined(program, template.expression, scope, context)
    case 'text':
      return inOrder(
        template.parts.length,
        (index) => {
          const part = template.parts[index]
          if (part === undefined || typeof part === 'string') return part ?? ''
          const value = defined(program, part, scope, context)
          return value instanceof Promise ? value.then(textOf) : textOf(value)
        },
        (parts) => joined(parts, context.limits.expressionBytes),
      )
    case 'list':
      return inOrder(
        template.items.length,
        (index) => render(program, template.items[index] ?? absent, scope, context),
        (items) => items,
      )
    case 'map':
      return inOrder(
        template.entries.length,
        (index) => render(program, template.entries[index]?.[1] ?? absent, scope, context),
        (values) => {
          const map: { [key: string]: Json } = {}
          for (const [index, [key]] of template.entries.entries()) map[key] = values[index] ?? null
          return map
        },
      )
    default:
      return template satisfies never
  }
}

/** Undefined for nothing. */
export function evaluateValue(
  program: Program,
  index: ExpressionIndex,
  scope: Scope,
  context: EvaluationContext,
): Json | undefined | Promise<Json | undefined> {
  const evaluate = program.expressions[index]
  if (evaluate === undefined) throw new Error(`the plan has no expression ${index}`)
  return evaluate(scope, context)
}

export function evaluateCondition(
  program: Program,
  index: ExpressionIndex,
  scope: Scope,
  context: EvaluationContext,
): boolean | Promise<boolean> {
  const value = evaluateValue(program, index, scope, context)
  return isPending(value)
    ? value.then((given) => truthOf(program, index, given))
    : truthOf(program, index, value)
}

function isPending(value: unknown): value is Promise<Json | undefined> {
  return value instanceof Promise
}

function defined(
  program: Program,
  index: ExpressionIndex,
  scope: Scope,
  context: EvaluationContext,
): Json | Promise<Json> {
  const value = evaluateValue(program, index, scope, context)
  if (isPending(value)) return value.then((given) => given ?? nothing(program, index, given))
  return value ?? nothing(program, index, value)
}

/** Null is a value; undefined is not. */
function nothing(program: Program, index: ExpressionIndex, value: null | undefined): null {
  if (value === null) return null
  throw fault(
    program,
    index,
    'ExpressionUndefined',
    'gave nothing: name a default with `??`, or ask with `$exists`',
  )
}

function truthOf(program: Program, index: ExpressionIndex, value: Json | undefined): boolean {
  if (typeof value === 'boolean') return value
  if (value === undefined) {
    throw fault(
      program,
      index,
      'ExpressionUndefined',
      'is a condition and gave nothing: name a default with `??`, or ask with `$exists`',
    )
  }
  const kind = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`
  throw fault(
    program,
    index,
    'ExpressionError',
    `is a condition and gave ${kind}, not true or false: wrap it in \`$exists\` or \`$boolean\``,
  )
}

function fault(program: Program, index: ExpressionIndex, type: string, what: string): Fault {
  const expression = program.plan.expressions[index]
  const source = expression?.source ?? ''
  const place = expression?.place
  return new Fault({
    type,
    message: `\${ ${shortened(source)} } at line ${place?.line ?? 0}, column ${place?.column ?? 0} ${what}`,
    details: {
      expression: source,
      ...(place === undefined ? {} : { line: place.line, column: place.column }),
      ...(expression === undefined ? {} : { path: expression.path }),
    },
    retryable: false,
  })
}

/** Counted before it is built: beyond half a gigabyte it would be an error of the machine, not of the step. */
function joined(parts: readonly Json[], expressionBytes: number): string {
  let length = 0
  for (const part of parts) if (typeof part === 'string') length += part.length
  if (length > expressionBytes) throw limitExceeded('expressionBytes', expressionBytes)
  return parts.join('')
}

/** Stands for a place that is not there; never rendered. */
const absent: Template = { kind: 'constant', value: null }

/**
 * The parts one after the other, never at once: how long one waits for its turn may depend on other runs, and the
 * order of `$random()` may not.
 */
function inOrder(
  count: number,
  part: (index: number) => Json | Promise<Json>,
  whole: (parts: readonly Json[]) => Json,
): Json | Promise<Json> {
  const parts: Json[] = []
  for (let index = 0; index < count; index++) {
    const value = part(index)
    if (value instanceof Promise) return restInOrder(parts, value, count, part, whole)
    parts.push(value)
  }
  return whole(parts)
}

async function restInOrder(
  parts: Json[],
  pending: Promise<Json>,
  count: number,
  part: (index: number) => Json | Promise<Json>,
  whole: (parts: readonly Json[]) => Json,
): Promise<Json> {
  parts.push(await pending)
  for (let index = parts.length; index < count; index++) parts.push(await part(index))
  return whole(parts)
}
