/**
 * Offsets of a text to lines and columns, and the excerpt with carets that a problem shows. Owns both; pure.
 */
import type { Place } from '../plan.ts'
import type { Range } from './node.ts'

/** Longer lines are cut around what is meant. */
const excerptColumns = 120

export class TextPosition {
  readonly #text: string
  readonly #lineStarts: readonly number[]

  constructor(text: string) {
    this.#text = text
    const lineStarts = [0]
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1)
    this.#lineStarts = lineStarts
  }

  /** Columns count UTF-16 code units, as editors do. */
  placeAt(offset: number): Place {
    let low = 0
    let high = this.#lineStarts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 }
  }

  offsetOf(place: Place): number {
    return (this.#lineStarts[place.line - 1] ?? 0) + place.column - 1
  }

  /** The line without its end. */
  lineAt(line: number): string {
    const start = this.#lineStarts[line - 1] ?? this.#text.length
    const end = this.#lineStarts[line] ?? this.#text.length + 1
    return this.#text.slice(start, end - 1).replace(/\r$/, '')
  }

  excerpt(range: Range): string {
    const { line, column } = this.placeAt(range.start)
    const whole = this.lineAt(line)
    const from = column > excerptColumns - 20 ? column - 40 : 0
    const shown = whole.slice(from, from + excerptColumns).replaceAll('\t', ' ')
    const indent = column - 1 - from
    const carets = Math.max(1, Math.min(range.end - range.start, shown.trimEnd().length - indent))
    return `${shown}\n${' '.repeat(indent)}${'^'.repeat(carets)}`
  }
}
