/**
 * What a value from outside must be before it enters a history: plain JSON that PostgreSQL can hold and every machine
 * reads alike. Owns the check at the doors (inputs, signals, activities' results), the size of a value, and equality.
 */
import type { Json } from '../../schema/json.ts'

/** Deepest nesting of a value. */
export const valueDepth = 200

export type CheckedJson =
  | { readonly ok: true; readonly value: Json; readonly bytes: number }
  /** `path` is a JSON pointer. */
  | { readonly ok: false; readonly path: string; readonly message: string }

/** Thrown inside the walk alone; the path is put together on the way out, so that a good value pays nothing for it. */
class Refusal {
  readonly message: string
  readonly path: string[] = []
  constructor(message: string) {
    this.message = message
  }
}

const suspicious = /[\0\ud800-\udfff]/
const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/** What PostgreSQL's `json` cannot hold, in words; null where the text is good. */
export function textProblem(text: string): string | null {
  if (!suspicious.test(text)) return null
  if (text.includes('\0')) return 'the character U+0000, which the database cannot store'
  return loneSurrogate.test(text) ? 'half of a surrogate pair, which is no character' : null
}

const unstorable = new RegExp(`\\0|${loneSurrogate.source}`, 'g')

/**
 * The text of an error as it can be kept: at most so long, a character that was cut in two included. For words that
 * quote what a user gave; a value is refused instead.
 */
export function storableText(text: string, longest: number): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text
  return suspicious.test(cut) ? cut.replace(unstorable, '\ufffd') : cut
}

/** What needs `\` in JSON, and what is more than one byte in UTF-8. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes these
const beyondPlain = /["\\\u0000-\u001f]|[^\u0000-\u007f]/

/** UTF-8 bytes of a text as JSON, quotes included. */
function textBytes(text: string): number {
  if (!beyondPlain.test(text)) return text.length + 2
  let bytes = 2
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x20) bytes += unit === 8 || unit === 9 || unit === 10 || unit === 12 || unit === 13 ? 2 : 6
    else if (unit < 0x80) bytes += unit === 0x22 || unit === 0x5c ? 2 : 1
    else if (unit < 0x800) bytes += 2
    // Each half of a pair is two of its four bytes.
    else bytes += unit >= 0xd800 && unit <= 0xdfff ? 2 : 3
  }
  return bytes
}

/**
 * UTF-8 bytes of a value as JSON without spaces. Beyond `atMost` some number above it: the walk ends there, since a value
 * that holds the same part many times may be larger than any memory.
 */
export function jsonBytes(value: Json, atMost = Number.POSITIVE_INFINITY): number {
  switch (typeof value) {
    case 'string':
      return value.length > atMost ? value.length : textBytes(value)
    case 'number':
      return String(value).length
    case 'boolean':
      return value ? 4 : 5
    default: {
      if (value === null) return 4
      let bytes = 2
      if (Array.isArray(value)) {
        for (const item of value) {
          if (bytes > atMost) return bytes
          bytes += jsonBytes(item, atMost - bytes) + 1
        }
        return value.length === 0 ? bytes : bytes - 1
      }
      let members = 0
      for (const [key, member] of Object.entries(value)) {
        if (bytes > atMost) return bytes
        bytes += textBytes(key) + 2
        bytes += jsonBytes(member, atMost - bytes)
        members++
      }
      return members === 0 ? bytes : bytes - 1
    }
  }
}

export function isDeeperThan(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  for (const part of Object.values(value)) if (isDeeperThan(part, levels - 1)) return true
  return false
}

/**
 * A copy of the value as plain JSON, or why it is none and where. What `JSON.stringify` does is done: `toJSON` is called
 * (a Date gives its ISO text), members that are undefined are left out. What it hides is refused: undefined in a list,
 * functions, symbols, bigints, NaN and infinities, cycles; and so is what would be read otherwise later: U+0000, lone
 * surrogates, integers beyond 2^53, a key `__proto__`, more than `valueDepth` levels, more than `payloadBytes`.
 */
export function checkJson(value: unknown, limits: { readonly payloadBytes: number }): CheckedJson {
  const checker = new Checker(limits.payloadBytes)
  try {
    const copy = checker.check(value, 0)
    return { ok: true, value: copy, bytes: checker.bytes }
  } catch (thrown) {
    if (thrown instanceof Refusal) {
      const path = thrown.path.reverse().map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`)
      return { ok: false, path: path.join(''), message: thrown.message }
    }
    // A getter, a proxy or a `toJSON` of the caller's.
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    return { ok: false, path: '', message: `reading the value failed: ${reason}` }
  }
}

class Checker {
  bytes = 0
  private readonly payloadBytes: number

  constructor(payloadBytes: number) {
    this.payloadBytes = payloadBytes
  }

  private count(bytes: number): void {
    this.bytes += bytes
    if (this.bytes > this.payloadBytes) {
      throw new Refusal(
        `the value is more than ${this.payloadBytes} bytes as JSON (limit payloadBytes): keep it elsewhere and pass a reference`,
      )
    }
  }

  private text(text: string): void {
    const problem = textProblem(text)
    if (problem !== null) throw new Refusal(`a text holds ${problem}`)
    this.count(textBytes(text))
  }

  check(value: unknown, depth: number): Json {
    switch (typeof value) {
      case 'string':
        this.text(value)
        return value
      case 'number':
        if (!Number.isFinite(value)) throw new Refusal(`${value} is not a JSON number`)
        if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
          throw new Refusal(`the integer ${value} is beyond 2^53 and not exact: pass it as a string`)
        }
        this.count(String(value).length)
        // -0 is written as 0 and would come back as it.
        return value === 0 ? 0 : value
      case 'boolean':
        this.count(value ? 4 : 5)
        return value
      case 'object':
        if (value === null) {
          this.count(4)
          return null
        }
        return this.container(value, depth)
      case 'undefined':
        throw new Refusal('nothing (undefined) is not JSON: pass null')
      default:
        throw new Refusal(`a ${typeof value} is not JSON`)
    }
  }

  private container(value: object, depth: number): Json {
    // Cycles end here too.
    if (depth >= valueDepth)
      throw new Refusal(`the value is nested deeper than ${valueDepth} levels, or holds itself`)
    if ('toJSON' in value && typeof value.toJSON === 'function') return this.check(value.toJSON(), depth + 1)
    this.count(2)
    return Array.isArray(value) ? this.list(value, depth) : this.members(value, depth)
  }

  private list(value: readonly unknown[], depth: number): Json {
    const copy: Json[] = []
    for (let index = 0; index < value.length; index++) {
      if (index > 0) this.count(1)
      try {
        copy.push(this.check(value[index], depth + 1))
      } catch (thrown) {
        if (thrown instanceof Refusal) thrown.path.push(String(index))
        throw thrown
      }
    }
    return copy
  }

  private members(value: object, depth: number): Json {
    const copy: { [key: string]: Json } = {}
    let first = true
    for (const key of Object.keys(value)) {
      const member: unknown = Reflect.get(value, key)
      if (member === undefined) continue
      try {
        if (key === '__proto__') throw new Refusal('the key `__proto__` is not allowed')
        this.text(key)
        this.count(first ? 1 : 2)
        first = false
        copy[key] = this.check(member, depth + 1)
      } catch (thrown) {
        if (thrown instanceof Refusal) thrown.path.push(key)
        throw thrown
      }
    }
    return copy
  }
}
