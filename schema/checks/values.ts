/**
 * Values whose form the JSON Schema of the language cannot tell: JSON Schemas, version ranges, migrations, keys and texts
 * that look like expressions, constant inputs of registered activities. Called by `load.ts`.
 */
import { validRange } from 'semver'
import { splitActivityName } from '../compile/activity.ts'
import { Draft } from '../compile/draft.ts'
import { schemaOf, takesPayload } from '../compile/messages.ts'
import { isFunctionName } from '../expressions/function-names.ts'
import { quotedTemplate } from '../expressions/template-text.ts'
import { compileSchemaCheck, SchemaRefused } from '../input.ts'
import { brokenPart, checkKeywords, schemaFix } from '../shape/schema-keywords.ts'
import { at, type Cursor, entriesOf, itemsOf, listOrOne, pointer, textOf } from '../source/cursor.ts'
import { keyRange, nearestNode, segmentsOf } from '../source/node.ts'

export function checkValues(draft: Draft, root: Cursor): void {
  checkSchemas(draft, root)
  for (const range of listOrOne(at(root, 'compatibleWith'))) checkRange(draft, range)
  for (const rule of itemsOf(at(root, 'migrations'))) checkMigration(draft, root, rule)
  for (const [id, cursor] of draft.stepCursors) {
    checkActivityRange(draft, at(cursor, 'activity'))
    const verb = draft.steps.get(id)?.verb
    if (verb === 'workflow') checkLiteralRange(draft, at(cursor, 'version'))
    if (verb === 'continueAsNew') checkLiteralRange(draft, at(at(cursor, 'continueAsNew'), 'version'))
  }
  const names = literalNames(draft)
  for (const key of ['vars', 'queries', 'steps', 'signals', 'updates', 'states'])
    checkTexts(draft, at(root, key), names)
}

function checkSchemas(draft: Draft, root: Cursor): void {
  checkSchema(draft, at(root, 'input'))
  checkSchema(draft, at(root, 'output'))
  for (const [, signal] of entriesOf(at(root, 'signals'))) checkSchema(draft, at(signal, 'schema'))
  for (const [, update] of entriesOf(at(root, 'updates'))) checkSchema(draft, at(update, 'schema'))
  for (const [, query] of entriesOf(at(root, 'queries')))
    if (takesPayload(query)) checkSchema(draft, at(query, 'schema'))
}

function checkSchema(draft: Draft, cursor: Cursor | undefined): void {
  const schema = schemaOf(cursor)
  if (cursor === undefined || schema === undefined) return
  try {
    compileSchemaCheck(schema)
  } catch (error) {
    if (!(error instanceof SchemaRefused)) throw error
    const message = `not a JSON Schema (2020-12): ${error.message}`
    const broken = error.path === '' ? brokenPart(cursor, error.message) : undefined
    if (broken === undefined) reportSchema(draft, cursor, message, error.path)
    else draft.report('invalid-json-schema', broken.cursor, message, broken.suggestion)
  }
  checkKeywords(draft, cursor)
}

function reportSchema(draft: Draft, cursor: Cursor, message: string, below: string): void {
  const segments = segmentsOf(below)
  const range = segments.length === 0 ? (cursor.key ?? cursor.node.range) : keyRange(cursor.node, segments)
  const near = nearestNode(cursor.node, segments)
  draft.reporter.report({
    code: 'invalid-json-schema',
    message,
    path: `${pointer(cursor)}${below}`,
    range: near.kind === 'scalar' ? near.range : range,
    suggestion: schemaFix(below, near),
  })
}

function checkRange(draft: Draft, cursor: Cursor | undefined): void {
  const range = textOf(cursor)
  if (cursor === undefined || range === undefined || validRange(range) !== null) return
  draft.report('bad-version-range', cursor, `"${range}" is not a range of versions`)
}

/** A range that may be a template. */
function checkLiteralRange(draft: Draft, cursor: Cursor | undefined): void {
  if (textOf(cursor)?.includes('${') === false) checkRange(draft, cursor)
}

function checkActivityRange(draft: Draft, cursor: Cursor | undefined): void {
  const { versionRange } = splitActivityName(textOf(cursor) ?? '')
  if (cursor === undefined || versionRange === undefined || validRange(versionRange) !== null) return
  draft.report('bad-version-range', cursor, `"${versionRange}" is not a range of the activity's versions`)
}

