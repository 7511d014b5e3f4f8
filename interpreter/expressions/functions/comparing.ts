/** `=` and `!=` of two unknown values, and `$distinct`: deep equality as jsonata's, counted. */
import type { BuiltIn, Focus } from '../built-in.ts'
import type { Meter } from '../meter.ts'
import { isFunction } from '../result.ts'
import { internal } from '../rewrite.ts'

const nodesPerStep = 4

function equal(left: unknown, right: unknown, meter: Meter): boolean {
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

/** The values that occur, each once, in the order of their first. Linear: a list or object is known by its text. */
function distinct(this: Focus, values: unknown, meter: Meter): unknown {
  if (!Array.isArray(values) || values.length <= 1) return values
  const kept: unknown[] = 'sequence' in values ? this.createSequence() : []
  const scalars = new Set<unknown>()
  const texts = new Set<string>()
  for (const value of values) {
    if (typeof value !== 'object' || value === null || isFunction(value)) {
      if (scalars.has(value)) continue
      scalars.add(value)
    } else {
      const text = canonicalText(value, meter)
      if (texts.has(text)) continue
      texts.add(text)
    }
    kept.push(value)
  }
  return kept
}

/** Equal for equal values alone: JSON with sorted keys. */
function canonicalText(value: unknown, meter: Meter, depth = 0): string {
  meter.build(8)
  if (typeof value === 'string') {
    meter.build(value.length)
    return JSON.stringify(value)
  }
  if (typeof value !== 'object' || value === null) return String(value)
  if (isFunction(value)) return 'function'
  meter.deeper(depth)
  if (Array.isArray(value)) {
    return `[${value.map((item: unknown) => canonicalText(item, meter, depth + 1)).join()}]`
  }
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalText(Reflect.get(value, key), meter, depth + 1)}`)
  return `{${members.join()}}`
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
