/**
 * Changes a syntax tree before it first runs, so that what jsonata's evaluator does by itself and cannot be bounded or
 * trusted goes through functions of ours (`built-ins.ts`), under names that no source can write. Owns the changes:
 *
 * - `a..b` becomes a call, which counts before it builds;
 * - `a = b` of two unknowns becomes a call, which counts how deep it compares;
 * - `*` becomes a call: jsonata's copies its result once per member;
 * - a regular expression becomes a call that gives a `re2js` matcher;
 * - `^( )` becomes a call of our merge sort: jsonata's takes 5 s for 30,000 items;
 * - `a{k: v}` groups a copy: jsonata pushes a hole into an empty list that it was lent;
 * - the pattern of `| … |` may only find objects of the clone: jsonata changes whatever it finds, the scope too.
 *
 * Called once per expression by `evaluation.ts`.
 */
import { marksOf, type Node, walk } from './syntax.ts'

/** Names of the calls. Each holds a character that ends a name in JSONata's syntax. */
export const internal = {
  range: '..',
  equal: '=',
  unequal: '!=',
  wildcard: '*',
  pattern: '/',
  order: '^',
  owned: '|',
  fresh: '{',
} as const

const literals = new Set(['string', 'number', 'value'])

function call(name: string, args: Node[], position: number | undefined): Node {
  const node: Node = {
    type: 'function',
    value: '(',
    procedure: { type: 'variable', value: name },
    arguments: args,
  }
  if (position !== undefined) {
    node.position = position
    if (node.procedure !== undefined) node.procedure.position = position
  }
  return node
}

/** Turns a node into another one where it stands; what hangs on it (stages, a predicate, a group, flags) stays. */
function become(node: Node, other: Node): void {
  delete node.lhs
  delete node.rhs
  delete node.value
  Object.assign(node, other)
}

export interface Rewritten {
  /** By the number that stands in the call. */
  readonly patterns: readonly RegExp[]
}

export function rewrite(root: Node): Rewritten {
  const patterns: RegExp[] = []
  // Collected first: a walk must not meet what it has made.
  const nodes: Node[] = []
  walk(root, (node) => nodes.push(node))
  for (const node of nodes) {
    mark(node)
    switch (node.type) {
      case 'binary':
        rewriteBinary(node)
        break
      case 'wildcard':
        become(node, call(internal.wildcard, [{ type: 'variable', value: '' }], node.position))
        break
      case 'regex':
        if (node.value instanceof RegExp) {
          const number: Node = { type: 'number', value: patterns.length }
          patterns.push(node.value)
          // In parentheses: `a ~> f(x)` would put `a` into the call.
          become(node, { type: 'block', expressions: [call(internal.pattern, [number], node.position)] })
        }
        break
      case 'transform':
        if (node.pattern !== undefined) node.pattern = call(internal.owned, [node.pattern], node.position)
        break
      case 'path':
        rewriteSorts(node)
        rewriteGroup(node)
        break
    }
  }
  return { patterns }
}

function rewriteBinary(node: Node): void {
  const { lhs, rhs } = node
  if (lhs === undefined || rhs === undefined || Array.isArray(lhs) || Array.isArray(rhs)) return
  if (node.value === '..') become(node, call(internal.range, [lhs, rhs], node.position))
  else if (
    (node.value === '=' || node.value === '!=') &&
    !literals.has(lhs.type) &&
    !literals.has(rhs.type)
  ) {
    become(node, call(node.value === '=' ? internal.equal : internal.unequal, [lhs, rhs], node.position))
  }
}

/** jsonata starts the parts of a list, and the values of an object's groups, all at once. */
function mark(node: Node): void {
  const construct = {}
  if (node.keepSingletonArray === true) marksOf(node).keepsList = true
  if (node.type === 'binary' && node.value === '&') marksOf(node).builds = 'text'
  if (node.condition !== undefined) marksOf(node.condition).tested = true
  if (node.value === 'and' || node.value === 'or') {
    for (const side of [node.lhs, node.rhs]) {
      if (side !== undefined && !Array.isArray(side)) marksOf(side).tested = true
    }
  }
  for (const filter of [...(node.predicate ?? []), ...(node.stages ?? [])]) {
    if (filter.expr !== undefined) marksOf(filter.expr).tested = true
  }
  if (node.type === 'function') {
    for (const argument of node.arguments ?? []) {
      if (argument.type === 'variable') marksOf(argument).argument = true
    }
  }
  if (node.type === 'unary' && node.value === '[') {
    marksOf(node).builds = 'list'
    for (const part of node.expressions ?? []) {
      const marks = marksOf(part)
      marks.construct = construct
      if (part.value !== '[') marks.appended = true
    }
  }
  const pairs = node.type === 'unary' && node.value === '{' ? node.lhs : node.group?.lhs
  if (!Array.isArray(pairs)) return
  const counter = { keys: 0 }
  const marks = marksOf(node)
  marks.group = counter
  marks.builds = 'object'
  for (const pair of pairs) {
    if (!Array.isArray(pair)) continue
    marksOf(pair[0]).groupKey = counter
    marksOf(pair[1]).construct = construct
  }
}

/**
 * `a.b^(x).c` becomes `order(a.b, x).c`. Not where variables are bound on the way (`@`, `#`, `%`): there jsonata's own
 * sort runs, at ten times the steps, since it holds lists of n * n / 4 items in all.
 */
function rewriteSorts(path: Node): void {
  const steps = path.steps ?? []
  if (steps.some((step) => step.tuple === true || step.index !== undefined || step.focus !== undefined)) {
    for (const step of steps) for (const term of step.terms ?? []) marksOf(term.expression).tupleSort = true
    return
  }
  for (;;) {
    const at = steps.findIndex((step) => step.type === 'sort')
    const sort = steps[at]
    if (at < 1 || sort === undefined) return
    // A list of one is its item at the end of a path, but must stay a list for the step that follows.
    const unwraps = at === steps.length - 1 && path.keepSingletonArray !== true
    const args: Node[] = [
      { type: 'value', value: unwraps && sort.stages === undefined },
      { type: 'path', steps: steps.slice(0, at), keepArray: true },
    ]
    for (const term of sort.terms ?? []) {
      args.push({ type: 'value', value: term.descending === true }, keyOfItem(term.expression))
    }
    const ordered = call(internal.order, args, sort.position)
    // jsonata evaluates such a first step once, not for each item of the context.
    ordered.consarray = true
    if (sort.stages !== undefined) {
      ordered.predicate = sort.stages
      if (!unwraps) ordered.keepArray = true
    }
    steps.splice(0, at + 1, ordered)
  }
}

/** `function($item) { $item.(term) }` under a name that no source can write. */
function keyOfItem(term: Node): Node {
  const item = (): Node => ({ type: 'variable', value: internal.order })
  const body: Node = { type: 'path', steps: [item(), { type: 'block', expressions: [term] }] }
  return { type: 'lambda', arguments: [item()], body }
}

function rewriteGroup(path: Node): void {
  if (path.group === undefined || (path.steps ?? []).some((step) => step.tuple === true)) return
  const inner: Node = { type: 'path', steps: path.steps ?? [], keepArray: true }
  delete path.steps
  delete path.keepSingletonArray
  delete path.keepArray
  become(path, call(internal.fresh, [inner], path.position))
}
