/**
 * Errors of the language's JSON Schema to problems that an author can act on: one per mistake, at the key or value that
 * is meant, with what was expected in words (the `title` of the schema). Called by `shape-check.ts`.
 */
import type { ErrorObject } from 'ajv'
import { durationMeant } from '../duration.ts'
import type { ProblemCode } from '../problems/catalogue.ts'
import { didYouMean } from '../problems/did-you-mean.ts'
import type { Reporter } from '../problems/reporter.ts'
import { at, type Cursor, pointer, shownRange } from '../source/cursor.ts'
import { keyRange, nearestNode, segmentsOf } from '../source/node.ts'
import { adviceFor, firstAdviceFor } from './key-advice.ts'
import { besideOf, isOtherLoop, nameLike, spelt, suggestionFor } from './value-advice.ts'
import { guessedKey } from './wrong-guesses.ts'

/** Says something of a key that is unknown here, such as that another verb has it. */
export type ExplainKey = (key: string) => string | undefined

export function reportShape(
  reporter: Reporter,
  cursor: Cursor,
  errors: readonly ErrorObject[],
  explain: ExplainKey = () => undefined,
): void {
  const told = new Set<string>()
  const meant = new Set(errors.map((error) => meantKey(cursor, error)))
  const combined = errors.filter((error) => error.keyword === 'anyOf' || error.keyword === 'oneOf')
  for (const error of errors) {
    if (error.keyword === 'if' || error.keyword === 'propertyNames') continue
    if (combined.some((outer) => outer !== error && error.schemaPath.startsWith(`${outer.schemaPath}/`)))
      continue
    // What is missing of a choice is there, under another name.
    if (
      error.keyword === 'oneOf' &&
      errors.some((other) => meantKey(cursor, other)?.startsWith(`${error.instancePath}/`))
    )
      continue
    const place = placeOf(cursor, error)
    if (error.keyword === 'additionalProperties') {
      reportUnknownKey(reporter, place, error, explain, told)
    } else if (error.keyword === 'required' || error.keyword === 'dependentRequired') {
      // The key is there, under another name: one mistake.
      if (!isThere(meant, error.instancePath, String(error.params['missingProperty'])))
        reportMissingKey(reporter, place, error)
    } else if (!told.has(error.instancePath)) {
      // One value, one problem: a wrong type also fails every other keyword.
      told.add(error.instancePath)
      reportValue(reporter, place, error)
    }
  }
}

function placeOf(cursor: Cursor, error: ErrorObject): Cursor {
  const segments = segmentsOf(error.instancePath)
  if (segments.length === 0) return cursor
  const path = [
    ...cursor.path,
    ...segments.map((segment) => (/^\d+$/.test(segment) ? Number(segment) : segment)),
  ]
  return { node: nearestNode(cursor.node, segments), path, key: keyRange(cursor.node, segments) }
}

const isOfCase = (key: string) => key === 'when' || key === 'do'

/** `states`, misspelt, stands for `steps` as well, and `else` for the other keys of a case. */
function isThere(meant: ReadonlySet<string | undefined>, path: string, key: string): boolean {
  const others = key === 'steps' ? ['steps', 'states', 'initial'] : isOfCase(key) ? [key, 'else'] : [key]
  return others.some((each) => meant.has(`${path}/${each}`))
}

/** The pointer at which the key would stand that an unknown one stands for. */
function meantKey(cursor: Cursor, error: ErrorObject): string | undefined {
  if (error.keyword !== 'additionalProperties') return undefined
  const meant = spellingOf(placeOf(cursor, error), error)
  return meant && `${error.instancePath}/${meant}`
}

function spellingOf(place: Cursor, error: ErrorObject): string | undefined {
  const key = String(error.params['additionalProperty'])
  const known = Object.keys(recordOf(error.parentSchema?.['properties']))
  const free = known.filter((name) => at(place, name) === undefined)
  const guessed = guessedKey(key, known, free)
  return guessed ?? (adviceFor(key, known) === undefined ? didYouMean(key, free) : undefined)
}

function reportUnknownKey(
  reporter: Reporter,
  place: Cursor,
  error: ErrorObject,
  explain: ExplainKey,
  told: Set<string>,
): void {
  const key = String(error.params['additionalProperty'])
  const known = Object.keys(recordOf(error.parentSchema?.['properties']))
  const meant = spellingOf(place, error)
  const entry = at(place, key)
  const advice =
    firstAdviceFor(key, known) ??
    (meant === undefined
      ? (adviceFor(key, known) ?? besides(key, known) ?? outdented(place, key))
      : undefined)
  // Keys that are here for one reason are one mistake.
  if (advice !== undefined && told.has(`${error.instancePath} ${advice}`)) return
  told.add(`${error.instancePath} ${advice}`)
  reporter.report({
    code: 'unknown-key',
    message: `unknown key "${key}"`,
    path: entry === undefined ? pointer(place) : pointer(entry),
    range: entry?.key ?? place.node.range,
    suggestion:
      advice ??
      (meant === undefined
        ? (explain(key) ?? `known here: ${known.join(', ')}`)
        : `did you mean \`${meant}\`?`),
  })
}

/** The key that is meant stands here as well. */
function besides(key: string, known: readonly string[]): string | undefined {
  const meant = guessedKey(key, known) ?? didYouMean(key, known)
  return meant && `did you mean \`${meant}\`? It stands here already`
}

