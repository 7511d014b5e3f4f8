/**
 * Text to a tree of values with places: YAML 1.2 core schema within bounds, or JSON. Owns parsing and what is refused
 * about text and values as such; knows nothing of workflows. Called by `load.ts`.
 */
import { LineCounter, parseAllDocuments, type YAMLParseError } from 'yaml'
import type { DocumentLimits } from '../limits.ts'
import type { Reporter } from '../problems/reporter.ts'
import { badCharacterAt } from './bad-character.ts'
import { buildNode } from './build.ts'
import { tooDeepAt } from './document-depth.ts'
import { pointerOf, type Range, type SourceNode } from './node.ts'

export interface SourceOptions {
  readonly format: 'yaml' | 'json'
  readonly limits: DocumentLimits
}

/** The tree, or null where the text has none (reported). A tree may come with errors: the rest of it is still checked. */
export function parseSource(text: string, options: SourceOptions, reporter: Reporter): SourceNode | null {
  const { limits } = options
  const bytes = byteLengthWithin(text, limits.documentBytes)
  if (bytes === null) {
    const message = `the document is larger than ${limits.documentBytes} bytes (limit documentBytes)`
    reporter.report({ code: 'document-too-large', message, path: '', range: { start: 0, end: 1 } })
    return null
  }
  const bad = badCharacterAt(text)
  if (bad !== -1) {
    const message = `the character ${codePointName(text, bad)} cannot be stored`
    reporter.report({ code: 'bad-character', message, path: '', range: { start: bad, end: bad + 1 } })
    return null
  }
  // In JSON a tab can only stand between tokens, where YAML would count it as indentation.
  const source = options.format === 'json' ? text.replaceAll('\t', ' ') : text
  const deep = tooDeepAt(source, limits.documentNesting)
  if (deep !== null) return tooDeep(reporter, { start: deep, end: deep + 1 }, limits)
  return compose(source, options, reporter)
}

function compose(text: string, { format, limits }: SourceOptions, reporter: Reporter): SourceNode | null {
  if (format === 'json' && !isStrictJson(text, reporter)) return null
  const documents = parseAllDocuments(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    // Its own check is quadratic (80,000 keys take half a minute); `source/build.ts` has a map.
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: new LineCounter(),
    logLevel: 'silent',
  })
  const first = Array.isArray(documents) ? documents[0] : undefined
  if (first === undefined || first.contents === null) {
    if (first !== undefined) reportSyntax(first.errors, text, reporter)
    if (reporter.hasErrors) return null
    reporter.report({
      code: 'empty-document',
      message: 'the document is empty',
      path: '',
      range: { start: 0, end: 1 },
    })
    return null
  }
  const second = documents[1]
  if (second !== undefined) {
    const start = second.range?.[0] ?? 0
    reporter.report({
      code: 'several-documents',
      message: 'a second document begins here',
      path: '',
      range: { start, end: start + 3 },
    })
  }
  reportSyntax(first.errors, text, reporter)
  if (reporter.hasErrors) return null
  return buildNode(first, text, limits, reporter)
}

/** JSON that YAML would read too, but with other words for what is wrong. */
function isStrictJson(text: string, reporter: Reporter): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (error) {
    const said = error instanceof Error ? error.message : 'not JSON'
    const position = Number(/position (\d+)/.exec(said)?.[1] ?? text.trimEnd().length)
    const start = Math.min(position, Math.max(0, text.length - 1))
    reporter.report({
      code: 'yaml-syntax',
      message: `not JSON: ${said}`,
      path: '',
      range: { start, end: start + 1 },
      suggestion:
        'JSON has double quotes, no comments and no comma at the end; YAML has more (name the file .yaml)',
    })
    return false
  }
}

/** The first error alone: those after it are mostly its echo. */
function reportSyntax(errors: readonly YAMLParseError[], text: string, reporter: Reporter): void {
  const error = errors[0]
  if (error === undefined) return
  const isTab = error.code === 'TAB_AS_INDENT'
  const from = error.pos[0] + (isTab ? 0 : blanksAt(text, error.pos[0]))
  const range: Range = { start: from, end: Math.max(error.pos[1], from + 1) }
  const expression = unquotedExpressionOn(text, range.start)
  if (expression !== null) {
    const message = 'YAML cannot read this unquoted expression'
    reporter.report({ code: 'quote-this-expression', message, path: '', range: expression })
    return
  }
  if (error.code === 'TAG_RESOLVE_FAILED') {
    reporter.report({
      code: 'custom-tag',
      message: `the tag ${text.slice(range.start, range.end)} is not known`,
      path: '',
      range,
    })
    return
  }
  const words = error.message.replace(/ at line \d+, column \d+:?[\s\S]*$/, '')
  reporter.report({
    code: 'yaml-syntax',
    message: words,
    path: '',
    range,
    suggestion: syntaxFixes[error.code],
  })
}

function blanksAt(text: string, offset: number): number {
  let at = offset
  while (text[at] === ' ' || text[at] === '\t') at++
  return at === text.length || text[at] === '\n' ? 0 : at - offset
}

/** By the parser's code. */
const syntaxFixes: { readonly [code: string]: string } = {
  BAD_INDENT: 'begin this line in the same column as its neighbours, or deeper below what it belongs to',
  TAB_AS_INDENT: 'indent with spaces',
  BLOCK_AS_IMPLICIT_KEY:
    'quote a text that holds `: `; a line that is indented deeper needs a key above it that is empty',
  MISSING_CHAR: 'close what is open: a quote, a bracket, or a blank behind `:` and `-`',
  DUPLICATE_KEY: 'remove or rename one of them',
}

const expressionKey =
  /(?:^|[\s{,-])(if|while|until|forEach|when|condition|where|validate)\s*:[ \t]+(?!["'|>])/

/** An expression without quotes on the line of a syntax error, or on the one above, where a plain scalar began. */
function unquotedExpressionOn(text: string, offset: number): Range | null {
  const end = text.indexOf('\n', offset)
  const lineEnd = end === -1 ? text.length : end
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1
  const line = text.slice(lineStart, lineEnd)
  const dollar = unquotedDollar(line)
  if (dollar !== -1) return { start: lineStart + dollar, end: lineEnd }
  const key = expressionKey.exec(line)
  if (key === null || /: *[|>]/.test(line)) return null
  return { start: lineStart + key.index + key[0].length, end: lineEnd }
}

/** Where `${` stands outside quotes, or -1. */
function unquotedDollar(line: string): number {
  let quote = ''
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? ''
    if (quote !== '') {
      if (character === '\\' && quote === '"') at++
      else if (character === quote) quote = ''
    } else if ((character === '"' || character === "'") && /[\s:,[{-]/.test(line[at - 1] ?? ' ')) {
      quote = character
    } else if (character === '$' && line[at + 1] === '{') {
      return at
    }
  }
  return -1
}

function tooDeep(reporter: Reporter, range: Range, limits: DocumentLimits): null {
  const message = `nested deeper than ${limits.documentNesting} levels (limit documentNesting)`
  reporter.report({ code: 'document-too-deep', message, path: pointerOf([]), range })
  return null
}

/** UTF-8 bytes, or null when they exceed the limit; stops counting there. */
function byteLengthWithin(text: string, limit: number): number | null {
  if (text.length > limit) return null
  let bytes = text.length
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1
  }
  return bytes > limit ? null : bytes
}

function codePointName(text: string, at: number): string {
  return `U+${text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0')}`
}
