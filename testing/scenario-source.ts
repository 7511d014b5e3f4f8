/**
 * The text of a scenario file as plain JSON, with the position of every value in it.
 * Owns YAML syntax and positions; what the values mean is `scenario-file.ts`, which reads it.
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
} from 'yaml'
import type { Json, Problem } from '../engine/index.ts'
import type { DocumentPath, Position } from './scenario.ts'

export interface ScenarioSource {
  readonly file: string
  readonly value: Json
  locate(path: DocumentPath): Position
  /** The key itself of an entry of a map, not its value. */
  locateKey(path: DocumentPath): Position
  problem(at: Position, path: DocumentPath, message: string, suggestion?: string): Problem
}

/** Aliases of one file may stand for so many nodes; more is a bomb. */
const maximumAliasNodes = 10_000
const maximumSourceBytes = 4 * 1024 * 1024

export interface SourceResult {
  readonly source: ScenarioSource | null
  readonly problems: readonly Problem[]
}

export function readSource(text: string, file: string): SourceResult {
  const lines = text.split('\n')
  const problem: ScenarioSource['problem'] = (at, path, message, suggestion) =>
    problemAt(excerptOf(lines, at), file, at, path, message, suggestion)
  const refused = (message: string, at: Position = start, suggestion?: string): SourceResult => ({
    source: null,
    problems: [problem(at, [], message, suggestion)],
  })
  if (text.length > maximumSourceBytes) {
    const message = `the file is longer than ${maximumSourceBytes} characters`
    return refused(message, start, 'split it into several files')
  }
  const counter = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: counter,
    uniqueKeys: true,
    merge: false,
    stringKeys: true,
  })
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ pos, message }) =>
      problem(positionAt(counter, pos[0]), [], message.split('\n')[0]?.replace(/ at line \d+.*$/, '') ?? ''),
    )
    return { source: null, problems }
  }
  try {
    const value = plainJson(document.toJS({ maxAliasCount: maximumAliasNodes }))
    const locate = (path: DocumentPath) => positionAt(counter, offsetOf(document, path, false))
    const locateKey = (path: DocumentPath) => positionAt(counter, offsetOf(document, path, true))
    return { source: { file, value, locate, locateKey, problem }, problems: [] }
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error))
  }
}

const start: Position = { line: 1, column: 1 }

function positionAt(counter: LineCounter, offset: number): Position {
  const { line, col } = counter.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}

/** Where the value of that path begins, or its key; of a path that is not there, its nearest parent. */
function offsetOf(document: Document, path: DocumentPath, ofKey: boolean): number {
  let node: unknown = document.contents
  let offset = beginOf(node) ?? 0
  for (const [depth, part] of path.entries()) {
    const parent = isAlias(node) ? node.resolve(document) : node
    if (isMap(parent)) {
      const pair: Pair | undefined = parent.items.find(
        (item) => isScalar(item.key) && String(item.key.value) === String(part),
      )
      if (pair === undefined) break
      node = pair.value
      const key = beginOf(pair.key)
      const isWanted = ofKey && depth === path.length - 1
      offset = (isWanted ? key : (beginOf(node) ?? key)) ?? offset
    } else if (isSeq(parent)) {
      node = parent.items[Number(part)]
      if (node === undefined) break
      offset = beginOf(node) ?? offset
    } else break
  }
  return offset
}

function beginOf(node: unknown): number | null {
  return (node as Node | null | undefined)?.range?.[0] ?? null
}

function problemAt(
  excerpt: string,
  file: string,
  at: Position,
  path: DocumentPath,
  message: string,
  suggestion: string | undefined,
): Problem {
  return {
    code: 'scenario-invalid',
    severity: 'error',
    message,
    path: path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    file,
    line: at.line,
    column: at.column,
    excerpt,
    ...(suggestion === undefined ? {} : { suggestion }),
  }
}

/** The line and a caret below its column. */
function excerptOf(lines: readonly string[], at: Position): string {
  const line = (lines[at.line - 1] ?? '').slice(0, 200)
  return `${line}\n${' '.repeat(Math.min(at.column - 1, line.length))}^`
}

/** What YAML gives is JSON already, but for `.nan` and `.inf`. */
function plainJson(value: unknown): Json {
  if (value === null || value === undefined) return null
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`${value} is not a JSON number`)
    return value
  }
  if (Array.isArray(value)) return value.map(plainJson)
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainJson(item)]))
  throw new Error(`a ${typeof value} is not JSON`)
}

/** A source for values that stand in code: without positions, problems name the path alone. */
export function valueSource(file: string): ScenarioSource {
  return {
    file,
    value: null,
    locate: () => start,
    locateKey: () => start,
    problem: (_at, path, message, suggestion) => problemAt('', file, start, path, message, suggestion),
  }
}
