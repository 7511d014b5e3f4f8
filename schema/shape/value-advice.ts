/**
 * How a value of the wrong form is written instead, told from its key and from what stands there. Owns these fixes; the
 * problems themselves are `shape-errors.ts`'s.
 */
import type { ErrorObject } from 'ajv'
import { coerce } from 'semver'
import { didYouMean } from '../problems/did-you-mean.ts'
import { at, type Cursor, entriesOf } from '../source/cursor.ts'
import type { SourceNode } from '../source/node.ts'

/** `expected`: in words. */
export function suggestionFor(place: Cursor, error: ErrorObject, expected: string): string {
  const { node } = place
  const value = node.kind === 'scalar' ? node.value : undefined
  const special = ofDefinition(error, value) ?? otherForm(place, value)
  if (special !== undefined) return special
  const allowed = error.keyword === 'enum' ? error.params['allowedValues'] : undefined
  if (Array.isArray(allowed)) {
    const meant = value === undefined ? undefined : didYouMean(String(value), allowed.map(String))
    return meant === undefined ? `choose one of ${allowed.join(', ')}` : `did you mean \`${meant}\`?`
  }
  if (/^a (?:map|list) of/.test(expected)) {
    const key = String(place.path.at(-1))
    if (error.keyword === 'minItems' || error.keyword === 'minProperties')
      return `write what belongs to \`${key}\`, or leave it out`
    if (expected.startsWith('a map') && node.kind === 'list')
      return `write names and values: ${key}: { name: … }`
    if (expected === 'a list of error types' && typeof value === 'string') return `write ${key}: [${value}]`
    if (expected.startsWith('a list') && node.kind === 'map') return `put it into a list: ${key}: [ { … } ]`
  }
  if (/^a (?:whole )?number/.test(expected) && typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value))
    return `write it without quotes: ${value}`
  if (/^a text/.test(expected) && (typeof value === 'number' || typeof value === 'boolean'))
    return `quote it: '${String(value)}'`
  const { description } = error.parentSchema ?? {}
  return typeof description === 'string' ? description : `write ${expected}`
}

/** By the part of the schema that the value breaks. */
function ofDefinition({ schemaPath }: ErrorObject, value: unknown): string | undefined {
  const isOf = (name: string) => schemaPath.includes(`/$defs/${name}/`)
  if (isOf('version') && (typeof value === 'number' || typeof value === 'string')) {
    return `write three numbers, such as version: ${coerce(String(value))?.version ?? '1.0.0'}`
  }
  if (isOf('name') && typeof value === 'string') {
    const name = value
      .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
      .toLowerCase()
      .split(/[^a-z0-9.]+/)
      .filter((part) => part !== '')
      .join('-')
    return `use small letters, digits, - and ., beginning with a letter${/^[a-z]/.test(name) ? `: ${name}` : ''}`
  }
  if (isOf('serviceName') && String(value).includes('$'))
    return 'names of verbs are literal, so that they can be checked; choose with `switch`'
  return undefined
}

/** How a value of another form is written, where that can be told from the key. */
function otherForm(place: Cursor, value: unknown): string | undefined {
  const { node, path } = place
  const key = String(path.at(-1))
  const isText = typeof value === 'string'
  const isMap = node.kind === 'map'
  switch (key) {
    case 'dsl':
      return 'write dsl: perdure/1'
    case 'retry':
      if (typeof value === 'number') return `write retry: { maximumAttempts: ${value} }`
      if (value === true) return 'leave it out: activities are tried again by default; or write a policy'
      return 'write one policy: retry: { maximumAttempts: 5 }; for some errors it has `on: [ { errors: [ … ] } ]`'
    case 'fail':
      return isText ? `write fail: { type: …, message: ${value} }` : undefined
    case 'set':
      return isMap ? undefined : 'write set: { name: value }'
    case 'switch':
      return isText
        ? "each case has its own condition: switch: [ { when: input.kind = 'a', do: [ … ] } ]"
        : undefined
    case 'emit':
      return isText ? `write emit: { type: ${value} }` : undefined
    case 'signal':
      return isText
        ? `write signal: { workflowId: …, name: ${value} }; to wait for one: wait: { signal: ${value} }`
        : undefined
    case 'compensate':
      return isText ? `write compensate: { activity: ${value} }` : undefined
    case 'activity':
    case 'workflow':
      return isMap ? `write ${key}: and its name, and the other keys beside it` : undefined
    case 'forEach':
      return isOtherLoop(place) ? 'write forEach: and the list, and `as` beside it' : undefined
    case 'wait':
      return waitForm(place)
    case 'after':
      return isText ? `write after: { ${value}: <state> }` : undefined
    case 'tolerate':
      return 'write a whole number of items, or a share such as 10%'
    case 'join':
      return isText && path.at(-2) === 'parallel'
        ? 'put `join` beside `parallel`, not among its branches'
        : 'choose one of all, any, settled, { atLeast: n }'
    case 'parallel':
      return node.kind === 'list' ? 'name the branches: parallel: { first: [ … ], second: [ … ] }' : undefined
    case 'states':
      return node.kind === 'list' ? 'name the states: states: { first: { … }, second: { … } }' : undefined
    case 'steps':
      if (!isMap) return path.length === 1 ? 'add a step: steps: [ { id: …, activity: … } ]' : undefined
      return isMap && isMapOfMaps(node)
        ? 'write a list, each step with its name as `id`: steps: [ { id: …, … } ]'
        : undefined
    default:
      return undefined
  }
}

function waitForm(place: Cursor): string | undefined {
  if (place.node.kind !== 'map') return undefined
  const bounded = (at(place, 'signal') ?? at(place, 'condition')) !== undefined
  if (bounded && at(place, 'for') !== undefined)
    return 'to give up after a time write `atMost` in place of `for`'
  if (at(place, 'atMost') !== undefined && !bounded) {
    const other = entriesOf(place).find(([key]) => key !== 'atMost')
    return other === undefined
      ? 'name what is waited for: wait: { signal: …, atMost: … }'
      : `leave \`atMost\` out: \`${other[0]}\` ends by itself`
  }
  return 'keep one of them, and make a step of each other one'
}

/** `forEach: { in: input.items, as: item }`, which no expression is. */
export function isOtherLoop({ node, path }: Cursor): boolean {
  return (
    path.at(-1) === 'forEach' &&
    node.kind === 'map' &&
    ['in', 'items', 'as', 'of', 'each', 'list'].some((key) => node.entries.has(key))
  )
}

function isMapOfMaps(node: SourceNode): boolean {
  return node.kind === 'map' && [...node.entries.values()].every((entry) => entry.node.kind === 'map')
}

/** What a key that is refused beside others asks for. */
export function besideOf(key: string): string {
  return key === 'steps'
    ? 'a document has either `steps`, or `initial` and `states`'
    : `leave \`${key}\` out, or what excludes it`
}

/** A value that should be a name, as one. */
export function nameLike(node: SourceNode): string | undefined {
  return node.kind === 'scalar' && typeof node.value === 'string' ? spelt(node.value) : undefined
}

/** `reserve-stock` as `reserve_stock`; undefined where nothing is left of it. */
export function spelt(name: string): string | undefined {
  const own = name.replace(/[^A-Za-z0-9_]+/g, '_').replace(/^_+|_+$/g, '')
  return /^[A-Za-z_]/.test(own) && own.length <= 100
    ? `use letters, digits and _, not beginning with a digit: ${own}`
    : undefined
}
