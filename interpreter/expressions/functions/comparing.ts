/** `=` and `!=` of two unknown values, and `$distinct`: deep equality as jsonata's, counted. */
import type { BuiltIn, Focus } from '../built-ins.ts'
import type { Meter } from '../meter.ts'
import { isFunction } from '../result.ts'
import { internal } from '../rewrite.ts'

const nodesPerStep = 32

export function equal(left: unknown, right: unknown, meter: Meter): boolean {
  let nodes = 0
  const same = (a: unknown, b: unknown): boolean => {
    if (a === b) return true
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
    // Two functions are never alike; jsonata's hold all that is around them.
    if (isFunction(a) || isFunction(b)) return false
    if (++nodes % nodesPerStep === 0) meter.work(1)
    if (Array.isArray(a) || Array.isArray(b)) {
      if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
      return a.every((item, index) => same(item, b[index]))
    }
    const keys = Object.keys(a)
    if (keys.length !== Object.keys(b).length) return false
    return keys.every((key) => Object.hasOwn(b, key) && same(Reflect.get(a, key), Reflect.get(b, key)))
  }
  return same(left, right)
}

/** The values that occur, each once. Scalars by a set; lists and objects against those before, as few are expected. */
function distinct(this: Focus, values: unknown, meter: Meter): unknown {
  if (!Array.isArray(values) || values.length <= 1) return values
  const kept: unknown[] = 'sequence' in values ? this.createSequence() : []
  const scalars = new Set<unknown>()
  const byShape = new Map<string, unknown[]>()
  for (const value of values) {
    if (typeof value !== 'object' || value === null) {
      if (scalars.has(value)) continue
      scalars.add(value)
    } else {
      const shape = shapeOf(value)
      const alike = byShape.get(shape)
      if (alike === undefined) byShape.set(shape, [value])
      else {
        meter.work(Math.ceil(alike.length / nodesPerStep))
        if (alike.some((other) => equal(value, other, meter))) continue
        alike.push(value)
      }
    }
    kept.push(value)
  }
  return kept
}

/** Equal for equal values, and different for most others: the keys and the scalars of the first level. */
function shapeOf(value: object): string {
  if (Array.isArray(value)) return `[${value.length},${value.slice(0, 8).map(scalarOf).join()}`
  return Object.keys(value)
    .sort()
    .slice(0, 16)
    .map((key) => `${key}:${scalarOf(Reflect.get(value, key))}`)
    .join()
}

function scalarOf(value: unknown): string {
  if (typeof value === 'string') return value.slice(0, 64)
  return typeof value === 'object' && value !== null ? '' : String(value)
}

export const comparing: { readonly [name: string]: BuiltIn } = {
  [internal.equal]: {
    make:
      ({ meter }) =>
      (left: unknown, right: unknown) =>
        left === undefined || right === undefined ? false : equal(left, right, meter),
  },
  [internal.unequal]: {
    make:
      ({ meter }) =>
      (left: unknown, right: unknown) =>
        left === undefined || right === undefined ? false : !equal(left, right, meter),
  },
  distinct: {
    make: ({ meter }) =>
      function (this: Focus, values: unknown) {
        return distinct.call(this, values, meter)
      },
  },
}
