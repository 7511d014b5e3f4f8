/**
 * Collects the problems of one document with place and excerpt. Every stage of loading reports through it;
 * the catalogue gives each code its severity.
 */

import type { Range } from '../source/node.ts'
import type { TextPosition } from '../source/text-position.ts'
import { type ProblemCode, problemCatalogue, suggestionOf } from './catalogue.ts'
import type { Problem, Severity } from './problem.ts'

export interface Finding {
  readonly code: ProblemCode
  readonly message: string
  /** JSON pointer. */
  readonly path: string
  readonly range: Range
  readonly suggestion?: string | undefined
}

export class Reporter {
  readonly #positions: TextPosition
  readonly #file: string | undefined
  readonly #limit: number
  readonly #seen = new Set<string>()
  readonly #problems: Problem[] = []
  /** Places that could not be read: what follows from that is not told as well. */
  readonly #closed: Range[] = []
  #dropped = 0
  #errors = 0
  #silent = false

  constructor(positions: TextPosition, file: string | undefined, limit: number) {
    this.#positions = positions
    this.#file = file
    this.#limit = limit
  }

  get hasErrors(): boolean {
    return this.#errors > 0
  }

  /** For a walk that only asks what can be seen where: the same places are walked again to be judged. */
  silently<T>(work: () => T): T {
    const before = this.#silent
    this.#silent = true
    try {
      return work()
    } finally {
      this.#silent = before
    }
  }

  /** Tells the last thing that is told of its place, or of a greater one. */
  reportUnreadable(finding: Finding, place: Range = finding.range): void {
    this.report(finding)
    this.#closed.push(place)
  }

  report(finding: Finding): void {
    if (this.#silent) return
    const { code, message, path, range } = finding
    const identity = `${code} ${range.start} ${message}`
    if (this.#seen.has(identity)) return
    const severity: Severity = problemCatalogue[code].severity
    if (severity === 'error') this.#errors++
    if (this.#problems.length >= this.#limit) {
      this.#dropped++
      return
    }
    this.#seen.add(identity)
    if (this.#closed.some(({ start, end }) => start <= range.start && range.start <= end)) return
    const suggestion = finding.suggestion ?? suggestionOf(code)
    this.#problems.push({
      code,
      severity,
      message,
      path,
      ...(this.#file === undefined ? {} : { file: this.#file }),
      ...this.#positions.placeAt(range.start),
      excerpt: this.#positions.excerpt(range),
      suggestion,
    })
  }

  /** In the order of the text, errors first at one place. What is beyond the limit is one more problem with their count. */
  problems(): readonly Problem[] {
    const sorted = this.#problems.toSorted(
      (left, right) =>
        left.line - right.line || left.column - right.column || ranks[left.severity] - ranks[right.severity],
    )
    const last = sorted.at(-1)
    if (this.#dropped === 0 || last === undefined) return sorted
    const severity: Severity = this.#errors > 0 ? 'error' : 'warning'
    const message = `and ${this.#dropped} more problems (limit documentProblems)`
    const more = { code: 'more-problems', severity, message, suggestion: suggestionOf('more-problems') }
    return [...sorted, { ...last, ...more }]
  }
}

const ranks: { readonly [S in Severity]: number } = { error: 0, warning: 1, hint: 2 }