/** A key behind one that was left empty: it was to stand in that one. */
function outdented({ node }: Cursor, key: string): string | undefined {
  if (node.kind !== 'map' || node.flow) return undefined
  let empty: string | undefined
  for (const [name, entry] of node.entries) {
    if (name === key) break
    const isEmpty = entry.node.kind === 'scalar' && entry.node.value === null && entry.node.style === 'plain'
    if (isEmpty) empty = name
  }
  return empty && `\`${empty}\` is empty: indent what belongs to it`
}

function reportMissingKey(reporter: Reporter, place: Cursor, error: ErrorObject): void {
  const key = String(error.params['missingProperty'])
  const because =
    error.keyword === 'dependentRequired' ? `: \`${String(error.params['property'])}\` needs it` : ''
  const range = place.key ?? { start: place.node.range.start, end: place.node.range.start + 1 }
  const path = pointer(place)
  const suggestion = describe(recordOf(recordOf(error.parentSchema?.['properties'])[key]), key)
  reporter.report({
    code: 'missing-key',
    message: `the key "${key}" is missing${because}`,
    path,
    range,
    suggestion,
  })
}

function describe(schema: { readonly [key: string]: unknown }, key: string): string {
  const { description } = schema
  const own = typeof description === 'string' ? description : rootDescriptions[key]
  return own === undefined ? `add \`${key}\`` : `add \`${key}\`: ${own}`
}

/** Asked for by a part of the schema that does not describe them. */
const rootDescriptions: { readonly [key: string]: string } = {
  steps: 'the steps of the workflow in their order (or `initial` and `states`)',
  initial: 'the name of the state in which a run begins',
  states: 'the states by name',
  when: 'the condition of this case',
  do: 'its steps',
}

function reportValue(reporter: Reporter, place: Cursor, error: ErrorObject): void {
  const range = shownRange(place)
  const path = pointer(place)
  const report = (code: ProblemCode, message: string, suggestion?: string) =>
    reporter.report({ code, message, path, range, suggestion })
  const { node } = place
  if (error.propertyName !== undefined) {
    const entry = at(place, error.propertyName)
    const keyAt = entry?.key ?? range
    const message = `"${error.propertyName}" is not a name`
    const suggestion = spelt(error.propertyName)
    reporter.report({
      code: 'bad-name',
      message,
      path: `${path}/${error.propertyName}`,
      range: keyAt,
      suggestion,
    })
    return
  }
  if (error.schemaPath.includes('/$defs/duration/') || isNumberForDuration(place, error)) {
    const value = node.kind === 'scalar' ? node.value : null
    if (typeof value === 'number') {
      report(
        'bare-number-duration',
        `a duration needs a unit: ${value} of what?`,
        `write ${value}s or ${value}ms`,
      )
    } else {
      const shown = typeof value === 'string' ? `"${value}"` : 'this'
      report('bad-duration', `${shown} is not a duration`, signalOr(place, value))
    }
    return
  }
  if (error.schemaPath.includes('/$defs/id/')) {
    report('bad-name', `${written(place)} is not a name`, nameLike(node))
    return
  }
  if (isExpressionPlace(error) && node.kind !== 'scalar' && node.flow && !isOtherLoop(place)) {
    report('quote-this-expression', 'YAML reads this unquoted expression as a list or a map')
    return
  }
  if (error.keyword === 'false schema') {
    const key = String(place.path.at(-1))
    report('wrong-value', `\`${key}\` cannot stand here beside what is there`, besideOf(key))
    return
  }
  const expected = titleOf(error)
  if (error.keyword === 'minItems' || error.keyword === 'minProperties') {
    report('wrong-value', `${expected} needs at least one entry`, suggestionFor(place, error, expected))
    return
  }
  if (error.keyword === 'minLength') {
    report(
      'wrong-value',
      `\`${String(place.path.at(-1))}\` must not be empty`,
      suggestionFor(place, error, expected),
    )
    return
  }
  report('wrong-value', `${written(place)} is not ${expected}`, suggestionFor(place, error, expected))
}

function signalOr(place: Cursor, value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const isName = place.path.at(-1) === 'wait' && /^[A-Za-z_]\w*$/.test(value)
  return isName ? `to wait for a signal write wait: { signal: ${value} }` : durationMeant(value)
}

/** Where a duration is one of several forms (`wait: 10`), the number is still meant as one. */
function isNumberForDuration({ node }: Cursor, error: ErrorObject): boolean {
  return node.kind === 'scalar' && typeof node.value === 'number' && titleOf(error).startsWith('a duration')
}

function isExpressionPlace(error: ErrorObject): boolean {
  return /\/\$defs\/(?:expression|collection)\//.test(error.schemaPath)
}

function titleOf(error: ErrorObject): string {
  const title = error.parentSchema?.['title']
  if (typeof title === 'string') return title
  return `what is expected here: it ${error.message ?? 'is wrong'}`
}

/** The value as it was written, where that is short. */
function written(place: Cursor): string {
  const { node } = place
  if (node.kind === 'list') return 'a list'
  if (node.kind === 'map') return 'a map'
  if (node.value === null) return 'nothing'
  const text = JSON.stringify(node.value)
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text
}

function recordOf(value: unknown): { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
