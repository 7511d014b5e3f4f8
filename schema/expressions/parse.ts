/**
 * JSONata text to its syntax tree, within bounds, and the hint for what people write from other languages. Owns parsing
 * and those hints; what a tree names is read by `expressions/facts.ts`.
 */
import jsonata from 'jsonata'

/** A node of JSONata's tree, as far as it is known to be one. */
export interface SyntaxNode {
  readonly type: string
  readonly [key: string]: unknown
}

export type ParsedExpression =
  | { readonly tree: SyntaxNode }
  /** `at`: index into the source. */
  | { readonly message: string; readonly at: number; readonly suggestion?: string }

/** JSONata copies the left operand of `??` and `?:`, so that nested ones double; real expressions stay far below. */
const largestCopies = 200_000

export function parseExpression(source: string): ParsedExpression {
  if (source === '')
    return {
      message: 'the expression is empty',
      at: 0,
      suggestion: 'write an expression, or leave the key out',
    }
  if (copiedSize(source) > largestCopies) {
    return {
      message: '`??` or `?:` are nested too deep in their left operands',
      at: 0,
      suggestion: 'bind the inner value: ($x := …; $x ?? …)',
    }
  }
  try {
    const tree: unknown = jsonata(source).ast()
    if (isSyntaxNode(tree)) return { tree }
    return { message: 'the expression has no syntax tree', at: 0 }
  } catch (error) {
    if (error instanceof RangeError)
      return {
        message: 'the expression is nested too deep',
        at: 0,
        suggestion: 'take parts of it into variables',
      }
    return explain(source, error)
  }
}

export function isSyntaxNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

function explain(source: string, error: unknown): ParsedExpression {
  const { message, position, token } = readError(error)
  if (token === endToken) return unfinished(source, message)
  const end = Math.max(0, Math.min(position ?? source.length, source.length))
  const at = Math.max(0, end - (token?.length ?? 1))
  const suggestion = hintFor(source, at) ?? closing(message)
  return {
    message,
    at: Math.min(at, Math.max(0, source.length - 1)),
    ...(suggestion === undefined ? {} : { suggestion }),
  }
}

/** What JSONata calls the end of a source, where it names the token that it did not expect. */
const endToken = '(end)'

function unfinished(source: string, message: string): ParsedExpression {
  const at = Math.max(0, source.trimEnd().length - 1)
  const suggestion = hintFor(source, at) ?? closing(message)
  return { message, at, ...(suggestion === undefined ? {} : { suggestion }) }
}

/** What JSONata says that it lacks at the end. */
function closing(message: string): string | undefined {
  const [, missing] = /^Expected "([)\]}])" before end/.exec(message) ?? []
  return missing === undefined ? undefined : `write the missing ${missing}`
}

/** Applied to an expression that does not parse; the first that fits is most likely what was meant. */
const hints: readonly (readonly [pattern: RegExp, suggestion: string])[] = [
  [/^\{[\s\S]*\}$/, 'write ${ … } with single braces'],
  [/\$\{/, 'inside `${ }` names stand as they are, without another `${ }`'],
  [/!==/, 'inequality is written !='],
  [/(?<!!)===?/, 'equality is written with a single ='],
  [/<>/, 'inequality is written !='],
  [/&&|\bAND\b/, 'write `and`'],
  [/\|\||\bOR\b/, 'write `or`, or `??` for a default'],
  [/\b(?:not|NOT)\b\s*[^\s(]|\bnot\s+\(/, 'there is no operator `not`; write $not(…)'],
  [/!(?!=)/, 'there is no operator `!`; write $not(…)'],
  [/\?\./, 'a path over nothing gives nothing, so `?.` is just `.`'],
  [/\?\s*:/, 'a default is written a ?: b without a blank, or a ?? b'],
  [/\+\+|\+=|-=/, 'expressions change nothing; assign with `set: { n: ${ vars.n + 1 } }`'],
  [/=>/, 'a function is written function($x) { … }'],
  [/`[^`]*\$\{/, 'join texts with &, as in "a " & b'],
  [/\bis\s+(?:not\s+)?(?:null|None|undefined|defined|empty)\b/i, 'write x = null, or $exists(x)'],
  [/\b(?:like|matches|contains|LIKE)\b/, 'write $contains(text, part), or $match(text, /…/)'],
  [/\S\s+(?:if|unless)\s/, 'a choice is written condition ? one : other'],
  [/^\s*if\b|\bthen\b/, 'a choice is written condition ? one : other'],
  [/\bfor\b/, 'each item of a list is list.(…), or $map(list, function($x) { … })'],
  [/\bnew\s/, 'there are no objects to make; the time is $now() or $millis()'],
  [/\|\s*[a-z]/, 'filters are functions, $name(x), or x ~> $name; a default is x ?? y'],
  [/\d,\d/, 'a decimal point is written .'],
  [/;\s*$/, 'leave the ; at the end out, or put several expressions into ( … ; … )'],
]

/** Of the hints that fit, the one whose match begins nearest to the error. */
function hintFor(source: string, at: number): string | undefined {
  const plain = source.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, (text) => ' '.repeat(text.length))
  let best: string | undefined
  let nearest = Number.POSITIVE_INFINITY
  for (const [pattern, suggestion] of hints) {
    const match = pattern.exec(plain)
    if (match === null) continue
    const distance = pattern.source.startsWith('^') ? 0 : Math.abs(match.index - at)
    if (distance < nearest) {
      best = suggestion
      nearest = distance
    }
  }
  return best
}

function readError(error: unknown): { message: string; position?: number; token?: string } {
  if (typeof error !== 'object' || error === null) return { message: 'the expression is not JSONata' }
  const message =
    'message' in error && typeof error.message === 'string' ? error.message : 'the expression is not JSONata'
  const position = 'position' in error && typeof error.position === 'number' ? error.position : undefined
  const token = 'token' in error && typeof error.token === 'string' ? error.token : undefined
  return {
    message,
    ...(position === undefined ? {} : { position }),
    ...(token === undefined ? {} : { token }),
  }
}

/** An estimate of the tokens that the tree will hold once every left operand is copied. */
function copiedSize(source: string): number {
  if (!/\?\?|\?:/.test(source)) return 0
  const groups = [{ total: 0, segment: 0 }]
  for (const [token] of source.matchAll(
    /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\?\?|\?:|[([{]|[)\]}]|[,;]|[^\s"'?()[\]{},;]+|\?/g,
  )) {
    const group = groups.at(-1)
    if (group === undefined) return Number.POSITIVE_INFINITY
    if (token === '(' || token === '[' || token === '{') {
      groups.push({ total: 0, segment: 1 })
    } else if (token === ')' || token === ']' || token === '}') {
      groups.pop()
      const outer = groups.at(-1)
      if (outer !== undefined) outer.segment += group.total + group.segment
    } else if (token === '??' || token === '?:') {
      group.total += 2 * group.segment
      group.segment = 0
    } else if (token === ',' || token === ';') {
      group.total += group.segment
      group.segment = 0
    } else {
      group.segment++
    }
  }
  return groups.reduce((sum, group) => sum + group.total + group.segment, 0)
}
