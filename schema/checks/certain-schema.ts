/**
 * The part of a JSON Schema that can be judged of a value whose parts are known only in part: what it refuses is refused
 * whatever the others are. Owns which keywords are left out for that. Pure; called by `template-schema.ts`.
 */
import type { Json, JsonObject, JsonSchema } from '../json.ts'

/** Keywords that look at a value as a whole, or at one part because of another. */
const uncertain = new Set([
  'anyOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'minContains',
  'maxContains',
  'uniqueItems',
  'dependentSchemas',
  'unevaluatedProperties',
  'unevaluatedItems',
])
const certainParts = new WeakMap<JsonObject, JsonSchema>()

export function certainPart(schema: JsonSchema): JsonSchema {
  if (typeof schema === 'boolean') return schema
  const known = certainParts.get(schema)
  if (known !== undefined) return known
  const part = withoutUncertain(schema)
  certainParts.set(schema, part)
  return part
}

function withoutUncertain(schema: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema).flatMap(([keyword, value]) =>
      uncertain.has(keyword) || isWhole(keyword, value) ? [] : [[keyword, certainValue(keyword, value)]],
    ),
  )
}

/** A list or a map that must be as it stands. */
function isWhole(keyword: string, value: Json): boolean {
  const values = keyword === 'const' ? [value] : keyword === 'enum' && Array.isArray(value) ? value : []
  return values.some((each) => typeof each === 'object' && each !== null)
}

function certainValue(keyword: string, value: Json): Json {
  if (['properties', 'patternProperties', '$defs', 'definitions'].includes(keyword) && isObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, isObject(each) ? withoutUncertain(each) : each]),
    )
  if (['items', 'additionalProperties', 'propertyNames'].includes(keyword) && isObject(value))
    return withoutUncertain(value)
  if (['allOf', 'prefixItems'].includes(keyword) && Array.isArray(value))
    return value.map((each: Json) => (isObject(each) ? withoutUncertain(each) : each))
  return value
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