/** Over the scope of another version: what its expressions name is not known here, that they are expressions is. */
function checkMigration(draft: Draft, root: Cursor, rule: Cursor): void {
  checkRange(draft, at(rule, 'from'))
  const apart = new Draft(draft.text, draft.positions, draft.reporter)
  apart.condition(at(rule, 'when'))
  for (const key of ['results', 'vars', 'input']) apart.optionalTemplate(at(rule, key))
  for (const [, target] of entriesOf(at(rule, 'steps'))) {
    const id = textOf(target)
    if (id !== undefined && !draft.steps.has(id))
      draft.report('unknown-step', target, `there is no step "${id}" in this version`)
  }
  for (const [id, result] of entriesOf(at(rule, 'results'))) {
    if (!draft.steps.has(id)) draft.report('unknown-step', result, `there is no step "${id}" in this version`)
  }
  for (const [name, value] of entriesOf(at(rule, 'vars'))) {
    if (at(at(root, 'vars'), name) === undefined)
      draft.report('unknown-variable', value, `the variable "${name}" is not declared`)
  }
  for (const [, target] of entriesOf(at(rule, 'signals'))) {
    const name = textOf(target)
    if (name !== undefined && at(at(root, 'signals'), name) === undefined) {
      draft.report('unknown-signal', target, `the signal "${name}" is not declared`)
    }
  }
}

/** JSONPath, as Step Functions and others write it. */
const looksLikeJsonPath = /^\$\.[A-Za-z_][A-Za-z0-9_.[\]]*$/
const looksLikePath =
  /^\$?(?:input|vars|steps|workflow)(?:\.[A-Za-z_][A-Za-z0-9_]*)+(?:\s(?:[-+*/%&=<>]|[!<>]=|and|or|in|\?\?|\?:)\s.*)?$/
/** `$now()`, `$sum(input.items.price)`. */
const looksLikeCall = /^\$([A-Za-z]+)\(.*\)$/
/** Keys below which a text is an expression, a name or prose, not a template. */
const notTemplates = new Set([
  'if',
  'while',
  'until',
  'forEach',
  'when',
  'condition',
  'where',
  'validate',
  'description',
  'schema',
  // `workflow.query` is one.
  'activity',
  // What others call these: unknown here, and told as such.
  'foreach',
  'for',
  'in',
  'cond',
  'guard',
])

/** Names that steps give to others: literal, whatever they look like. */
function literalNames(draft: Draft): ReadonlySet<string> {
  const names = [...draft.stepCursors.values()].flatMap((step) => [
    at(step, 'workflow'),
    at(at(step, 'signal'), 'name'),
  ])
  return new Set(names.flatMap((cursor) => (cursor === undefined ? [] : [pointer(cursor)])))
}

/** Types of errors in `catch`, in `retry.on` and in `retry`. */
const errorType = /\/(?:catch(?:\/\d+)?|retry\/on\/\d+)\/errors\/\d+$|\/retry\/nonRetryableErrorTypes\/\d+$/

/** Keys and texts that hold what looks like an expression and is none. */
function checkTexts(draft: Draft, cursor: Cursor | undefined, names: ReadonlySet<string>): void {
  if (cursor === undefined) return
  const { node } = cursor
  if (node.kind === 'scalar') {
    if (typeof node.value !== 'string' || notTemplates.has(String(cursor.path.at(-1)))) return
    const place = pointer(cursor)
    if (names.has(place) || errorType.test(place)) return
    if (/\{\{.*\}\}/.test(node.value) && !node.value.includes('${')) {
      draft.report('moustache', cursor, `"${node.value.slice(0, 60)}" is text, not an expression`)
    } else if (draft.isBroken) {
      // A key that nobody knows may be one that takes an expression.
      return
    } else if (looksLikeJsonPath.test(node.value)) {
      draft.report(
        'maybe-expression',
        cursor,
        `"${node.value}" is text here`,
        `if a field of the input is meant, write ${quotedTemplate(`input${node.value.slice(1)}`)}`,
      )
    } else if (looksLikePath.test(node.value) || isFunctionName(looksLikeCall.exec(node.value)?.[1] ?? '')) {
      draft.report(
        'maybe-expression',
        cursor,
        `"${node.value}" is text here`,
        `if its value is meant, write ${quotedTemplate(node.value)}`,
      )
    }
    return
  }
  for (const item of itemsOf(cursor)) checkTexts(draft, item, names)
  if (node.kind !== 'map') return
  for (const [key, entry] of node.entries) {
    if (key.includes('${')) {
      const code = entry.keyStyle === 'plain' ? 'quote-this-expression' : 'template-not-allowed'
      const message =
        code === 'template-not-allowed'
          ? 'keys are literal: no `${ }` in them'
          : 'YAML reads this unquoted expression as a key and a value'
      draft.reporter.report({ code, message, path: pointer(cursor), range: entry.key })
    }
  }
  for (const [key, value] of entriesOf(cursor)) if (key !== 'schema') checkTexts(draft, value, names)
}
