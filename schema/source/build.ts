/**
 * The parser's document to our tree: resolves aliases within their bound and refuses keys, tags and values that plain
 * JSON cannot hold. Owns those rules; called by `source.ts` for a document whose syntax and depth are fine.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, type Scalar } from 'yaml'
import type { DocumentLimits } from '../limits.ts'
import type { ProblemCode } from '../problems/catalogue.ts'
import type { Reporter } from '../problems/reporter.ts'
import { badCharacterAt } from './bad-character.ts'
import { type PathSegment, pointerOf, type Range, type ScalarStyle, type SourceNode } from './node.ts'

/** Keys that reach into every JavaScript object; refused so that no map anywhere can be confused by them. */
const refusedKeys = new Set(['__proto__', 'constructor', 'prototype'])

const styles: { readonly [type: string]: ScalarStyle } = {
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_LITERAL: 'literal',
  BLOCK_FOLDED: 'folded',
}

interface Building {
  readonly document: Document
  readonly text: string
  readonly limits: DocumentLimits
  readonly reporter: Reporter
  readonly path: PathSegment[]
  /** Above zero while an alias is resolved: what is below is counted. */
  aliasDepth: number
  aliasNodes: number
  /** The outermost alias that is being resolved. */
  alias: Range
  stopped: boolean
}

const nothing: SourceNode = { kind: 'scalar', value: null, style: 'plain', range: { start: 0, end: 0 } }

export function buildNode(
  document: Document,
  text: string,
  limits: DocumentLimits,
  reporter: Reporter,
): SourceNode | null {
  const building: Building = {
    document,
    text,
    limits,
    reporter,
    path: [],
    aliasDepth: 0,
    aliasNodes: 0,
    alias: { start: 0, end: 1 },
    stopped: false,
  }
  const root = build(building, document.contents)
  return building.stopped ? null : root
}

function build(building: Building, node: unknown): SourceNode {
  if (building.stopped) return nothing
  if (isAlias(node)) return buildAlias(building, node)
  if (building.aliasDepth > 0 && ++building.aliasNodes > building.limits.documentAliasNodes) {
    building.stopped = true
    refuse(
      building,
      'too-many-aliases',
      `aliases stand for more than ${building.limits.documentAliasNodes} nodes (limit documentAliasNodes)`,
      building.alias,
    )
    return nothing
  }
  if (building.path.length > building.limits.documentNesting) {
    building.stopped = true
    refuse(
      building,
      'document-too-deep',
      `nested deeper than ${building.limits.documentNesting} levels (limit documentNesting)`,
      rangeOf(node),
    )
    return nothing
  }
  if (isScalar(node)) return buildScalar(building, node)
  if (isSeq(node)) {
    checkTag(building, node.tag, '!!seq', rangeOf(node))
    const items = node.items.map((item, index) => below(building, index, item))
    return { kind: 'list', items, range: rangeOf(node), flow: node.flow === true }
  }
  if (isMap(node)) {
    checkTag(building, node.tag, '!!map', rangeOf(node))
    const entries = new Map<string, { key: Range; keyStyle: ScalarStyle; node: SourceNode }>()
    for (const pair of node.items) {
      const key = keyOf(building, pair.key, rangeOf(node))
      if (key === null) continue
      if (entries.has(key.text)) {
        refuse(building, 'duplicate-key', `the key "${key.text}" stands here a second time`, key.range)
        continue
      }
      entries.set(key.text, {
        key: key.range,
        keyStyle: key.style,
        node: below(building, key.text, pair.value ?? pair.key, pair.value === null),
      })
    }
    return { kind: 'map', entries, range: rangeOf(node), flow: node.flow === true }
  }
  return nothing
}

function below(building: Building, segment: PathSegment, node: unknown, absent = false): SourceNode {
  if (absent) return { ...nothing, range: rangeOf(node) }
  building.path.push(segment)
  const built = build(building, node)
  building.path.pop()
  return built
}

function buildAlias(
  building: Building,
  alias: Parameters<typeof isAlias>[0] & { source: string; resolve(document: Document): unknown },
): SourceNode {
  const target = alias.resolve(building.document)
  if (target === undefined) {
    refuse(building, 'yaml-syntax', `no anchor &${alias.source} stands before this alias`, rangeOf(alias))
    return nothing
  }
  if (building.aliasDepth === 0) building.alias = rangeOf(alias)
  building.aliasDepth++
  const built = build(building, target)
  building.aliasDepth--
  return built
}

