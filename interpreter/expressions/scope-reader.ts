/**
 * What of a scope one expression is given: as jsonata's input the roots that it names, and as variables those that it
 * names with a `$`. Owns that choice, made once per expression, so that an evaluation does not copy a whole scope to
 * read one name. Called by `evaluation.ts`.
 */
import type { Json } from '../../schema/json.ts'
import type { Scope } from './contract.ts'
import { type Node, walk } from './syntax.ts'

export interface JsonataInput {
  readonly input: { readonly [name: string]: Json }
  readonly bindings: { readonly [name: string]: Json }
}

/** Functions that take no argument and do not read the context when they get none. */
const contextFree = new Set(['now', 'millis', 'random', 'uuid'])

/** True where an expression may read the scope otherwise than by its names. */
function readsAll(node: Node): boolean {
  switch (node.type) {
    case 'variable':
      return node.value === '' || node.value === '$'
    case 'wildcard':
    case 'descendant':
    case 'parent':
    case 'partial':
    case 'apply':
      return true
    case 'lambda':
      return node.signature !== undefined
    case 'function':
      // A built-in with fewer arguments than it takes reads the context, which may be the root.
      return (
        !((node.arguments?.length ?? 0) > 0 && contextual(node) === false) &&
        !contextFree.has(String(node.procedure?.value))
      )
    default:
      return false
  }
}

const minimumArguments: { readonly [name: string]: number } = {
  substring: 2,
  substringBefore: 2,
  substringAfter: 2,
  pad: 2,
  match: 2,
  contains: 2,
  replace: 3,
  split: 2,
  formatNumber: 2,
  formatInteger: 2,
  parseInteger: 2,
  power: 2,
  lookup: 2,
  each: 2,
  sift: 2,
}

/** True where the call leaves out its first argument, so that jsonata puts the context there. */
function contextual(node: Node): boolean {
  const name = String(node.procedure?.value)
  const minimum = Object.hasOwn(minimumArguments, name) ? (minimumArguments[name] ?? 1) : 1
  return (node.arguments?.length ?? 0) < minimum
}

function isSteps(node: Node): boolean {
  return node.value === 'steps' && (node.type === 'name' || node.type === 'variable')
}

function isPlain(node: Node): boolean {
  return node.stages === undefined && node.predicate === undefined && node.group === undefined
}

function isPlainName(node: Node): boolean {
  return node.type === 'name' && typeof node.value === 'string'
}

export function scopeReader(root: Node): (scope: Scope) => JsonataInput {
  const names = new Set<string>()
  const variables = new Set<string>()
  const stepIds = new Set<string>()
  let all = false
  const namedHeads = new Set<Node>()
  walk(root, (node) => {
    const [head, step] = node.type === 'path' ? (node.steps ?? []) : []
    if (head !== undefined && step !== undefined && isSteps(head) && isPlainName(step) && isPlain(head)) {
      namedHeads.add(head)
      stepIds.add(String(step.value))
    }
  })
  walk(root, (node) => {
    // `steps` that no name follows: all results are read.
    if (isSteps(node) && !namedHeads.has(node)) all = true
    if (readsAll(node)) all = true
    if (node.type === 'name' && typeof node.value === 'string') names.add(node.value)
    if (node.type === 'variable' && typeof node.value === 'string') variables.add(node.value)
  })
  // `steps` is not a root that can be asked for: it is put together from the results that are named.
  const wantsSteps = names.delete('steps') || variables.has('steps')
  variables.delete('steps')
  const variableNames = [...variables].filter((name) => name !== '' && name !== '$')
  const rootNames = [...names]
  const ids = [...stepIds]

  return (scope) => {
    const bindings: { [name: string]: Json } = {}
    for (const name of variableNames) {
      const value = scope.root(name)
      if (value !== undefined) bindings[name] = value
    }
    if (all) {
      const input = scope.all()
      if (wantsSteps && input['steps'] !== undefined) bindings['steps'] = input['steps']
      return { input, bindings }
    }
    const input: { [name: string]: Json } = {}
    for (const name of rootNames) {
      const value = scope.root(name)
      if (value !== undefined) input[name] = value
    }
    if (wantsSteps) {
      const steps: { [id: string]: Json } = {}
      for (const id of ids) {
        const value = scope.result(id)
        if (value !== undefined) steps[id] = value
      }
      input['steps'] = steps
      bindings['steps'] = steps
    }
    return { input, bindings }
  }
}
