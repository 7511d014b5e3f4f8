/**
 * Follows names through a JSON Schema: which fields a value of it can have. Owns what is certain of a schema and what is
 * not: where keywords combine schemas, nothing is said. Pure; called by `checks/fields.ts`.
 */
import type { Json, JsonObject, JsonSchema } from '../json.ts'

export type FieldFinding =
  /** `known`: the fields that there are. Closed: no other can be there. */
  | {
      readonly kind: 'unknown'
      readonly index: number
      readonly known: readonly string[]
      readonly closed: boolean
    }
  /** What is read of is a text, a number or a boolean. */
  | { readonly kind: 'no-fields'; readonly index: number; readonly type: string }

/** References to definitions that refer on. */
const longestReferences = 20
/** Keywords that bring further schemas, so that `properties` alone do not tell. */
const combining = [
  'allOf',
  'anyOf',
  'oneOf',
  'if',
  'dependentSchemas',
  'patternProperties',
  'prefixItems',
  '$dynamicRef',
  '$recursiveRef',
]
const scalars: ReadonlySet<Json> = new Set(['string', 'number', 'integer', 'boolean', 'null'])

/** The first name of a path that no value of the schema has; undefined: all may be there. */
export function followFields(schema: JsonSchema, names: readonly string[]): FieldFinding | undefined {
  let current: Json | undefined = schema
  for (const [index, name] of names.entries()) {
    const object: JsonObject | undefined = itemOf(schema, current)
    if (object === undefined) return undefined
    const types = typesOf(object)
    if (types !== undefined && types.length > 0 && types.every((type) => scalars.has(type))) {
      return { kind: 'no-fields', index, type: types.join(' or ') }
    }
    const { properties } = object
    const known: JsonObject = isObject(properties) ? properties : {}
    if (!Object.hasOwn(known, name)) {
      const openness = opennessOf(object)
      // What is required is named too, though nothing more is said of it.
      const { required } = object
      if (openness !== 'closed' && Array.isArray(required) && required.includes(name)) return undefined
      // `{ type: object }` alone says nothing of what is in it.
      if (openness === 'explicit' || (openness === 'silent' && Object.keys(known).length === 0))
        return undefined
      return { kind: 'unknown', index, known: Object.keys(known), closed: openness === 'closed' }
    }
    current = known[name]
  }
  return undefined
}

/** The schema of one item of what a path reads, where the names alone lead there. */
export function itemSchema(schema: JsonSchema, names: readonly string[]): JsonSchema | undefined {
  let current: Json | undefined = schema
  for (const name of names) {
    const properties: Json | undefined = itemOf(schema, current)?.['properties']
    if (!isObject(properties) || !Object.hasOwn(properties, name)) return undefined
    current = properties[name]
  }
  const item = itemOf(schema, current)
  if (item === undefined || typeof schema === 'boolean') return undefined
  // So that its references still lead to definitions.
  return schema['$defs'] === undefined ? item : { ...item, $defs: schema['$defs'] }
}

/** The schema of what a path reads next: a list gives its items. */
function itemOf(root: JsonSchema, schema: Json | undefined): JsonObject | undefined {
  let current = schema
  for (let count = 0; count < longestReferences; count++) {
    if (!isObject(current)) return undefined
    const schemaNow: JsonObject = current
    if (combining.some((keyword) => Object.hasOwn(schemaNow, keyword))) return undefined
    const { $ref: reference } = schemaNow
    if (reference !== undefined) {
      if (Object.hasOwn(schemaNow, 'properties')) return undefined
      current = typeof reference === 'string' ? resolve(root, reference) : undefined
      continue
    }
    const types = typesOf(schemaNow)
    if (types === undefined || !types.includes('array')) return schemaNow
    if (types.some((type) => type !== 'array' && type !== 'null')) return undefined
    current = schemaNow['items']
  }
  return undefined
}

/** The schema itself, where it is a reference what it leads to; undefined where that cannot be told. */
export function resolveReference(root: JsonSchema, schema: Json | undefined): JsonObject | undefined {
  let current = schema
  for (let count = 0; count < longestReferences; count++) {
    if (!isObject(current)) return undefined
    const { $ref: reference, type } = current
    if (reference === undefined || type !== undefined) return current
    current = typeof reference === 'string' ? resolve(root, reference) : undefined
  }
  return undefined
}

function opennessOf(schema: JsonObject): 'closed' | 'silent' | 'explicit' {
  const { additionalProperties, unevaluatedProperties } = schema
  if (additionalProperties === false || unevaluatedProperties === false) return 'closed'
  return additionalProperties === undefined && unevaluatedProperties === undefined ? 'silent' : 'explicit'
}

function typesOf(schema: JsonObject): readonly Json[] | undefined {
  const { type } = schema
  if (type === undefined) return undefined
  return Array.isArray(type) ? type : [type]
}

function resolve(root: JsonSchema, reference: string): Json | undefined {
  if (!reference.startsWith('#')) return undefined
  let current: Json | undefined = root
  for (const segment of reference.slice(1).split('/').slice(1)) {
    const key = segment.replaceAll('~1', '/').replaceAll('~0', '~')
    current = isObject(current) && Object.hasOwn(current, key) ? current[key] : undefined
  }
  return current
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
