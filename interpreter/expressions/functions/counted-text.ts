/**
 * A text as re2js's engines read it, which counts every character that is read against the meter. Owns that alone.
 * re2js (pinned) asks it for code points by position (`rune << 3 | width`) and for occurrences of a literal.
 */
import type { Meter } from '../meter.ts'

const endOfText = -8
/** A search for a literal is the processor's own: it looks at many characters at once. */
const literalFactor = 1 / 64

interface Literal {
  readonly str: string
  automaton16(): { searchUTF16(text: string, from: number, to: number): boolean }
}

export class CountedText {
  readonly start = 0
  readonly end: number
  private readonly text: string
  private readonly costPerCharacter: number
  private readonly meter: Meter
  private cost = 0

  constructor(text: string, costPerCharacter: number, meter: Meter) {
    this.text = text
    this.end = text.length
    this.costPerCharacter = costPerCharacter
    this.meter = meter
  }

  private count(characters: number): void {
    this.cost += characters * this.costPerCharacter
    if (this.cost >= 1) {
      const whole = Math.floor(this.cost)
      this.cost -= whole
      this.meter.work(whole)
    }
  }

  step(position: number): number {
    if (position >= this.end) return endOfText
    this.count(1)
    const rune = this.text.codePointAt(position) ?? 0
    return (rune << 3) | (rune > 0xffff ? 2 : 1)
  }

  index(program: { readonly prefix: string }, position: number): number {
    const found = this.text.indexOf(program.prefix, position)
    this.count(((found < 0 ? this.end : found) - position) * literalFactor)
    return found < 0 ? -1 : found - position
  }

  hasString(literal: Literal, position: number): boolean {
    const found = this.text.indexOf(literal.str, position)
    this.count(((found < 0 ? this.end : found) - position) * literalFactor)
    return found >= 0
  }

  hasAnyString(literal: Literal, position: number): boolean {
    this.count(this.end - position)
    return literal.automaton16().searchUTF16(this.text, position, this.end)
  }

  /** The flags of an empty match between two characters: begin and end of line and text, word boundary. */
  context(position: number): number {
    return emptyContext(
      position > 0 && position <= this.end ? this.text.charCodeAt(position - 1) : -1,
      position < this.end ? this.text.charCodeAt(position) : -1,
    )
  }

  prefixLength(program: { readonly prefix: string }): number {
    return program.prefix.length
  }

  endPos(): number {
    return this.end
  }

  canCheckPrefix(): boolean {
    return true
  }
}

const beginLine = 1
const endLine = 2
const beginText = 4
const endText = 8
const wordBoundary = 16
const noWordBoundary = 32
const lineFeed = 10

function emptyContext(before: number, after: number): number {
  let flags = 0
  if (before < 0) flags |= beginText | beginLine
  if (before === lineFeed) flags |= beginLine
  if (after < 0) flags |= endText | endLine
  if (after === lineFeed) flags |= endLine
  return flags | (isWord(before) === isWord(after) ? noWordBoundary : wordBoundary)
}

/** `\w`: ASCII letters, digits and `_`. */
function isWord(character: number): boolean {
  return (
    (character >= 97 && character <= 122) ||
    (character >= 65 && character <= 90) ||
    (character >= 48 && character <= 57) ||
    character === 95
  )
}
