/**
 * A template against the schema of what takes its value: its constant parts, and the parts that must stay lists. Owns what
 * can be said of a value that is known in part; called for inputs of activities and children, and for results.
 */

import type { Draft } from '../compile/draft.ts'
import { compileSchemaCheck, type SchemaCheck, SchemaRefused } from '../input.ts'
import type { Json, JsonObject, JsonSchema } from '../json.ts'
import type { Template } from '../plan.ts'
import type { ProblemCode } from '../problems/catalogue.ts'
import { didYouMean } from '../problems/did-you-mean.ts'
import { type Cursor, pointer } from '../source/cursor.ts'
import { keyRange, nearestNode, type SourceNode, segmentsOf } from '../source/node.ts'
import { certainPart } from './certain-schema.ts'
import { type KnownTypes, mayBe, typesIn } from './known-types.ts'
import { resolveReference } from './schema-fields.ts'
import { checkKeepsList } from './scope.ts'

export interface TemplateTarget {
  readonly code: ProblemCode
  /** As in `the input of "payments.charge"`. */
  readonly what: string
  readonly schema: JsonSchema | undefined
  readonly types: KnownTypes
}

/** Absent templates are null. `cursor`: where the template stands, or what stands for its absence. */
export function checkTemplateSchema(
  draft: Draft,
  template: Template | undefined,
  cursor: Cursor | undefined,
  target: TemplateTarget,
): void {
  const { code, what, schema } = target
  if (schema === undefined || cursor === undefined) return
  if (template !== undefined) {
    checkLists(draft, template, schema, what)
    checkTypes(draft, template, schema, target, '')
  }
  const open = new Set<string>()
  const value = template === undefined ? null : constantPart(template, '', open)
  if (open.has('')) return
  const certain = open.size === 0 ? schema : certainPart(schema)
  const result = checkOf(certain)?.(value)
  if (result === undefined || result.ok) return
  for (const { path, message } of result.errors) {
    // A part that is computed may be anything.
    if ([...open].some((part) => path === part || path.startsWith(`${part}/`))) continue
    const segments = segmentsOf(path)
    const near = nearestNode(cursor.node, segments)
    const range =
      near.kind === 'scalar'
        ? near.range
        : segments.length === 0
          ? (cursor.key ?? near.range)
          : keyRange(cursor.node, segments)
    draft.reporter.report({
      code,
      message: `${what}${path === '' ? '' : ` at ${path}`} ${message}`,
      path: `${pointer(cursor)}${path}`,
      range,
      suggestion: fixOf(message, near),
    })
  }
}

/** From the words of the validator and what stands there. */
function fixOf(message: string, node: SourceNode): string | undefined {
  const [, lacking] = /^lacks the key "(.+)"$/.exec(message) ?? []
  if (lacking !== undefined) {
    const keys = node.kind === 'map' ? [...node.entries.keys()] : []
    const written = didYouMean(lacking, keys)
    return written === undefined
      ? `add \`${lacking}\``
      : `did you mean \`${lacking}\` in place of \`${written}\`?`
  }
  if (message.startsWith('has the unknown key')) return 'remove it, or spell it as the schema does'
  const value = node.kind === 'scalar' ? node.value : undefined
  if (
    /^must be (?:number|integer)$/.test(message) &&
    typeof value === 'string' &&
    /^\d+(?:\.\d+)?$/.test(value)
  )
    return `write it without quotes: ${value}`
  if (message === 'must be string' && typeof value === 'number') return `quote it: '${value}'`
  return undefined
}

