/**
 * A plan in the making: the table of expressions with their facts and places, steps and blocks so far. Owns how texts of
 * the document become expressions, templates and durations; the shape of steps is `compile/step.ts`'s.
 */

import { durationMeant, parseDuration } from '../duration.ts'
import { type ExpressionFacts, noFacts, readFacts } from '../expressions/facts.ts'
import { parseExpression } from '../expressions/parse.ts'
import { splitTemplate } from '../expressions/template-text.ts'
import type { Json } from '../json.ts'
import type {
  BlockKey,
  ExpressionIndex,
  PlanDuration,
  PlanExpression,
  PlanStep,
  StepId,
  Template,
} from '../plan.ts'
import type { ProblemCode } from '../problems/catalogue.ts'
import type { Reporter } from '../problems/reporter.ts'
import { type Cursor, entriesOf, itemsOf, pointer, shownRange } from '../source/cursor.ts'
import type { Range, ScalarNode } from '../source/node.ts'
import { scalarOffsets } from '../source/scalar-offsets.ts'
import type { TextPosition } from '../source/text-position.ts'
import { foldReferences } from './references.ts'

/** A step that this release cannot run; its expressions and flow are checked all the same. */
export interface OpaqueStep {
  readonly id: StepId
  readonly verb: 'unsupported'
  readonly written: string
  readonly if?: ExpressionIndex
  readonly timeout?: PlanDuration
  readonly templates: readonly Template[]
}

export type DraftStep = PlanStep | OpaqueStep

/** What is known of an expression beside what the plan keeps. */
export interface ExpressionNote {
  readonly facts: ExpressionFacts
  readonly path: string
  /** The range of a part of the source. */
  rangeOf(at: number, length: number): Range
}

export class Draft {
  readonly text: string
  readonly positions: TextPosition
  readonly reporter: Reporter
  readonly expressions: PlanExpression[] = []
  readonly notes: ExpressionNote[] = []
  readonly steps = new Map<StepId, DraftStep>()
  readonly stepCursors = new Map<StepId, Cursor>()
  readonly blocks = new Map<BlockKey, readonly StepId[]>()
  /** Ids that authors wrote, so that a made one never takes theirs. */
  readonly writtenIds = new Set<string>()
  /** Texts of the document that could be names. */
  readonly writtenWords = new Set<string>()
  /** Names that no expression can hold as they are: `reserve-stock`. */
  readonly unwritable = new Set<string>()
  /** The shape has errors: what is missing here may stand in the text, where it could not be read. */
  isBroken = false

  constructor(text: string, positions: TextPosition, reporter: Reporter) {
    this.text = text
    this.positions = positions
    this.reporter = reporter
  }

  report(code: ProblemCode, cursor: Cursor, message: string, suggestion?: string): void {
    this.reporter.report({ code, message, path: pointer(cursor), range: shownRange(cursor), suggestion })
  }

  /** A key that is always an expression: bare, or with one `${ }` around it. */
  condition(cursor: Cursor | undefined): ExpressionIndex | undefined {
    if (cursor === undefined || cursor.node.kind !== 'scalar') return undefined
    const { value } = cursor.node
    if (value === null) return undefined
    const text = String(value)
    const leading = text.length - text.trimStart().length
    if (!text.includes('${')) return this.#expression(cursor, cursor.node, text.trim(), leading)
    const split = splitTemplate(text.trim())
    if ('unterminatedAt' in split)
      return this.#unterminated(cursor, cursor.node, split.unterminatedAt + leading)
    const [only, ...others] = split.parts
    if (only?.kind === 'expression' && others.length === 0) {
      return this.#expression(cursor, cursor.node, only.source, only.start + leading)
    }
    this.report(
      'bare-expression-expected',
      cursor,
      'this key takes one expression, not a text with several parts',
    )
    return undefined
  }

  template(cursor: Cursor): Template {
    const { node } = cursor
    switch (node.kind) {
      case 'scalar':
        return typeof node.value === 'string'
          ? this.#textTemplate(cursor, node, node.value)
          : { kind: 'constant', value: node.value }
      case 'list': {
        const items = itemsOf(cursor).map((item) => this.template(item))
        const values = items.flatMap((item) => (item.kind === 'constant' ? [item.value] : []))
        return values.length === items.length ? { kind: 'constant', value: values } : { kind: 'list', items }
      }
      case 'map': {
        const entries = entriesOf(cursor).map(([key, value]) => [key, this.template(value)] as const)
        const values = entries.flatMap(([key, value]) =>
          value.kind === 'constant' ? [[key, value.value] as const] : [],
        )
        return values.length === entries.length
          ? { kind: 'constant', value: Object.fromEntries(values) }
          : { kind: 'map', entries }
      }
    }
  }

  optionalTemplate(cursor: Cursor | undefined): Template | undefined {
    return cursor && this.template(cursor)
  }

