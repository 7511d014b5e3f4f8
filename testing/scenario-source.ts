/**
 * The text of a scenario file as plain JSON, with the position of every value in it.
 * Owns YAML syntax and positions; what the values mean is `scenario-file.ts`, its only caller.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml'
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

export function readSource(
  text: string,
  file: string,
): { readonly source: ScenarioSource | null; readonly problems: readonly Problem[] } {
  const lines = text.split('\n')
  const problem: ScenarioSource['problem'] = (at, path, message, suggestion) =>
    problemAt(excerptOf(lines, at), file, at, path, message, suggestion)
  const start: Position = { line: 1, column: 1 }
  if (text.length > maximumSourceBytes)
    return {
      source: null,
      problems: [
        problem(
          start,
          [],
          `the file is longer than ${maximumSourceBytes} characters`,
          'split it into several files',
        ),
      ],
    }
  const counter = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: counter,
    uniqueKeys: true,
    merge: false,
    stringKeys: true,
  })
  const positionAt = (offset: number): Position => {
    const { line, col } = counter.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  if (document.errors.length > 0)
    return {
      source: null,
      problems: document.errors.map((error) =>
        problem(
          positionAt(error.pos[0]),
          [],
          error.message.split('\n')[0]?.replace(/ at line \d+.*$/, '') ?? '',
        ),
      ),
    }
  let value: Json
  try {
    value = plainJson(document.toJS({ maxAliasCount: maximumAliasNodes }))
  } catch (error) {
    return {
      source: null,
      problems: [problem(start, [], error instanceof Error ? error.message : String(error))],
    }
  }

  const resolve = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node)
  const offsetOf = (node: unknown): number | null => {
    const range = (node as Node | null | undefined)?.range
    return range === null || range === undefined ? null : range[0]
  }
  const find = (path: DocumentPath, wantKey: boolean): Position => {
    let node: unknown = document.contents
    let offset = offsetOf(node) ?? 0
    for (const [depth, part] of path.entries()) {
      const parent = resolve(node)
      if (isMap(parent)) {
        const pair: Pair | undefined = parent.items.find(
          (item) => isScalar(item.key) && String(item.key.value) === String(part),
        )
        if (pair === undefined) break
        node = pair.value
        const keyOffset = offsetOf(pair.key)
        const last = depth === path.length - 1
        offset = (last && wantKey ? keyOffset : (offsetOf(node) ?? keyOffset)) ?? offset
      } else if (isSeq(parent)) {
        node = parent.items[Number(part)]
        if (node === undefined) break
        offset = offsetOf(node) ?? offset
      } else break
    }
    return positionAt(offset)
  }
  return {
    source: {
      file,
      value,
      locate: (path) => find(path, false),
      locateKey: (path) => find(path, true),
      problem,
    },
    problems: [],
  }
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
  const nowhere: Position = { line: 1, column: 1 }
  return {
    file,
    value: null,
    locate: () => nowhere,
    locateKey: () => nowhere,
    problem: (_at, path, message, suggestion) => problemAt('', file, nowhere, path, message, suggestion),
  }
}
