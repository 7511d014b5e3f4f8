/**
 * JSONata's syntax tree as far as we read it, and its parser. Owns the shape of a node and the walk over one; what a
 * node means is `direct.ts`'s and jsonata's matter. Called at link time only.
 */
import jsonata from 'jsonata'
import type { Json } from '../../schema/json.ts'
import { Fault } from '../errors/fault.ts'
import { storableText } from '../values/values.ts'

/** Nodes are changed in place by `rewrite.ts`, before the first evaluation. */
export interface Node {
  type: string
  value?: unknown
  position?: number
  steps?: Node[]
  expressions?: Node[]
  arguments?: Node[]
  procedure?: Node
  lhs?: Node | Node[] | [Node, Node][]
  rhs?: Node | Node[] | [Node, Node][]
  expression?: Node
  expr?: Node
  condition?: Node
  then?: Node
  else?: Node
  body?: Node
  pattern?: Node
  update?: Node
  delete?: Node
  terms?: { descending?: boolean; expression: Node }[]
  group?: { lhs: [Node, Node][]; position?: number }
  predicate?: Node[]
  stages?: Node[]
  signature?: unknown
  thunk?: boolean
  tuple?: boolean
  focus?: string
  index?: string
  ancestor?: unknown
  consarray?: boolean
  keepArray?: boolean
  keepSingletonArray?: boolean
  /** Ours: what `meter.ts` must know of the node. One key, absent from most nodes: the hooks look at every one. */
  marks?: Marks
}

/** Set by `rewrite.ts`. */
export interface Marks {
  /** The construct whose parts jsonata starts all at once; the meter lets them go one by one. */
  construct?: object
  /** A part of a list that jsonata appends, and copies the list for. */
  appended?: true
  /** On what groups, how many keys it has seen; on the key, the same object. */
  group?: GroupCounter
  groupKey?: GroupCounter
  /** A term of a sort that jsonata itself carries out. */
  tupleSort?: true
  /** Builds a text, a list or an object. */
  builds?: 'text' | 'list' | 'object'
  /** Is asked whether it holds: jsonata lists the keys of an object for that. */
  tested?: true
  /** Is handed to a function: jsonata wraps a function in another each time that it is handed on. */
  argument?: true
  /** Keeps a list of one a list (`items[]`). */
  keepsList?: true
}

export interface GroupCounter {
  keys: number
}

/** The marks of a node, to be added to. */
export function marksOf(node: Node): Marks {
  node.marks ??= {}
  return node.marks
}

export type JsonataExpression = ReturnType<typeof jsonata>

export interface Parsed {
  readonly expression: JsonataExpression
  readonly root: Node
}

/** Longest message of an error that is kept; the values that JSONata quotes may be of any size. */
const messageLength = 500

export interface JsonataFailure {
  readonly code: string | undefined
  readonly message: string
  readonly position: number | undefined
}

/** What jsonata threw, which is seldom an Error. */
export function describeFailure(thrown: unknown): JsonataFailure {
  if (typeof thrown !== 'object' || thrown === null) {
    return { code: undefined, message: storableText(String(thrown), messageLength), position: undefined }
  }
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined
  const position = 'position' in thrown && typeof thrown.position === 'number' ? thrown.position : undefined
  const message = 'message' in thrown && typeof thrown.message === 'string' ? thrown.message : 'it failed'
  return {
    code,
    message: storableText(message, messageLength),
    position,
  }
}

/** Throws a Fault of type `ExpressionError` where the source does not parse. */
export function parse(source: string): Parsed {
  try {
    const expression = jsonata(source)
    // jsonata's own type of a node leaves out most of its keys.
    const root: object = expression.ast()
    return { expression, root: root as Node }
  } catch (thrown) {
    const { code, message, position } = describeFailure(thrown)
    const details: { [key: string]: Json } = { expression: source }
    if (code !== undefined) details['code'] = code
    if (position !== undefined) details['position'] = position
    throw new Fault({
      type: 'ExpressionError',
      message: `the expression does not parse: ${message}`,
      details,
      retryable: false,
    })
  }
}

const skipped = new Set(['marks', 'signature', 'slot', 'ancestor'])

/** Calls `visit` once for each node below and with `root`; a node may stand in several places (`a ?? b` shares `a`). */
export function walk(root: Node, visit: (node: Node) => void): void {
  const seen = new Set<object>()
  const go = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || value instanceof RegExp || seen.has(value)) return
    seen.add(value)
    if (Array.isArray(value)) {
      for (const item of value) go(item)
      return
    }
    if ('type' in value && typeof value.type === 'string') visit(value as Node)
    for (const [key, part] of Object.entries(value)) {
      if (!skipped.has(key)) go(part)
    }
  }
  go(root)
}
