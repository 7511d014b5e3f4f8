/**
 * The check of a value at a door of the engine: an input, a signal, an activity's result (engine.md §5). What passes
 * can be stored by every driver, so one value never fails a batch with the turns of others. One walk, no copy.
 */
import type { Json } from '../schema/json.ts'

/** Deeper than this, `JSON.stringify` and PostgreSQL run out of stack. */
export const valueDepth = 500

export interface ValueProblem {
  readonly kind: 'size' | 'text' | 'depth' | 'type'
  /** Goes on after "the input", "the result of the activity", … */
  readonly message: string
  readonly details: Json
}

export interface CheckedValue {
  /** Estimate of its length as JSON. */
  readonly bytes: number
  readonly problem: ValueProblem | null
}

/** `value` may be anything that claims to be JSON. `payloadBytes` is the limit of that name. */
export function checkValue(value: unknown, payloadBytes: number): CheckedValue {
  const walk: Walk = { bytes: 0, problem: null }
  visit(walk, value, 0, '')
  if (walk.problem !== null) return walk
  // The walk counts UTF-16 units without escapes: at most a sixth of the bytes of the JSON text (a control character).
  if (walk.bytes * 6 <= payloadBytes) return walk
  const exact = Buffer.byteLength(JSON.stringify(value))
  if (exact <= payloadBytes) return { bytes: exact, problem: null }
  return {
    bytes: exact,
    problem: {
      kind: 'size',
      message: `has ${exact} bytes as JSON, more than the limit payloadBytes (${payloadBytes}): store it elsewhere and pass a reference, or raise the limit`,
      details: { limit: 'payloadBytes', maximum: payloadBytes, actual: exact },
    },
  }
}

interface Walk {
  bytes: number
  problem: ValueProblem | null
}

function visit(walk: Walk, value: unknown, depth: number, path: string): void {
  switch (typeof value) {
    case 'string':
      walk.bytes += value.length + 3
      return checkText(walk, value, path)
    case 'number':
      walk.bytes += 20
      if (!Number.isFinite(value)) refuse(walk, 'type', path, `is ${value}, which JSON cannot hold`)
      return
    case 'boolean':
      walk.bytes += 6
      return
    case 'object':
      break
    default:
      return refuse(walk, 'type', path, `is ${typeof value}, which JSON cannot hold`)
  }
  if (value === null) {
    walk.bytes += 5
    return
  }
  walk.bytes += 2
  if (depth >= valueDepth) return refuse(walk, 'depth', path.slice(0, 80), `is nested deeper than ${valueDepth}`)
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length && walk.problem === null; index += 1) {
      visit(walk, value[index], depth + 1, depth < 20 ? `${path}/${index}` : path)
    }
    return
  }
  for (const key of Object.keys(value)) {
    if (walk.problem !== null) return
    walk.bytes += key.length + 4
    checkText(walk, key, path)
    visit(walk, (value as { readonly [key: string]: unknown })[key], depth + 1, depth < 20 ? `${path}/${key}` : path)
  }
}

function checkText(walk: Walk, text: string, path: string): void {
  if (text.includes('\u0000')) {
    refuse(walk, 'text', path, 'holds the character U+0000, which the database cannot store: remove it')
  } else if (/\p{Surrogate}/u.test(text)) {
    refuse(walk, 'text', path, 'holds half of a surrogate pair, which is no text: it was cut in the middle of a character')
  }
}

function refuse(walk: Walk, kind: ValueProblem['kind'], path: string, what: string): void {
  if (walk.problem !== null) return
  const where = path === '' ? '' : `at ${path} `
  walk.problem = { kind, message: `${where}${what}`, details: { path } }
}
