/**
 * The functions that an expression can call: jsonata's own, each counted by the size of what it is given, and in their
 * place or beside them ours. Owns how they are found and bound; each file of `functions/` owns what a few of them do.
 * Called once per expression by `evaluation.ts`, and binds only the names that stand in it.
 */
import jsonata from 'jsonata'
import { Fault } from '../errors/fault.ts'
import type { BuiltIn, BuiltInContext, Focus, Implementation } from './built-in.ts'
import { comparing } from './functions/comparing.ts'
import { lists } from './functions/lists.ts'
import { numbers } from './functions/numbers.ts'
import { regularExpressions } from './functions/regular-expressions.ts'
import { sorting } from './functions/sorting.ts'
import { texts } from './functions/texts.ts'
import { times } from './functions/times.ts'
import type { Meter } from './meter.ts'
import { type Node, walk } from './syntax.ts'

/** jsonata's own form of a function. */
export interface Definition {
  readonly _jsonata_function: true
  readonly implementation: Implementation
  readonly signature?: unknown
}

const ours: { readonly [name: string]: BuiltIn } = {
  ...comparing,
  ...lists,
  ...numbers,
  ...regularExpressions,
  ...sorting,
  ...texts,
  ...times,
  eval: {
    make: () => () => {
      throw new Fault({
        type: 'ExpressionError',
        message: '`$eval` is refused: an expression must be known before the run',
        retryable: false,
      })
    },
  },
}

/** All but `$millis`, which belongs to the compiled instance and reads the time that the meter sets, and `$now`, which is ours. */
const originalNames = [
  'sum',
  'count',
  'max',
  'min',
  'average',
  'string',
  'substring',
  'substringBefore',
  'substringAfter',
  'lowercase',
  'uppercase',
  'length',
  'trim',
  'pad',
  'match',
  'contains',
  'replace',
  'split',
  'join',
  'formatNumber',
  'formatBase',
  'formatInteger',
  'parseInteger',
  'number',
  'floor',
  'ceil',
  'round',
  'abs',
  'sqrt',
  'power',
  'random',
  'boolean',
  'not',
  'map',
  'zip',
  'filter',
  'single',
  'reduce',
  'sift',
  'keys',
  'lookup',
  'append',
  'exists',
  'spread',
  'merge',
  'reverse',
  'each',
  'error',
  'assert',
  'type',
  'sort',
  'shuffle',
  'distinct',
  'base64encode',
  'base64decode',
  'encodeUrlComponent',
  'encodeUrl',
  'decodeUrlComponent',
  'decodeUrl',
  'eval',
  'toMillis',
  'fromMillis',
  'clone',
] as const

const originals: ReadonlyMap<string, Definition> = readOriginals()

/** jsonata shows its functions to the entry hook alone; the first step of an evaluation runs before `evaluate` returns. */
function readOriginals(): Map<string, Definition> {
  const found = new Map<string, Definition>()
  const probe = jsonata('null')
  const assigning: { assign(name: symbol, value: unknown): void } = probe as never
  assigning.assign(
    Symbol.for('jsonata.__evaluate_entry'),
    (_node: unknown, _input: unknown, environment: { lookup(name: string): unknown }) => {
      for (const name of originalNames) {
        const definition = environment.lookup(name)
        if (isDefinition(definition)) found.set(name, definition)
      }
    },
  )
  void probe.evaluate(null)
  return found
}

function isDefinition(value: unknown): value is Definition {
  return typeof value === 'object' && value !== null && '_jsonata_function' in value
}

export interface Assigning {
  assign(name: string | symbol, value: unknown): void
  registerFunction(name: string, implementation: Implementation, signature?: string): void
}

export function bindBuiltIns(
  root: Node,
  assigning: Assigning,
  meter: Meter,
  patterns: readonly RegExp[],
): void {
  const names = new Set<string>()
  walk(root, (node) => {
    if (node.type === 'variable' && typeof node.value === 'string') names.add(node.value)
    // A transform looks up `$clone` by itself, `??` looks up `$exists`.
    if (node.type === 'transform') names.add('clone')
  })
  const context: BuiltInContext = {
    meter,
    patterns,
    original(name) {
      const definition = originals.get(name)
      if (definition === undefined) throw new Error(`jsonata has no function ${name}`)
      return definition.implementation
    },
  }
  for (const name of names) {
    const own = Object.hasOwn(ours, name) ? ours[name] : undefined
    const original = originals.get(name)
    if (own?.signature !== undefined) {
      assigning.registerFunction(name, own.make(context), own.signature)
    } else if (own !== undefined && original === undefined) {
      const definition: Definition = { _jsonata_function: true, implementation: own.make(context) }
      assigning.assign(name, definition)
    } else if (original !== undefined) {
      const implementation = own === undefined ? original.implementation : own.make(context)
      const definition: Definition = {
        _jsonata_function: true,
        implementation: counted(implementation, original.implementation, meter),
        signature: original.signature,
      }
      assigning.assign(name, definition)
    }
  }
}

function counted(implementation: Implementation, original: Implementation, meter: Meter): Implementation {
  const run: (this: Focus, ...args: unknown[]) => unknown = implementation as never
  const wrapped = function (this: Focus, ...args: unknown[]): unknown {
    return meter.call(() => run.apply(this, args), args)
  }
  // jsonata reads the number of parameters, and for `$f(?, 2)` their names, from the function itself.
  Object.defineProperty(wrapped, 'length', { value: original.length })
  Object.defineProperty(wrapped, 'toString', { value: () => original.toString() })
  return wrapped
}
