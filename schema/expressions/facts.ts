/**
 * What an expression names, read from its syntax tree: steps, variables, other roots, functions, and where each stands.
 * Owns the walk, which knows JSONata's contexts (the scope, or an item of a path or predicate) but not which names exist;
 * `checks/scope.ts` judges the facts, `references.ts` folds them for the plan.
 */
import { isSyntaxNode, type SyntaxNode } from './parse.ts'
import { collapses, collectBound, isExistsCall, provenBy, provenByNot } from './shapes.ts'
import { listOf, pairsOf, positionOf, recordOf } from './syntax-tree.ts'
import { guessValue, type ValueGuess } from './value-guess.ts'

export interface NameUse {
  readonly name: string
  /** Index into the source, and how long the name is there. */
  readonly at: number
  readonly length: number
}

export interface StepUse extends NameUse {
  /** Read under `$exists`, or left of `??` or `?:`: nothing is expected there. */
  readonly guarded: boolean
  /** Right of a `??` or `?:` whose left side reads a step: the other one of two. */
  readonly alternative: boolean
}

export interface RootUse extends NameUse {
  /** The field that is read of it, where that is certain. */
  readonly field?: string
  /** That field and the fields read of it in turn, as far as names alone lead. */
  readonly fields: readonly NameUse[]
  /** As of a step. */
  readonly guarded: boolean
  /** Written `$name`. */
  readonly dollar: boolean
  /** Written `$.name`, or `$$.name`. */
  readonly context: boolean
}

export interface ExpressionFacts {
  readonly steps: readonly StepUse[]
  readonly variables: readonly NameUse[]
  /** `steps` or `vars` as a whole: which ones cannot be told. */
  readonly allSteps: boolean
  readonly allVariables: boolean
  /** Names at the root, `steps` and `vars` included. */
  readonly roots: readonly RootUse[]
  /** Bare names at the head of a path inside a predicate or after a dot: fields of the item. */
  readonly itemHeads: readonly RootUse[]
  readonly functions: readonly NameUse[]
  /** Called without a `$`, on an item: `name.toUpperCase()`. Data holds no functions. */
  readonly methods: readonly NameUse[]
  /** Texts that stand at a `+`, which adds numbers. */
  readonly addedTexts: readonly NameUse[]
  /** Texts that are the whole of a filter: `steps['charge']`. */
  readonly textFilters: readonly NameUse[]
  readonly regexes: readonly { readonly pattern: RegExp; readonly at: number }[]
  /** Steps that exist for certain where the expression is true: `$exists(steps.x) and …`. */
  readonly provenSteps: readonly string[]
  /** Steps that exist for certain where it is false: `$not($exists(steps.x))`. */
  readonly provenOtherwise: readonly string[]
  /** A filter whose single match becomes the bare item: no `[]` keeps the list. */
  readonly mayCollapse: boolean
  /** What can be told of its value. */
  readonly value?: ValueGuess
}

interface Context {
  readonly item: boolean
  readonly guarded: boolean
  readonly alternative: boolean
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer Item)[] ? Item[] : T[K] }

interface Walk {
  readonly source: string
  readonly facts: Mutable<ExpressionFacts>
  /** Names that the expression itself binds: arguments, `:=`, `@$x`, `#$x`. */
  readonly bound: ReadonlySet<string>
}

const atRoot: Context = { item: false, guarded: false, alternative: false }

/** Of an expression that does not parse, and what reading one begins with. */
export function noFacts(): Mutable<ExpressionFacts> {
  return {
    steps: [],
    variables: [],
    allSteps: false,
    allVariables: false,
    roots: [],
    itemHeads: [],
    functions: [],
    methods: [],
    addedTexts: [],
    textFilters: [],
    regexes: [],
    provenSteps: [],
    provenOtherwise: [],
    mayCollapse: false,
  }
}

export function readFacts(source: string, tree: SyntaxNode): ExpressionFacts {
  const facts = noFacts()
  const bound = new Set<string>()
  collectBound(tree, bound)
  const walk: Walk = { source, facts, bound }
  visit(walk, tree, atRoot)
  facts.provenSteps = provenBy(tree)
  facts.provenOtherwise = provenByNot(tree)
  facts.mayCollapse = collapses(tree)
  const value = guessValue(tree, bound)
  return value === undefined ? facts : { ...facts, value }
}

