/**
 * JSON Schemas as people write them from memory: types of other languages, and fields where keywords belong. Owns these
 * fixes and findings; whether a schema is one at all is the validator's to say. Called by `checks/values.ts`.
 */
import { RE2JS } from 're2js'
import type { Draft } from '../compile/draft.ts'
import { didYouMean } from '../problems/did-you-mean.ts'
import { at, type Cursor, entriesOf, itemsOf, pointer, textOf } from '../source/cursor.ts'
import type { SourceNode } from '../source/node.ts'

const types = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']

const otherTypes: { readonly [type: string]: string } = {
  int: 'type: integer',
  int32: 'type: integer',
  int64: 'type: integer',
  long: 'type: integer',
  float: 'type: number',
  double: 'type: number',
  decimal: 'type: number',
  str: 'type: string',
  text: 'type: string',
  uuid: 'type: string, format: uuid',
  email: 'type: string, format: email',
  date: 'type: string, format: date',
  datetime: 'type: string, format: date-time',
  timestamp: 'type: string, format: date-time',
  bool: 'type: boolean',
  list: 'type: array',
  map: 'type: object',
  dict: 'type: object',
  any: 'no `type` at all',
}

/** What to write where the validator refuses the schema at `path`; undefined where only it can tell. */
export function schemaFix(path: string, near: SourceNode): string | undefined {
  const key = path.split('/').at(-1)
  const value = near.kind === 'scalar' ? near.value : undefined
  if (key === 'type' && typeof value === 'string') {
    const other = otherTypes[value.toLowerCase()]
    if (other !== undefined) return `write ${other}`
    const meant = didYouMean(value, types)
    return meant === undefined ? `types are ${types.join(', ')}` : `did you mean \`${meant}\`?`
  }
  if (key === 'required' && typeof value === 'boolean')
    return 'list the keys that must be there beside `properties`: required: [a, b]'
  if (key === '$schema') return 'leave `$schema` out'
  if (key === 'items') return 'write one schema for all items; a schema per item is `prefixItems`'
  if (key === 'required') return 'write a list of keys: required: [a, b]'
  if (key === 'enum') return 'write a list of values: enum: [a, b]'
  if (key === 'properties') return 'write a map of names to schemas: properties: { id: { type: string } }'
  return undefined
}

export interface BrokenPart {
  readonly cursor: Cursor
  readonly suggestion: string
}

/** What the validator refuses without saying where: a pattern that is not linear, a reference that leads nowhere. */
export function brokenPart(schema: Cursor, said: string): BrokenPart | undefined {
  for (const [key, cursor] of entriesOf(schema)) {
    const value = textOf(cursor)
    if (key === 'pattern' && value !== undefined && !isLinear(value))
      return { cursor, suggestion: 'rewrite it without look-around and back-references' }
    if (key === '$ref' && value !== undefined && said.includes(`reference ${value} `)) {
      const verb = value.startsWith('#') ? 'define it' : 'copy what is needed into this schema,'
      return { cursor, suggestion: `${verb} under \`$defs\`` }
    }
    const inner = brokenPart(cursor, said)
    if (inner !== undefined) return inner
  }
  for (const item of itemsOf(schema)) {
    const inner = brokenPart(item, said)
    if (inner !== undefined) return inner
  }
  return undefined
}

function isLinear(pattern: string): boolean {
  try {
    RE2JS.compile(pattern)
    return true
  } catch {
    return false
  }
}

const keywords: ReadonlySet<string> = new Set(
  (
    '$schema $id $ref $defs $anchor $comment $vocabulary $dynamicRef $dynamicAnchor definitions type enum const ' +
    'title description default examples deprecated readOnly writeOnly format contentEncoding contentMediaType ' +
    'contentSchema properties required additionalProperties patternProperties propertyNames unevaluatedProperties ' +
    'minProperties maxProperties dependentRequired dependentSchemas dependencies items prefixItems contains ' +
    'minContains maxContains minItems maxItems uniqueItems unevaluatedItems additionalItems minLength maxLength ' +
    'pattern minimum maximum exclusiveMinimum exclusiveMaximum multipleOf allOf anyOf oneOf not if then else ' +
    'nullable discriminator xml externalDocs example'
  ).split(' '),
)

/** Schemas below these keys are looked into as well. */
const below = { maps: ['properties', '$defs'], ones: ['items'] }

/** `input: { amount: { type: number } }` allows everything: no keyword stands in it. */
export function checkKeywords(draft: Draft, schema: Cursor): void {
  const entries = entriesOf(schema)
  const [first] = entries
  if (first !== undefined && !entries.some(([key]) => keywords.has(key) || key.startsWith('x-'))) {
    const names = entries.map(([key]) => `"${key}"`).slice(0, 3)
    draft.reporter.report({
      code: 'schema-without-keywords',
      message: `${names.join(', ')}: no keyword of JSON Schema, so this allows every value`,
      path: pointer(schema),
      range: first[1].key ?? first[1].node.range,
      suggestion: fixOf(first),
    })
    return
  }
  for (const key of below.maps) for (const [, each] of entriesOf(at(schema, key))) checkKeywords(draft, each)
  for (const key of below.ones) {
    const inner = at(schema, key)
    if (inner !== undefined && itemsOf(inner).length === 0) checkKeywords(draft, inner)
  }
}

function fixOf([key, { node }]: readonly [string, Cursor]): string | undefined {
  const meant = didYouMean(key, keywords)
  if (meant !== undefined) return `did you mean \`${meant}\`?`
  if (node.kind === 'scalar' && String(node.value).includes('${'))
    return 'this is a schema; a result is given by a step `return`'
  const own =
    node.kind === 'scalar' && types.includes(String(node.value)) ? `{ type: ${String(node.value)} }` : '{ … }'
  return `put the fields under \`properties\`: { type: object, properties: { ${key}: ${own} } }`
}