  duration(cursor: Cursor | undefined): PlanDuration | undefined {
    if (cursor === undefined) return undefined
    const template = this.template(cursor)
    if (template.kind !== 'constant')
      return { template, place: this.positions.placeAt(cursor.node.range.start) }
    if (isUnterminated(cursor)) return undefined
    const ms = this.constantDuration(cursor, template.value)
    return ms === undefined ? undefined : { ms }
  }

  /** A duration that is the key of `cursor`, and so is literal. */
  keyDuration(cursor: Cursor, key: string): PlanDuration {
    const ms = parseDuration(key)
    if (ms === null) {
      const range = cursor.key ?? cursor.node.range
      const isNumber = /^\d+(?:\.\d+)?$/.test(key)
      this.reporter.report({
        code: isNumber ? 'bare-number-duration' : 'bad-duration',
        message: isNumber ? `a duration needs a unit: ${key} of what?` : `"${key}" is not a duration`,
        path: pointer(cursor),
        range,
        suggestion: isNumber ? `write ${key}s or ${key}ms` : durationMeant(key),
      })
    }
    return { ms: ms ?? 0 }
  }

  constantDuration(cursor: Cursor, value: Json): number | undefined {
    if (typeof value === 'number') {
      this.report(
        'bare-number-duration',
        cursor,
        `a duration needs a unit: ${value} of what?`,
        `write ${value}s or ${value}ms`,
      )
      return undefined
    }
    const ms = typeof value === 'string' ? parseDuration(value) : null
    if (ms !== null) return ms
    if (typeof value === 'string')
      this.report('bad-duration', cursor, `"${value}" is not a duration`, durationMeant(value))
    return undefined
  }

  #textTemplate(cursor: Cursor, node: ScalarNode, text: string): Template {
    if (!text.includes('${')) return { kind: 'constant', value: text }
    const split = splitTemplate(text)
    if ('unterminatedAt' in split) {
      this.#unterminated(cursor, node, split.unterminatedAt)
      return { kind: 'constant', value: text }
    }
    const [only] = split.parts
    if (split.parts.length === 1 && only?.kind === 'text') return { kind: 'constant', value: only.text }
    if (split.parts.length === 1 && only?.kind === 'expression') {
      return { kind: 'expression', expression: this.#expression(cursor, node, only.source, only.start) }
    }
    const parts = split.parts.map((part) =>
      part.kind === 'text' ? part.text : this.#expression(cursor, node, part.source, part.start),
    )
    return { kind: 'text', parts }
  }

  /** `start`: where the source begins in the value of the scalar. */
  #expression(cursor: Cursor, node: ScalarNode, source: string, start: number): ExpressionIndex {
    const offsetAt = scalarOffsets(this.text, node)
    const path = pointer(cursor)
    const rangeOf = (from: number, length: number): Range => {
      const begin = offsetAt(start + from)
      return { start: begin, end: Math.max(begin + 1, offsetAt(start + from + length)) }
    }
    const parsed = parseExpression(source)
    let facts: ExpressionFacts = noFacts()
    if ('tree' in parsed) {
      facts = readFacts(source, parsed.tree)
    } else {
      const { message, at, suggestion } = parsed
      this.reporter.report({ code: 'bad-expression', message, path, range: rangeOf(at, 1), suggestion })
    }
    const place = this.positions.placeAt(offsetAt(start))
    this.notes.push({ facts, path, rangeOf })
    return this.expressions.push({ source, place, path, names: foldReferences([facts]) }) - 1
  }

  #unterminated(cursor: Cursor, node: ScalarNode, index: number): undefined {
    const begin = scalarOffsets(this.text, node)(index)
    const range: Range = { start: begin, end: begin + 2 }
    // YAML cut a plain scalar at ` #`: what is missing is in the comment.
    const cut =
      node.style === 'plain' && /^[ \t]+#/.test(this.text.slice(node.range.end, node.range.end + 200))
    const code = cut ? 'quote-this-expression' : 'unterminated-expression'
    const message = cut
      ? 'YAML takes ` #` in this unquoted expression for a comment'
      : 'this `${` has no matching `}`'
    this.reporter.report({ code, message, path: pointer(cursor), range })
    return undefined
  }
}

/** Told when it became a template: what it would have given is not known. */
export function isUnterminated({ node }: Cursor): boolean {
  return (
    node.kind === 'scalar' && typeof node.value === 'string' && 'unterminatedAt' in splitTemplate(node.value)
  )
}

/** All expressions of a template, in order. */
export function expressionsOf(template: Template | undefined): readonly ExpressionIndex[] {
  switch (template?.kind) {
    case undefined:
    case 'constant':
      return []
    case 'expression':
      return [template.expression]
    case 'text':
      return template.parts.filter((part) => typeof part === 'number')
    case 'list':
      return template.items.flatMap(expressionsOf)
    case 'map':
      return template.entries.flatMap(([, value]) => expressionsOf(value))
  }
}