function visit(walk: Walk, node: unknown, context: Context): void {
  if (Array.isArray(node)) {
    for (const item of node) visit(walk, item, context)
    return
  }
  if (!isSyntaxNode(node)) return
  switch (node.type) {
    case 'path':
      visitPath(walk, listOf(node['steps']), context)
      visit(walk, pairsOf(node['group']), { ...context, item: true })
      return
    case 'name':
    case 'variable':
    case 'wildcard':
    case 'descendant':
      visitPath(walk, [node], context)
      return
    case 'function':
    case 'partial':
      visitCall(walk, node, context)
      return
    case 'apply':
      visit(walk, node['lhs'], context)
      visitCallee(walk, node['rhs'], context)
      return
    case 'bind':
      visit(walk, node['rhs'], context)
      return
    case 'lambda':
      visit(walk, node['body'], context)
      return
    case 'condition':
      visitCondition(walk, node, context)
      return
    case 'transform':
      for (const part of ['pattern', 'update', 'delete']) visit(walk, node[part], { ...context, item: true })
      return
    case 'sort':
      for (const term of listOf(node['terms']))
        visit(walk, recordOf(term)['expression'], { ...context, item: true })
      return
    case 'regex':
      if (node['value'] instanceof RegExp) {
        const end = positionOf(node)
        const length = node['value'].source.length + 2
        walk.facts.regexes.push({ pattern: node['value'], at: Math.max(0, end - length) })
      }
      return
    default:
      if (node.type === 'binary' && node['value'] === '+') noteTexts(walk, [node['lhs'], node['rhs']])
      for (const part of ['lhs', 'rhs', 'expression', 'expressions']) visit(walk, node[part], context)
      visitStages(walk, node, context)
      visit(walk, pairsOf(node['group']), { ...context, item: true })
  }
}

/** `a.b[c].(d)`: the head is read in the context, all that follows in the items that it gives. */
function visitPath(walk: Walk, path: readonly unknown[], context: Context): void {
  const [head, ...rest] = path
  if (!isSyntaxNode(head)) return
  const fields = hasStages(head) || bindsItem(head) ? [] : leadingNames(rest)
  const [field, ...further] = fields
  if (head.type === 'name') {
    useName(walk, head, fields, context.item ? 'item' : 'scope', context)
  } else if (head.type === 'variable') {
    const name = String(head['value'])
    const isScope = name === '$' || (name === '' && !context.item)
    if (isScope && field !== undefined) {
      useName(walk, field, hasStages(field) ? [] : further, 'context', context)
    } else if (isScope) {
      walk.facts.allSteps = true
      walk.facts.allVariables = true
    } else if (name !== '' && !walk.bound.has(name)) {
      useName(walk, head, fields, 'dollar', context)
    }
  } else if (head.type === 'wildcard' || head.type === 'descendant') {
    if (!context.item) {
      walk.facts.allSteps = true
      walk.facts.allVariables = true
    }
  } else {
    visit(walk, head, context)
  }
  const inside: Context = { ...context, item: true }
  visitStages(walk, head, context)
  let before: SyntaxNode = head
  for (const step of rest) {
    if (!isSyntaxNode(step)) continue
    if (bindsItem(before) && step.type === 'name') {
      useName(walk, step, [], before === head && !context.item ? 'scope' : 'item', context)
    }
    before = step
    if (step.type !== 'name' && step.type !== 'variable') visit(walk, step, inside)
    else if (step.type === 'variable') visitPath(walk, [step], inside)
    visitStages(walk, step, context)
  }
}

/** `a@$x.b` reads `b` of what `a` was read of, not of the item. */
function bindsItem(step: SyntaxNode): boolean {
  return step['focus'] !== undefined
}

/** The names that a path goes on with. Filters keep what an item is; `@$x` and `#$x` change what is read next. */
function leadingNames(path: readonly unknown[]): readonly SyntaxNode[] {
  const names: SyntaxNode[] = []
  for (const step of path) {
    if (!isSyntaxNode(step) || step.type !== 'name') break
    names.push(step)
    if (step['focus'] !== undefined || step['index'] !== undefined || step['group'] !== undefined) break
  }
  return names
}

