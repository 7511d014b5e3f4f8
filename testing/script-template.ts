/**
 * Renders a value of a script, in which texts may hold `${ }`, over the scope of one call: `input` and `attempt`.
 * Owns that scope; what a template means is the interpreter's. Called by `scripted-executor.ts`.
 */
import { defaultLimits, interpreter, type Json, type Plan } from '../engine/index.ts'
import { type PlanExpression, render, type Scope, splitTemplate, type Template } from '../engine/test-kit.ts'
import { isList, isMap } from './scenario-reader.ts'

/** Rejects where an expression does not parse, fails or gives nothing. */
export async function renderTemplate(
  value: Json,
  call: { readonly input: Json; readonly attempt: number },
): Promise<Json> {
  try {
    return await renderCall(value, call)
  } catch (error) {
    // The expression has no line of its own; the entry of the script has, and the caller names it.
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(message.replaceAll(' at line 0, column 0', ''), { cause: error })
  }
}

async function renderCall(
  value: Json,
  call: { readonly input: Json; readonly attempt: number },
): Promise<Json> {
  const sources: string[] = []
  const template = templateOf(value, sources)
  if (sources.length === 0 && template.kind === 'constant') return template.value
  const roots: { readonly [name: string]: Json } = { input: call.input, attempt: call.attempt }
  const scope: Scope = {
    root: (name) => (Object.hasOwn(roots, name) ? roots[name] : undefined),
    result: () => undefined,
    all: () => roots,
  }
  let drawn = 0
  return render(interpreter.link(planOf(sources)), template, scope, {
    now: 0,
    // A script has no seed of its own: what it draws is the same each time.
    random: () => (drawn++ * 0.618_033_988_749_895) % 1,
    limits: defaultLimits,
  })
}

function templateOf(value: Json, sources: string[]): Template {
  if (typeof value === 'string') return textTemplate(value, sources)
  if (isList(value)) return { kind: 'list', items: value.map((item) => templateOf(item, sources)) }
  if (isMap(value))
    return {
      kind: 'map',
      entries: Object.entries(value).map(([key, item]) => [key, templateOf(item, sources)]),
    }
  return { kind: 'constant', value }
}

function textTemplate(text: string, sources: string[]): Template {
  const split = splitTemplate(text)
  if (!('parts' in split)) throw new Error(`a "\${" in "${text}" has no end`)
  const parts = split.parts.map((part) => {
    if (part.kind === 'text') return part.text
    return sources.push(part.source) - 1
  })
  const [only, second] = parts
  if (second !== undefined) return { kind: 'text', parts }
  if (typeof only === 'number') return { kind: 'expression', expression: only }
  return { kind: 'constant', value: only ?? '' }
}

/** No more of a plan than expressions: nothing runs in it. */
function planOf(sources: readonly string[]): Plan {
  return {
    planVersion: 2,
    name: 'script',
    version: '0.0.0',
    digest: '',
    labels: {},
    vars: [],
    activityDefaults: {},
    signals: {},
    queries: {},
    updates: {},
    saga: { order: 'sequential', onFailure: 'continue' },
    blocks: {},
    steps: {},
    expressions: sources.map(
      (source): PlanExpression => ({
        source,
        place: { line: 0, column: 0 },
        path: '',
        names: { steps: [], vars: [], roots: ['input', 'attempt'] },
      }),
    ),
  }
}