function buildScalar(building: Building, scalar: Scalar): SourceNode {
  const range = rangeOf(scalar)
  const style = styles[scalar.type ?? ''] ?? 'plain'
  if (scalar.tag !== undefined && !/^tag:yaml\.org,2002:(str|int|float|bool|null)$/.test(scalar.tag)) {
    refuseTag(building, range)
  }
  const { value } = scalar
  if (typeof value === 'string') {
    if (badCharacterAt(value) !== -1)
      refuse(building, 'bad-character', 'the text holds U+0000 or half of a surrogate pair', range)
    return { kind: 'scalar', value, style, range }
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
      refuse(
        building,
        'unsafe-number',
        `the number ${building.text.slice(range.start, range.end)} cannot be held exactly`,
        range,
      )
    }
    return { kind: 'scalar', value, style, range }
  }
  return { kind: 'scalar', value: value === true || value === false ? value : null, style, range }
}

function keyOf(
  building: Building,
  key: unknown,
  parent: Range,
): { text: string; range: Range; style: ScalarStyle } | null {
  const scalar = isAlias(key) ? key.resolve(building.document) : key
  if (isMap(key) && building.text.slice(parent.start, parent.start + 2) === '{{') {
    building.reporter.reportUnreadable({
      code: 'quote-this-expression',
      message: 'YAML reads `{{ }}` as a map in a map',
      path: pointerOf(building.path),
      range: parent,
      suggestion: 'write an expression as "${ … }", in quotes',
    })
    return null
  }
  if (!isScalar(scalar) || scalar.value === null) {
    refuse(
      building,
      'bad-key',
      'a key must be a text',
      isScalar(key) || isMap(key) || isSeq(key) ? rangeOf(key) : parent,
    )
    return null
  }
  const range = rangeOf(key)
  const text = typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? String(scalar.value))
  if (text === '<<' && scalar.type === 'PLAIN') {
    refuse(building, 'merge-key', 'the merge key << is not part of YAML 1.2', range)
    return null
  }
  if (refusedKeys.has(text)) {
    refuse(
      building,
      'bad-key',
      `the key "${text}" is refused: JavaScript objects give it a meaning of their own`,
      range,
    )
    return null
  }
  if (badCharacterAt(text) !== -1)
    refuse(building, 'bad-character', 'the key holds U+0000 or half of a surrogate pair', range)
  return { text, range, style: styles[scalar.type ?? ''] ?? 'plain' }
}

function checkTag(building: Building, tag: string | undefined, known: string, range: Range): void {
  if (tag === undefined || tag === known || tag === `tag:yaml.org,2002:${known.slice(2)}`) return
  refuseTag(building, range)
}

/** The parser keeps no place for tags; one stands before its value, most often on the same line. */
function refuseTag(building: Building, range: Range): void {
  const written = /!\S*\s*$/.exec(building.text.slice(Math.max(0, range.start - 200), range.start))
  const start = written === null ? range.start : range.start - written[0].length
  const tag = written?.[0].trim() ?? ''
  const isAlone = range.start === range.end
  const finding = {
    code: 'custom-tag' as const,
    message: tag === '' ? 'a tag is refused' : `the tag ${tag} is refused`,
    path: pointerOf(building.path),
    range: { start, end: written === null ? range.end : start + tag.length },
    suggestion:
      isAlone && /^![$A-Za-z_][\w.$]*$/.test(tag)
        ? `remove it; if an expression is meant, there is no operator \`!\`: write $not(${tag.slice(1)})`
        : undefined,
  }
  if (isAlone) building.reporter.reportUnreadable(finding)
  else building.reporter.report(finding)
}

function refuse(building: Building, code: ProblemCode, message: string, range: Range): void {
  building.reporter.report({ code, message, path: pointerOf(building.path), range })
}

function rangeOf(node: unknown): Range {
  const range = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : undefined
  return range ? { start: range[0], end: range[1] } : { start: 0, end: 1 }
}