function useName(
  walk: Walk,
  node: SyntaxNode,
  fields: readonly SyntaxNode[],
  how: 'scope' | 'context' | 'item' | 'dollar',
  context: Context,
): void {
  const [field] = fields
  const use: RootUse = {
    ...spanOf(walk.source, node),
    dollar: how === 'dollar',
    context: how === 'context',
    guarded: context.guarded,
    fields: fields.map((each) => spanOf(walk.source, each)),
    ...(field === undefined ? {} : { field: String(field['value']) }),
  }
  if (how === 'item') {
    walk.facts.itemHeads.push(use)
    return
  }
  walk.facts.roots.push(use)
  if (use.name === 'steps') {
    if (field === undefined) walk.facts.allSteps = true
    else
      walk.facts.steps.push({
        ...spanOf(walk.source, field),
        guarded: context.guarded,
        alternative: context.alternative,
      })
  } else if (use.name === 'vars') {
    if (field === undefined) walk.facts.allVariables = true
    else walk.facts.variables.push(spanOf(walk.source, field))
  }
}

function visitStages(walk: Walk, node: SyntaxNode, context: Context): void {
  for (const stage of [...listOf(node['stages']), ...listOf(node['predicate'])]) {
    const { expr } = recordOf(stage)
    if (isSyntaxNode(expr) && expr.type === 'string') walk.facts.textFilters.push(spanOf(walk.source, expr))
    visit(walk, expr, { ...context, item: true })
  }
}

function hasStages(node: SyntaxNode): boolean {
  return listOf(node['stages']).length + listOf(node['predicate']).length > 0
}

function visitCall(walk: Walk, node: SyntaxNode, context: Context): void {
  visitCallee(walk, node['procedure'], context)
  const guarded = context.guarded || isExistsCall(node)
  visit(walk, node['arguments'], { ...context, guarded })
}

function visitCallee(walk: Walk, callee: unknown, context: Context): void {
  const name = context.item ? methodOf(callee) : undefined
  if (name !== undefined) {
    walk.facts.methods.push(spanOf(walk.source, name))
    return
  }
  if (!isSyntaxNode(callee) || callee.type !== 'variable') {
    visit(walk, callee, context)
    return
  }
  const use = spanOf(walk.source, callee)
  if (use.name !== '' && !walk.bound.has(use.name)) walk.facts.functions.push(use)
}

function noteTexts(walk: Walk, operands: readonly unknown[]): void {
  for (const operand of operands) {
    if (isSyntaxNode(operand) && operand.type === 'string')
      walk.facts.addedTexts.push(spanOf(walk.source, operand))
  }
}

function methodOf(callee: unknown): SyntaxNode | undefined {
  if (!isSyntaxNode(callee)) return undefined
  const only = callee.type === 'path' ? listOf(callee['steps'])[0] : callee
  return isSyntaxNode(only) && only.type === 'name' ? only : undefined
}

/** `a ?? b` is `$exists(a) ? a : b` in the tree, `a ?: b` is `a ? a : b`. */
function visitCondition(walk: Walk, node: SyntaxNode, context: Context): void {
  const { condition, else: otherwise } = node
  const isDefault =
    isSyntaxNode(condition) && isSyntaxNode(node['then']) && isWrittenDefault(walk.source, node)
  const guarded = { ...context, guarded: context.guarded || isDefault }
  if (!isDefault) visit(walk, condition, context)
  const before = walk.facts.steps.length
  visit(walk, node['then'], guarded)
  const alternative = context.alternative || (isDefault && walk.facts.steps.length > before)
  visit(walk, otherwise, { ...context, alternative })
}

function isWrittenDefault(source: string, node: SyntaxNode): boolean {
  const end = positionOf(node)
  const operator = source.slice(Math.max(0, end - 2), end)
  return operator === '??' || operator === '?:'
}

/** JSONata's positions are the ends of tokens; a name may be in quotes, a variable has its `$`. */
function spanOf(source: string, node: SyntaxNode): NameUse {
  const name = String(node['value'])
  const end = positionOf(node)
  const quoted = /["'`]/.test(source[end - 1] ?? '')
  const length = name.length + (node.type === 'variable' ? 1 : quoted ? 2 : 0)
  return { name, at: Math.max(0, end - length), length }
}
