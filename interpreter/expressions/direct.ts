/**
 * Expressions that need no JSONata: constants, own-property paths (`steps.a.b`, `$input.a`), `??` over them, and the
 * comparisons and arithmetic of scalars that guards and counters are made of. Owns the closures, which are synchronous
 * and some fifty times faster. Wherever the meaning in JSONata is not plain (a list in the middle of a path, a wrong
 * type, a name bound by the author) a closure gives `unsure` and the caller asks JSONata; a property test holds both equal.
 */
import type { Json } from '../../schema/json.ts'
import { textProblem } from '../values/values.ts'
import type { Scope } from './contract.ts'
import type { Node } from './syntax.ts'

/** "Ask JSONata." */
export const unsure: unique symbol = Symbol('unsure')

export type Direct = (scope: Scope) => Json | undefined | typeof unsure

/** Null where only JSONata knows how. */
export function compileDirect(node: Node): Direct | null {
  if (node.group !== undefined || node.predicate !== undefined || node.keepArray === true) return null
  if (node.tuple === true || node.focus !== undefined || node.index !== undefined) return null
  switch (node.type) {
    case 'string':
    case 'number':
    case 'value':
      return constant(node.value)
    case 'path':
      return path(node)
    case 'variable':
      return typeof node.value === 'string' ? variable(node.value) : null
    case 'condition':
      return condition(node)
    case 'binary':
      return binary(node)
    case 'function':
      return call(node)
    case 'block':
      return node.expressions?.length === 1 && node.expressions[0] !== undefined
        ? compileDirect(node.expressions[0])
        : null
    default:
      return null
  }
}

function constant(value: unknown): Direct | null {
  if (value === null || typeof value === 'boolean') return () => value
  if (typeof value === 'string') return textProblem(value) === null ? () => value : null
  // What no result may hold is for the copy of the result to refuse.
  const exact = typeof value === 'number' && (Number.isInteger(value) ? Number.isSafeInteger(value) : true)
  return exact && Number.isFinite(value) ? () => value : null
}

/** A name that the scope does not have may be one of jsonata's functions. */
function variable(name: string): Direct | null {
  const read = root(name)
  if (read === null) return null
  return (scope) => {
    const value = read(scope)
    return value === undefined ? unsure : value
  }
}

function root(name: string): Direct | null {
  // `$` and `$$` are the whole scope.
  if (name === '' || name === '$') return null
  if (name === 'steps') return (scope) => scope.all()['steps']
  return (scope) => scope.root(name)
}

function path(node: Node): Direct | null {
  const steps = node.steps ?? []
  const names: string[] = []
  for (const [index, step] of steps.entries()) {
    if (step.type !== 'name' && !(index === 0 && step.type === 'variable')) return null
    if (step.stages !== undefined || step.predicate !== undefined || step.group !== undefined) return null
    if (step.tuple === true || step.focus !== undefined || step.index !== undefined) return null
    if (step.keepArray === true || step.consarray === true || step.ancestor !== undefined) return null
    if (typeof step.value !== 'string') return null
    names.push(step.value)
  }
  const [head, ...rest] = names
  if (node.keepSingletonArray === true || head === undefined || head === '' || head === '$') return null
  const [first, second] = rest
  if (head === 'steps' && first !== undefined) {
    const members = rest.slice(1)
    if (members.length === 0) return (scope) => scope.result(first)
    return (scope) => follow(scope.result(first), members)
  }
  if (first === undefined) return root(head)
  if (second === undefined) return (scope) => member(scope.root(head), first)
  return (scope) => follow(scope.root(head), rest)
}

function member(value: Json | undefined, name: string): Json | undefined | typeof unsure {
  if (typeof value !== 'object' || value === null) return undefined
  // A path over a list maps it: JSONata's matter.
  if (Array.isArray(value)) return unsure
  return Object.hasOwn(value, name) ? (value as { readonly [key: string]: Json })[name] : undefined
}

function follow(start: Json | undefined, names: readonly string[]): Json | undefined | typeof unsure {
  let value = start
  for (const name of names) {
    const next = member(value, name)
    if (next === unsure || next === undefined) return next
    value = next
  }
  return value
}

/** What `$boolean` makes of a scalar. */
function truth(value: Json | undefined): boolean | typeof unsure {
  if (value === undefined || value === null) return false
  if (typeof value === 'object') return unsure
  return value !== '' && value !== 0 && value !== false
}

