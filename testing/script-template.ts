/**
 * Renders a value of a script, in which texts may hold `${ }`, over the scope of one call: `input` and `attempt`.
 * Owns that scope; what a template means is the interpreter's. Called by `scripted-executor.ts`.
 */
import {
  compileExpression,
  defaultLimits,
  type Evaluate,
  type Json,
  type Plan,
  type PlanExpression,
  type Program,
  render,
  type Scope,
  splitTemplate,
  type Template,
} from './engine.ts'
import { isList, isMap } from './scenario-reader.ts'

/** Rejects with a fault where an expression does not parse, fails or gives nothing. */
export async function renderTemplate(
  value: Json,
  call: { readonly input: Json; readonly attempt: number },
): Promise<Json> {
  const expressions: { readonly source: string; readonly evaluate: Evaluate }[] = []
  const template = templateOf(value, expressions)
  if (expressions.length === 0 && template.kind === 'constant') return template.value
  const roots: { readonly [name: string]: Json } = { input: call.input, attempt: call.attempt }
  const scope: Scope = {
    root: (name) => (Object.hasOwn(roots, name) ? roots[name] : undefined),
    result: () => undefined,
    all: () => roots,
  }
  let drawn = 0
  return render(programOf(expressions), template, scope, {
    now: 0,
    // A script has no seed of its own: what it draws is the same each time.
    random: () => (drawn++ * 0.618_033_988_749_895) % 1,
    limits: defaultLimits,
  })
}

function templateOf(
  value: Json,
  expressions: { readonly source: string; readonly evaluate: Evaluate }[],
): Template {
  if (typeof value === 'string') return textTemplate(value, expressions)
  if (isList(value)) return { kind: 'list', items: value.map((item) => templateOf(item, expressions)) }
  if (isMap(value))
    return {
      kind: 'map',
      entries: Object.entries(value).map(([key, item]) => [key, templateOf(item, expressions)]),
    }
  return { kind: 'constant', value }
}

function textTemplate(
  text: string,
  expressions: { readonly source: string; readonly evaluate: Evaluate }[],
): Template {
  const split = splitTemplate(text)
  if (!('parts' in split)) throw new Error(`a "\${" in "${text}" has no end`)
  const parts = split.parts.map((part) => {
    if (part.kind === 'text') return part.text
    return expressions.push({ source: part.source, evaluate: compileExpression(part.source) }) - 1
  })
  const [only, second] = parts
  if (second !== undefined) return { kind: 'text', parts }
  if (typeof only === 'number') return { kind: 'expression', expression: only }
  return { kind: 'constant', value: only ?? '' }
}

function programOf(
  expressions: readonly { readonly source: string; readonly evaluate: Evaluate }[],
): Program {
  const plan: Plan = {
    planVersion: 1,
    name: 'script',
    version: '0.0.0',
    digest: '',
    labels: {},
    vars: [],
    activityDefaults: {},
    signals: {},
    queries: {},
    blocks: {},
    steps: {},
    expressions: expressions.map(
      ({ source }): PlanExpression => ({
        source,
        place: { line: 0, column: 0 },
        path: '',
        names: { steps: [], vars: [], roots: ['input', 'attempt'] },
      }),
    ),
  }
  return { plan, expressions: expressions.map(({ evaluate }) => evaluate) }
}
