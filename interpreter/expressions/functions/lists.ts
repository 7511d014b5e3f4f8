/** Lists: the range `a..b`, `*`, `$shuffle`, `$spread`, `$merge`, `$keys`, and the copies that keep the scope untouched. */

import { Fault } from '../../errors/fault.ts'
import type { BuiltIn, BuiltInContext, Focus, Implementation } from '../built-in.ts'
import type { Meter } from '../meter.ts'
import { isFunction } from '../result.ts'
import { internal } from '../rewrite.ts'

/** jsonata's own bound, kept as the most that any limit allows. */
const rangeItems = 10_000_000

function range(from: unknown, to: unknown, { meter }: BuiltInContext): unknown {
  for (const [side, bound] of [
    ['left', from],
    ['right', to],
  ] as const) {
    if (bound !== undefined && !(typeof bound === 'number' && Number.isInteger(bound))) {
      throw {
        code: side === 'left' ? 'T2003' : 'T2004',
        value: bound,
      }
    }
  }
  if (typeof from !== 'number' || typeof to !== 'number' || from > to) return undefined
  const size = to - from + 1
  meter.work(Math.floor(size / 8))
  meter.build(4 * size)
  if (size > rangeItems) throw { code: 'D2014', value: size }
  const items: unknown[] = new Array(size)
  for (let index = 0; index < size; index++) items[index] = from + index
  return asSequence(items)
}

/** A list that jsonata takes for the matches of a path: one is the bare item, none is nothing. */
export function asSequence(items: unknown[]): unknown[] {
  return Object.assign(items, { sequence: true })
}

function wildcard(this: Focus, context: unknown, { meter }: BuiltInContext): unknown {
  const results = this.createSequence()
  // A list reaches us as it is; jsonata takes the members of a list, and flattens those that are lists.
  if (typeof context === 'object' && context !== null && !isFunction(context)) {
    const flatten = (value: unknown): void => {
      if (Array.isArray(value)) for (const item of value) flatten(item)
      else {
        if (results.length % 64 === 63) meter.work(1)
        results.push(value)
      }
    }
    for (const key of Object.keys(context)) flatten(Reflect.get(context, key))
  }
  return results
}

function spread(this: Focus, value: unknown): unknown {
  if (Array.isArray(value)) {
    const results = this.createSequence()
    for (const item of value) {
      const parts = spread.call(this, item)
      if (Array.isArray(parts)) for (const part of parts) results.push(part)
      else if (parts !== undefined) results.push(parts)
    }
    return results
  }
  if (typeof value !== 'object' || value === null || isFunction(value)) return value
  const results = this.createSequence()
  for (const key of Object.keys(value)) {
    const single: { [key: string]: unknown } = Object.create(null)
    single[key] = Reflect.get(value, key)
    results.push(single)
  }
  return results
}

/** The inside-out variant of Fisher and Yates, as jsonata's, with the run's own generator. */
function shuffle(values: unknown, { meter }: BuiltInContext): unknown {
  if (!Array.isArray(values) || values.length <= 1) return values
  const shuffled: unknown[] = []
  for (const [index, value] of values.entries()) {
    const other = Math.floor(meter.random() * (index + 1))
    shuffled.push(shuffled[other])
    shuffled[other] = value
  }
  return shuffled
}

/** jsonata's own function, after its members are counted: it walks them all. */
function countingMembers(name: string): BuiltIn {
  return {
    make(context) {
      const original: (this: Focus, ...args: unknown[]) => unknown = context.original(name) as never
      const implementation: Implementation = function (this: Focus, value: unknown, ...rest: unknown[]) {
        const items: readonly unknown[] = Array.isArray(value) ? value : [value]
        for (const item of items) {
          if (typeof item === 'object' && item !== null) {
            context.meter.work(1 + Math.floor(Object.keys(item).length / 2))
          }
        }
        return original.call(this, value, ...rest)
      }
      return implementation
    },
  }
}

/** A copy that remembers its objects: a transform may change those, and nothing else. */
function clone(value: unknown, meter: Meter, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (isFunction(value)) return ''
  meter.deeper(depth)
  if (Array.isArray(value)) {
    meter.build(2 + 4 * value.length)
    return value.map((item) => clone(item, meter, depth + 1))
  }
  const copy: { [key: string]: unknown } = Object.create(null)
  meter.build(2)
  meter.owned.add(copy)
  for (const key of Object.keys(value)) {
    const member = Reflect.get(value, key)
    if (member === undefined) continue
    meter.build(key.length + 4 + (typeof member === 'string' ? member.length : 0))
    copy[key] = clone(member, meter, depth + 1)
  }
  return copy
}

function owned(matches: unknown, { meter }: BuiltInContext): unknown {
  for (const match of Array.isArray(matches) ? matches : [matches]) {
    if (typeof match === 'object' && match !== null && !meter.owned.has(match)) {
      throw new Fault({
        type: 'ExpressionError',
        message:
          'the pattern of a transform found a value outside of what it transforms: name it relative to that, without `$$` or a variable',
        retryable: false,
      })
    }
  }
  return matches
}

export const lists: { readonly [name: string]: BuiltIn } = {
  [internal.range]: { make: (context) => (from: unknown, to: unknown) => range(from, to, context) },
  [internal.wildcard]: {
    make: (context) =>
      function (this: Focus, value: unknown) {
        return wildcard.call(this, value, context)
      },
  },
  [internal.fresh]: { make: () => (values: unknown) => (Array.isArray(values) ? values.slice() : values) },
  [internal.owned]: { make: (context) => (matches: unknown) => owned(matches, context) },
  clone: {
    make:
      ({ meter }) =>
      (value: unknown) =>
        clone(value, meter),
  },
  shuffle: { make: (context) => (values: unknown) => shuffle(values, context) },
  spread: {
    make: () =>
      function (this: Focus, value: unknown) {
        return spread.call(this, value)
      },
  },
  keys: countingMembers('keys'),
  merge: countingMembers('merge'),
  each: countingMembers('each'),
  sift: countingMembers('sift'),
  boolean: countingMembers('boolean'),
  not: countingMembers('not'),
}
