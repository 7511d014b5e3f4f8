/**
 * Errors of the language's JSON Schema to problems that an author can act on: one per mistake, at the key or value that
 * is meant, with what was expected in words (the `title` of the schema). Called by `shape-check.ts`.
 */
import type { ErrorObject } from 'ajv'
import { at, type Cursor, pointer, shownRange } from './cursor.ts'
import { didYouMean } from './did-you-mean.ts'
import type { ProblemCode } from './problem-catalogue.ts'
import type { Reporter } from './reporter.ts'
import { keyRange, nearestNode, segmentsOf } from './source-node.ts'
import { adviceFor, guessedKey } from './wrong-guesses.ts'

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
      reportUnknownKey(reporter, place, error, explain)
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

/** `states`, misspelt, stands for `steps` as well. */
function isThere(meant: ReadonlySet<string | undefined>, path: string, key: string): boolean {
  const others = key === 'steps' ? ['steps', 'states', 'initial'] : [key]
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
  return didYouMean(key, free) ?? guessedKey(key, known)
}

function reportUnknownKey(reporter: Reporter, place: Cursor, error: ErrorObject, explain: ExplainKey): void {
  const key = String(error.params['additionalProperty'])
  const known = Object.keys(recordOf(error.parentSchema?.['properties']))
  const meant = spellingOf(place, error)
  const entry = at(place, key)
  reporter.report({
    code: 'unknown-key',
    message: `unknown key "${key}"`,
    path: entry === undefined ? pointer(place) : pointer(entry),
    range: entry?.key ?? place.node.range,
    suggestion:
      meant === undefined
        ? (adviceFor(key, known) ?? explain(key) ?? `known here: ${known.join(', ')}`)
        : `did you mean \`${meant}\`?`,
  })
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
  return typeof description === 'string' ? `add \`${key}\`: ${description}` : `add \`${key}\``
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
    reporter.report({ code: 'bad-name', message, path: `${path}/${error.propertyName}`, range: keyAt })
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
      report('bad-duration', `${shown} is not a duration`)
    }
    return
  }
  if (error.schemaPath.includes('/$defs/id/')) {
    report('bad-name', `${written(place)} is not a name`)
    return
  }
  if (isExpressionPlace(error) && node.kind !== 'scalar' && node.flow) {
    report('quote-this-expression', 'YAML reads this unquoted expression as a list or a map')
    return
  }
  if (error.keyword === 'false schema') {
    report('wrong-value', `\`${String(place.path.at(-1))}\` cannot stand here beside what is there`)
    return
  }
  const expected = titleOf(error)
  if (error.keyword === 'minItems' || error.keyword === 'minProperties') {
    report('wrong-value', `${expected} needs at least one entry`, suggestionFor(place, error))
    return
  }
  if (error.keyword === 'minLength') {
    report('wrong-value', `\`${String(place.path.at(-1))}\` must not be empty`, suggestionFor(place, error))
    return
  }
  report('wrong-value', `${written(place)} is not ${expected}`, suggestionFor(place, error))
}

/** Where a duration is one of several forms (`wait: 10`), the number is still meant as one. */
function isNumberForDuration({ node }: Cursor, error: ErrorObject): boolean {
  return node.kind === 'scalar' && typeof node.value === 'number' && titleOf(error).startsWith('a duration')
}

function isExpressionPlace(error: ErrorObject): boolean {
  return error.schemaPath.includes('/$defs/expression/')
}

function titleOf(error: ErrorObject): string {
  const title = error.parentSchema?.['title']
  if (typeof title === 'string') return title
  return `what is expected here: it ${error.message ?? 'is wrong'}`
}

function suggestionFor(place: Cursor, error: ErrorObject): string | undefined {
  const { node } = place
  if (
    error.schemaPath.includes('/$defs/version/') &&
    node.kind === 'scalar' &&
    typeof node.value === 'number'
  ) {
    return `write three numbers, such as version: ${node.value}${Number.isInteger(node.value) ? '.0.0' : '.0'}`
  }
  if (
    error.schemaPath.includes('/$defs/serviceName/') &&
    node.kind === 'scalar' &&
    String(node.value).includes('$')
  ) {
    return 'names of verbs are literal, so that they can be checked; choose with `switch`'
  }
  const allowed = error.keyword === 'enum' ? error.params['allowedValues'] : undefined
  if (Array.isArray(allowed) && node.kind === 'scalar') {
    const meant = didYouMean(String(node.value), allowed.map(String))
    return meant === undefined ? undefined : `did you mean \`${meant}\`?`
  }
  const otherwise = otherForm(place)
  if (otherwise !== undefined) return otherwise
  const { description } = error.parentSchema ?? {}
  return typeof description === 'string' ? description : undefined
}

/** How a value of another form is written, where that can be told from the key. */
function otherForm({ node, path }: Cursor): string | undefined {
  const key = String(path.at(-1))
  const value = node.kind === 'scalar' ? node.value : null
  if (key === 'retry' && typeof value === 'number') return `write retry: { maximumAttempts: ${value} }`
  if (key === 'fail' && typeof value === 'string') return `write fail: { type: …, message: ${value} }`
  if (key === 'set' && node.kind !== 'map') return 'write set: { name: value }'
  if (key === 'parallel' && node.kind === 'list')
    return 'name the branches: parallel: { first: [ … ], second: [ … ] }'
  if (listKeys.has(key) && node.kind === 'map') return `put it into a list: ${key}: [ { … } ]`
  return undefined
}

const listKeys: ReadonlySet<string> = new Set([
  'steps',
  'do',
  'else',
  'try',
  'catch',
  'finally',
  'switch',
  'errors',
])

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