function condition(node: Node): Direct | null {
  if (node.condition === undefined || node.then === undefined) return null
  const test = compileDirect(node.condition)
  const then = compileDirect(node.then)
  const otherwise = node.else === undefined ? () => undefined : compileDirect(node.else)
  if (test === null || then === null || otherwise === null) return null
  // `a ?? b` comes as `$exists(a) ? a : b`, with one and the same `a`: read it once.
  const defaulted =
    node.condition.type === 'function' &&
    node.condition.procedure?.value === 'exists' &&
    node.condition.arguments?.[0] === node.then
  if (defaulted) {
    return (scope) => {
      const value = then(scope)
      return value === undefined ? otherwise(scope) : value
    }
  }
  return (scope) => {
    const tested = test(scope)
    if (tested === unsure) return unsure
    const holds = truth(tested)
    if (holds === unsure) return unsure
    return holds ? then(scope) : otherwise(scope)
  }
}

type Operation = (left: Json | undefined, right: Json | undefined) => Json | undefined | typeof unsure

function isScalar(value: Json | undefined): boolean {
  return value === null || typeof value !== 'object'
}

const arithmetic =
  (apply: (left: number, right: number) => number): Operation =>
  (left, right) => {
    if (typeof left !== 'number' || typeof right !== 'number') return unsure
    const value = apply(left, right)
    // NaN, infinities, integers beyond 2^53 and -0 are for the copy of the result to judge.
    return Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value + 0 : unsure
  }

const comparison =
  (apply: (left: number | string, right: number | string) => boolean): Operation =>
  (left, right) =>
    (typeof left === 'number' && typeof right === 'number') ||
    (typeof left === 'string' && typeof right === 'string')
      ? apply(left, right)
      : unsure

const operations: { readonly [operator: string]: Operation } = {
  '+': arithmetic((left, right) => left + right),
  '-': arithmetic((left, right) => left - right),
  '*': arithmetic((left, right) => left * right),
  '/': arithmetic((left, right) => left / right),
  '%': arithmetic((left, right) => left % right),
  '<': comparison((left, right) => left < right),
  '<=': comparison((left, right) => left <= right),
  '>': comparison((left, right) => left > right),
  '>=': comparison((left, right) => left >= right),
  '=': (left, right) => (isScalar(left) && isScalar(right) ? left !== undefined && left === right : unsure),
  '!=': (left, right) => {
    if (!isScalar(left) || !isScalar(right)) return unsure
    return left !== undefined && right !== undefined && left !== right
  },
  '&': (left, right) =>
    typeof left === 'string' && typeof right === 'string' && left.length + right.length < 10_000
      ? left + right
      : unsure,
}

function binary(node: Node): Direct | null {
  if (
    node.lhs === undefined ||
    node.rhs === undefined ||
    Array.isArray(node.lhs) ||
    Array.isArray(node.rhs)
  ) {
    return null
  }
  const left = compileDirect(node.lhs)
  const right = compileDirect(node.rhs)
  if (left === null || right === null) return null
  if (node.value === 'and' || node.value === 'or') {
    const decides = node.value === 'or'
    return (scope) => {
      const first = left(scope)
      if (first === unsure) return unsure
      const firstTruth = truth(first)
      if (firstTruth === unsure || firstTruth === decides) return firstTruth
      const second = right(scope)
      return second === unsure ? unsure : truth(second)
    }
  }
  const operation =
    typeof node.value === 'string' && Object.hasOwn(operations, node.value)
      ? operations[node.value]
      : undefined
  if (operation === undefined) return null
  return (scope) => {
    const first = left(scope)
    if (first === unsure) return unsure
    const second = right(scope)
    return second === unsure ? unsure : operation(first, second)
  }
}

/** `$not`, `$exists` and `$boolean` of one argument. Names cannot be rebound here: no node above binds any. */
function call(node: Node): Direct | null {
  const [argument, another] = node.arguments ?? []
  if (argument === undefined || another !== undefined || node.procedure?.type !== 'variable') return null
  const value = compileDirect(argument)
  if (value === null) return null
  switch (node.procedure.value) {
    case 'exists':
      return (scope) => {
        const given = value(scope)
        return given === unsure ? unsure : given !== undefined
      }
    case 'not':
    case 'boolean': {
      const negated = node.procedure.value === 'not'
      return (scope) => {
        const given = value(scope)
        if (given === unsure || given === undefined) return given
        const holds = truth(given)
        return holds === unsure ? unsure : holds !== negated
      }
    }
    default:
      return null
  }
}
