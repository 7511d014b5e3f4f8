/**
 * The small query language of lists: `status = 'running' and workflow = 'orders' and workflowId starts with 'o-'`.
 * Owns the text; what it filters is the store's. Comparisons joined by `and`, each field at most once. A chain of runs
 * shows as its last one; `runs = 'all'` shows them all. `parentRunId` finds the children of a run.
 */
import type { ExecutionFilter, RunStatus } from '../../storage/contract.ts'
import { EngineError } from '../engine-error.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

const statuses: { readonly [S in RunStatus]: true } = {
  running: true,
  completed: true,
  failed: true,
  canceled: true,
  terminated: true,
  timedOut: true,
  continuedAsNew: true,
}

const token = /\s*(?:'((?:[^']|'')*)'|"([^"]*)"|(<=|>=|=|<|>)|([A-Za-z_][A-Za-z0-9_]*)|(\S))/y

interface Token {
  readonly kind: 'text' | 'operator' | 'word' | 'other' | 'end'
  readonly text: string
  readonly at: number
}

/** Throws `RequestInvalid` with the column. */
export function parseListQuery(namespace: string, query: string | undefined): ExecutionFilter {
  const filter: Writable<ExecutionFilter> = { namespace }
  const tokens = tokensOf(query ?? '')
  let next = 0
  const take = (): Token => tokens[next++] ?? end(query ?? '')
  if (tokens.length === 0) return filter
  for (;;) {
    condition(filter, take)
    const joint = take()
    if (joint.kind === 'end') return filter
    if (joint.kind !== 'word' || joint.text.toLowerCase() !== 'and') throw wrong(joint, "'and' or the end")
  }
}

function condition(filter: Writable<ExecutionFilter>, take: () => Token): void {
  const field = take()
  const name = field.kind === 'word' ? field.text : ''
  switch (name) {
    case 'status': {
      const found = compared(field, take, '=')
      const status = value(found)
      if (isStatus(status)) return setOnce(filter, 'status', status, field)
      const isPaused = status === 'paused' ? ' (one that is paused is running: its description tells)' : ''
      throw wrong(found, `a status: ${Object.keys(statuses).join(', ')}${isPaused}`)
    }
    case 'workflow':
    case 'version':
    case 'parentRunId':
      return setOnce(filter, name, comparison(field, take, '='), field)
    case 'workflowId': {
      const operator = take()
      if (operator.kind === 'word' && operator.text.toLowerCase() === 'starts') {
        const rest = take()
        if (rest.kind !== 'word' || rest.text.toLowerCase() !== 'with') throw wrong(rest, "'with'")
        return setOnce(filter, 'workflowIdPrefix', value(take()), field)
      }
      if (operator.text !== '=') throw wrong(operator, "'=' or 'starts with'")
      return setOnce(filter, 'workflowId', value(take()), field)
    }
    case 'startedAt': {
      const operator = take()
      if (
        operator.text !== '>' &&
        operator.text !== '<' &&
        operator.text !== '>=' &&
        operator.text !== '<='
      ) {
        throw wrong(operator, "'>', '>=', '<' or '<='")
      }
      const written = take()
      const at = Date.parse(value(written))
      if (Number.isNaN(at)) throw wrong(written, "a time such as '2026-01-31T12:00:00Z'")
      // Starts are in whole milliseconds, and the store leaves out the moment itself.
      const margin = operator.text.endsWith('=') ? 1 : 0
      return operator.text.startsWith('>')
        ? setOnce(filter, 'startedAfter', at - margin, field)
        : setOnce(filter, 'startedBefore', at + margin, field)
    }
    case 'runs': {
      if (comparison(field, take, '=') !== 'all') throw wrong(field, "runs = 'all'")
      return setOnce(filter, 'allRuns', true, field)
    }
    default:
      throw wrong(field, 'one of status, workflow, version, workflowId, startedAt, parentRunId, runs')
  }
}

function comparison(field: Token, take: () => Token, operator: string): string {
  return value(compared(field, take, operator))
}

/** What stands behind the operator. */
function compared(field: Token, take: () => Token, operator: string): Token {
  const found = take()
  if (found.text !== operator || found.kind !== 'operator') throw wrong(found, `'=' after ${field.text}`)
  return take()
}

function value(found: Token): string {
  if (found.kind === 'text') return found.text
  throw wrong(found, 'a text in quotes')
}

function setOnce<K extends keyof ExecutionFilter>(
  filter: Writable<ExecutionFilter>,
  key: K,
  given: Writable<ExecutionFilter>[K],
  field: Token,
): void {
  if (filter[key] !== undefined) throw wrong(field, `${field.text} only once`)
  filter[key] = given
}

function isStatus(text: string): text is RunStatus {
  return Object.hasOwn(statuses, text)
}

function tokensOf(query: string): readonly Token[] {
  const tokens: Token[] = []
  token.lastIndex = 0
  while (token.lastIndex < query.length) {
    const match = token.exec(query)
    if (match === null) break
    const [, single, double, operator, word, other] = match
    const at = match.index + (match[0].length - match[0].trimStart().length) + 1
    if (single !== undefined) tokens.push({ kind: 'text', text: single.replaceAll("''", "'"), at })
    else if (double !== undefined) tokens.push({ kind: 'text', text: double, at })
    else if (operator !== undefined) tokens.push({ kind: 'operator', text: operator, at })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, at })
    else tokens.push({ kind: 'other', text: other ?? '', at })
  }
  return tokens
}

function end(query: string): Token {
  return { kind: 'end', text: '', at: query.length + 1 }
}

function wrong(found: Token, expected: string): EngineError {
  const what = found.kind === 'end' ? 'the end' : `'${found.text}'`
  return new EngineError(
    'RequestInvalid',
    `the query has ${what} at column ${found.at}, expected ${expected}`,
    {
      suggestion: "such as: status = 'running' and workflow = 'orders' and workflowId starts with 'o-'",
    },
  )
}
