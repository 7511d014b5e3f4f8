/**
 * What the form of an expression proves of its value, and which names it binds itself: read from its syntax tree, for
 * `expressions/facts.ts`. Pure.
 */
import { isSyntaxNode, type SyntaxNode } from './parse.ts'
import { listOf, recordOf } from './syntax-tree.ts'

export function isExistsCall(node: SyntaxNode): boolean {
  const { procedure } = node
  return isSyntaxNode(procedure) && procedure.type === 'variable' && procedure['value'] === 'exists'
}

/** Of `$exists(steps.a) and $exists(steps.b.c) and …`: a and b. */
export function provenBy(node: unknown): string[] {
  if (!isSyntaxNode(node)) return []
  if (node.type === 'binary' && node['value'] === 'and')
    return [...provenBy(node['lhs']), ...provenBy(node['rhs'])]
  if (node.type === 'block') {
    const expressions = listOf(node['expressions'])
    return expressions.length === 1 ? provenBy(expressions[0]) : []
  }
  if (node.type !== 'function' || !isExistsCall(node)) return []
  const [argument] = listOf(node['arguments'])
  const [head, step] = listOf(recordOf(argument)['steps'])
  return isSyntaxNode(head) && head['value'] === 'steps' && isSyntaxNode(step) && step.type === 'name'
    ? [String(step['value'])]
    : []
}

/** Of `$not($exists(steps.a)) or $not(…)`, where it is false: a and the others. */
export function provenByNot(node: unknown): string[] {
  if (!isSyntaxNode(node)) return []
  if (node.type === 'binary' && node['value'] === 'or')
    return [...provenByNot(node['lhs']), ...provenByNot(node['rhs'])]
  if (node.type !== 'function') return []
  const { procedure } = node
  const isNot = isSyntaxNode(procedure) && procedure.type === 'variable' && procedure['value'] === 'not'
  return isNot ? provenBy(listOf(node['arguments'])[0]) : []
}

export function collapses(node: unknown): boolean {
  if (!isSyntaxNode(node)) return false
  if (node.type === 'condition') return collapses(node['then']) || collapses(node['else'])
  if (node.type === 'block') return collapses(listOf(node['expressions']).at(-1))
  if (node.type === 'function') {
    return recordOf(node['procedure'])['value'] === 'filter' && node['keepArray'] !== true
  }
  if (node.type !== 'path' || node['keepSingletonArray'] === true) return false
  return listOf(node['steps']).some(
    (step) => isSyntaxNode(step) && filtersOf(step).some((filter) => !isIndex(filter)),
  )
}

function filtersOf(step: SyntaxNode): readonly unknown[] {
  const stages = [...listOf(step['stages']), ...listOf(step['predicate'])]
  return stages.map((stage) => recordOf(stage)['expr']).filter((filter) => filter !== undefined)
}

/** `[0]` and `[-1]` ask for one item. */
function isIndex(filter: unknown): boolean {
  return isSyntaxNode(filter) && filter.type === 'number'
}

export function collectBound(node: unknown, bound: Set<string>): void {
  if (Array.isArray(node)) {
    for (const item of node) collectBound(item, bound)
    return
  }
  if (typeof node !== 'object' || node === null || node instanceof RegExp) return
  if (isSyntaxNode(node)) {
    if (node.type === 'lambda')
      for (const argument of listOf(node['arguments'])) bound.add(String(recordOf(argument)['value']))
    if (node.type === 'bind') bound.add(String(recordOf(node['lhs'])['value']))
    for (const key of ['focus', 'index']) {
      const name = node[key]
      if (typeof name === 'string') bound.add(name)
    }
  }
  for (const part of Object.values(node)) collectBound(part, bound)
}
