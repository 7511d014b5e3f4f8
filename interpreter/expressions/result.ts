/**
 * From what JSONata gives to plain JSON. Owns the copy (JSONata's lists carry hidden flags and its objects have no
 * prototype) and the refusal of what no document may hold. Called once at the end of each evaluation by `evaluation.ts`.
 */
import type { Json } from '../../schema/json.ts'
import { Fault } from '../errors/fault.ts'
import { textProblem, valueDepth } from '../values/values.ts'
import type { Meter } from './meter.ts'

function refuse(what: string): never {
  throw new Fault({ type: 'ExpressionError', message: `the result ${what}`, retryable: false })
}

export function isFunction(value: unknown): boolean {
  if (typeof value === 'function') return true
  return (
    typeof value === 'object' &&
    value !== null &&
    (('_jsonata_lambda' in value && value._jsonata_lambda === true) ||
      ('_jsonata_function' in value && value._jsonata_function === true))
  )
}

/** A deep copy, counted in bytes against the meter so that a value which shares its parts cannot explode. */
export function plainCopy(value: unknown, meter: Meter, depth = 0): Json {
  switch (typeof value) {
    case 'string': {
      const problem = textProblem(value)
      if (problem !== null) refuse(`holds ${problem}`)
      meter.build(value.length + 2)
      return value
    }
    case 'number':
      meter.build(8)
      if (!Number.isFinite(value)) {
        refuse(`holds ${Number.isNaN(value) ? 'a number that is not one (NaN)' : 'an infinite number'}`)
      }
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
        refuse(`holds the integer ${value}, which is beyond 2^53 and not exact: keep it as a string`)
      }
      return value === 0 ? 0 : value
    case 'boolean':
      meter.build(5)
      return value
    case 'object': {
      meter.build(4)
      if (value === null) return null
      if (depth >= valueDepth) refuse(`is nested deeper than ${valueDepth} levels`)
      if (isFunction(value)) refuse('holds a function: call it, or name a value')
      if (Array.isArray(value)) {
        const list: Json[] = []
        // `$match` gives nothing for a group that took no part; in JSON a place in a list is null.
        for (const item of value) list.push(item === undefined ? null : plainCopy(item, meter, depth + 1))
        return list
      }
      const copy: { [key: string]: Json } = {}
      for (const [key, member] of Object.entries(value)) {
        if (member === undefined) continue
        if (key === '__proto__') refuse('holds the key `__proto__`')
        const problem = textProblem(key)
        if (problem !== null) refuse(`holds a key with ${problem}`)
        meter.build(key.length + 4)
        copy[key] = plainCopy(member, meter, depth + 1)
      }
      return copy
    }
    default:
      return refuse(
        typeof value === 'function'
          ? 'holds a function: call it, or name a value'
          : `holds a ${typeof value}, which is not JSON`,
      )
  }
}