/** Computed parts whose type is known and is none that the schema takes. */
function checkTypes(
  draft: Draft,
  template: Template,
  schema: Json | undefined,
  target: TemplateTarget,
  path: string,
): void {
  const object = target.schema === undefined ? undefined : resolveReference(target.schema, schema)
  if (object === undefined) return
  const { properties, items } = object
  if (template.kind === 'map' && isObject(properties)) {
    for (const [key, value] of template.entries)
      if (Object.hasOwn(properties, key)) checkTypes(draft, value, properties[key], target, `${path}/${key}`)
    return
  }
  if (template.kind === 'list' && object['prefixItems'] === undefined) {
    for (const [index, value] of template.items.entries())
      checkTypes(draft, value, items, target, `${path}/${index}`)
    return
  }
  const wanted = typesIn(object)
  const part = partOf(template)
  if (wanted === undefined || part === undefined) return
  const types = part.isText ? ['string'] : target.types(part.index)
  const note = draft.notes[part.index]
  const source = draft.expressions[part.index]?.source
  if (types === undefined || mayBe(types, wanted) || note === undefined || source === undefined) return
  const where = path === '' ? '' : ` at ${path}`
  const given = part.isText ? 'a text with an expression in it is string' : `\`${source}\` is ${oneOf(types)}`
  draft.reporter.report({
    code: 'type-mismatch',
    message: `${target.what}${where} must be ${oneOf(wanted)}, and ${given}`,
    path: note.path,
    range: note.rangeOf(0, source.length),
    suggestion: conversions[wanted.length === 1 ? (wanted[0] ?? '') : ''],
  })
}

/** The expression of a computed part, or the first one of a text. */
function partOf(template: Template): { readonly index: number; readonly isText: boolean } | undefined {
  if (template.kind === 'expression') return { index: template.expression, isText: false }
  const first = template.kind === 'text' ? template.parts.find((part) => typeof part === 'number') : undefined
  return first === undefined ? undefined : { index: first, isText: true }
}

const conversions: { readonly [type: string]: string } = {
  string: 'make a text of it with $string(…), or give another value',
  number: 'make a number of it with $number(…), or give another value',
  integer: 'make a number of it with $number(…), or give another value',
  boolean: 'make a condition of it, such as x = "yes", or give another value',
  array: 'put it into a list: [ … ], or give another value',
}

function oneOf(types: readonly string[]): string {
  return [...new Set(types)].join(' or ')
}

/** Computed parts that the schema wants as lists. */
function checkLists(draft: Draft, template: Template, schema: Json | undefined, what: string): void {
  if (!isObject(schema)) return
  if (template.kind === 'expression' && wantsList(schema['type'])) {
    checkKeepsList(draft, template.expression, what)
  } else if (template.kind === 'map' && isObject(schema['properties'])) {
    for (const [key, value] of template.entries)
      checkLists(draft, value, schema['properties'][key], `"${key}"`)
  }
}

/** Nothing would do as well as a list of none, one bare item would not. */
function wantsList(type: Json | undefined): boolean {
  const types = Array.isArray(type) ? type : [type]
  return types.includes('array') && types.every((each) => each === 'array' || each === 'null')
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value with null where it is computed; their pointers go to `open`. */
function constantPart(template: Template, path: string, open: Set<string>): Json {
  switch (template.kind) {
    case 'constant':
      return template.value
    case 'expression':
      open.add(path)
      return null
    case 'text':
      open.add(path)
      return ''
    case 'list':
      return template.items.map((item, index) => constantPart(item, `${path}/${index}`, open))
    case 'map':
      return Object.fromEntries(
        template.entries.map(([key, value]) => {
          const below = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
          return [key, constantPart(value, below, open)]
        }),
      )
  }
}

/** One schema may be asked by thousands of steps, and compiling it costs a millisecond or more. */
const checks = new WeakMap<JsonObject, SchemaCheck | null>()

/** A broken schema is refused where it stands, not here. */
function checkOf(schema: JsonSchema): SchemaCheck | null {
  if (typeof schema === 'boolean') return schema ? null : compileSchemaCheck(schema)
  const known = checks.get(schema)
  if (known !== undefined) return known
  const check = tryCompile(schema)
  checks.set(schema, check)
  return check
}

function tryCompile(schema: JsonSchema): SchemaCheck | null {
  try {
    return compileSchemaCheck(schema)
  } catch (error) {
    if (error instanceof SchemaRefused) return null
    throw error
  }
}
