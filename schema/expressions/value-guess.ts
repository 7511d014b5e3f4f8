/**
 * What the form of an expression tells of the type of its value: a text joined with `&` is a string, `$count(…)` a number, a
 * path is what stands there. Owns these rules, read from the syntax tree; what stands at a path is `known-types.ts`'s. Pure.
 */
import { isSyntaxNode, type SyntaxNode } from './parse.ts'
import { listOf, recordOf } from './syntax-tree.ts'

export type ValueGuess =
  | { readonly kind: 'types'; readonly types: readonly string[] }
  /** Names alone, from the root of the scope. */
  | { readonly kind: 'path'; readonly names: readonly string[] }
  /** The value is one of these. */
  | { readonly kind: 'either'; readonly guesses: readonly ValueGuess[] }

const functionsOf = {
  string:
    'string substring substringBefore substringAfter uppercase lowercase trim pad join replace now fromMillis ' +
    'formatNumber formatBase formatInteger base64encode base64decode encodeUrl encodeUrlComponent decodeUrl ' +
    'decodeUrlComponent type uuid addDuration',
  number:
    'length count sum max min average abs floor ceil round power sqrt random number millis toMillis parseInteger',
  boolean: 'boolean not exists contains',
}
const typeOfFunction = new Map(
  Object.entries(functionsOf).flatMap(([type, names]) =>
    names.split(' ').map((name) => [name, type] as const),
  ),
)
const typeOfOperator: { readonly [operator: string]: string } = {
  '&': 'string',
  '+': 'number',
  '-': 'number',
  '*': 'number',
  '/': 'number',
  '%': 'number',
  '=': 'boolean',
  '!=': 'boolean',
  '<': 'boolean',
  '<=': 'boolean',
  '>': 'boolean',
  '>=': 'boolean',
  and: 'boolean',
  or: 'boolean',
  in: 'boolean',
}

/** `bound`: names that the expression binds itself, which may be functions of its own. Undefined: nothing can be told. */
export function guessValue(node: unknown, bound: ReadonlySet<string>): ValueGuess | undefined {
  if (!isSyntaxNode(node) || isChanged(node)) return undefined
  const written = String(node['value'])
  switch (node.type) {
    case 'string':
    case 'number':
      return ofType(node.type)
    case 'value':
      return ofType(node['value'] === null ? 'null' : typeof node['value'])
    case 'binary':
      return ofType(typeOfOperator[written])
    case 'unary':
      return ofType(written === '[' ? 'array' : written === '{' ? 'object' : 'number')
    case 'function': {
      const name = String(recordOf(node['procedure'])['value'])
      return bound.has(name) ? undefined : ofType(typeOfFunction.get(name))
    }
    case 'condition':
      return either([node['then'], node['else']], bound)
    case 'block': {
      const expressions = listOf(node['expressions'])
      return expressions.length === 1 ? guessValue(expressions[0], bound) : undefined
    }
    case 'path':
      return pathOf(listOf(node['steps']), bound)
    default:
      return undefined
  }
}

/** A filter, a grouping or `[]` behind it makes another value of it. */
function isChanged(node: SyntaxNode): boolean {
  return (
    listOf(node['stages']).length + listOf(node['predicate']).length > 0 ||
    ['group', 'focus', 'index', 'keepArray', 'keepSingletonArray'].some((key) => Boolean(node[key]))
  )
}

function ofType(type: string | undefined): ValueGuess | undefined {
  return type === undefined ? undefined : { kind: 'types', types: [type] }
}

/** Without `else` there is nothing, which no template takes. */
function either(nodes: readonly unknown[], bound: ReadonlySet<string>): ValueGuess | undefined {
  const guesses: ValueGuess[] = []
  for (const node of nodes) {
    if (node === undefined) continue
    const guess = guessValue(node, bound)
    if (guess === undefined) return undefined
    guesses.push(guess)
  }
  return { kind: 'either', guesses }
}

function pathOf(steps: readonly unknown[], bound: ReadonlySet<string>): ValueGuess | undefined {
  const names: string[] = []
  for (const [index, step] of steps.entries()) {
    if (!isSyntaxNode(step) || isChanged(step)) return undefined
    const name = String(step['value'])
    const isName = step.type === 'name' || (step.type === 'variable' && index === 0 && !bound.has(name))
    if (!isName) return undefined
    names.push(name)
  }
  return { kind: 'path', names }
}
