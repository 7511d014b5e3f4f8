/**
 * Makes plain JSON of what user code gives: a result, details of an error or a heartbeat. The copy is ours alone, so
 * that user code which keeps the object and changes it later cannot change the state of a run (keeps I3).
 *
 * What JSON.stringify would lose in silence is refused by name and path: functions, symbols, NaN, Map, Set, instances
 * of classes. As there, members that are undefined are left out and `toJSON` is asked (dates). Whether strings and
 * numbers are within what the language allows is the injected `checkResult`'s business.
 */
import type { Json } from '../schema/json.ts'
import { valueNesting } from './limits.ts'

export class NotPlainJson extends Error {
  constructor(path: string, what: string) {
    super(`${path === '' ? 'the value' : path} is ${what}`)
    this.name = 'NotPlainJson'
  }
}

/** Throws `NotPlainJson`, or what a getter or `toJSON` inside the value throws. Undefined gives null. */
export function copyToJson(value: unknown): Json {
  return value === undefined ? null : copy(value, '', 0)
}

function copy(value: unknown, path: string, depth: number): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      if (!Number.isFinite(value)) throw new NotPlainJson(path, `${value}, which JSON cannot hold`)
      return value
    case 'object':
      return value === null ? null : copyObject(value, path, depth)
    case 'bigint':
      throw new NotPlainJson(path, 'a bigint, which JSON cannot hold; give it as a string')
    case 'undefined':
      throw new NotPlainJson(path, 'undefined; use null, or leave it out')
    case 'function':
    case 'symbol':
      throw new NotPlainJson(path, `a ${typeof value}, which JSON cannot hold`)
  }
}

function copyObject(value: object, path: string, depth: number): Json {
  if (depth > valueNesting)
    throw new NotPlainJson(
      shortened(path),
      `nested deeper than ${valueNesting} (valueNesting); does the value refer to itself?`,
    )
  if (Array.isArray(value)) {
    const items: Json[] = new Array(value.length)
    for (let at = 0; at < value.length; at++) {
      const item: unknown = value[at]
      items[at] = typeof item === 'string' ? item : copy(item, `${path}[${at}]`, depth + 1)
    }
    return items
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return copyInstance(value, path, depth)
  const members: { [key: string]: Json } = {}
  for (const key of Object.keys(value)) {
    const member: unknown = Reflect.get(value, key)
    if (member === undefined) continue
    const copied =
      typeof member === 'string' ? member : copy(member, path === '' ? key : `${path}.${key}`, depth + 1)
    if (key === '__proto__')
      Object.defineProperty(members, key, {
        value: copied,
        enumerable: true,
        configurable: true,
        writable: true,
      })
    else members[key] = copied
  }
  return members
}

function copyInstance(value: object, path: string, depth: number): Json {
  const toJson: unknown = Reflect.get(value, 'toJSON')
  if (typeof toJson === 'function') {
    const given: unknown = Reflect.apply(toJson, value, [])
    if (given !== value) return copy(given === undefined ? null : given, path, depth + 1)
  }
  const name = value.constructor?.name
  throw new NotPlainJson(
    path,
    `${typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an object with a prototype of its own'}; give a plain object, a list, a string or a number`,
  )
}

function shortened(path: string): string {
  return path.length <= 80 ? path : `${path.slice(0, 60)}…`
}
