/**
 * Which types the value of an expression can have, where the schemas of what it reads are known: the run's input, results of
 * activities, children and signals. Owns what is certain of them, for `template-schema.ts` to compare with what takes the
 * value: a type that is told is the type of every value that gets there.
 */
import type { DraftDocument } from '../compile/compile.ts'
import type { Draft } from '../compile/draft.ts'
import { schemaOf } from '../compile/messages.ts'
import type { ValueGuess } from '../expressions/value-guess.ts'
import type { Json, JsonObject, JsonSchema } from '../json.ts'
import type { ExpressionIndex } from '../plan.ts'
import { at, type Cursor } from '../source/cursor.ts'
import { type KnownAround, resultShape } from './result-shapes.ts'
import { resolveReference } from './schema-fields.ts'

/** Undefined: it may have any. */
export type KnownTypes = (index: ExpressionIndex) => readonly string[] | undefined

export function knownTypes(
  draft: Draft,
  root: Cursor,
  document: DraftDocument,
  around: KnownAround,
): KnownTypes {
  const input = schemaOf(at(root, 'input'))
  const typesOf = (guess: ValueGuess | undefined): readonly string[] | undefined => {
    switch (guess?.kind) {
      case undefined:
        return undefined
      case 'types':
        return guess.types
      case 'either': {
        const each = guess.guesses.map(typesOf)
        return each.every((types) => types !== undefined) ? each.flat() : undefined
      }
      case 'path': {
        const [head, id = '', ...fields] = guess.names
        if (head === 'input') return input === undefined ? undefined : typesAt(input, guess.names.slice(1))
        const step = head === 'steps' ? draft.steps.get(id) : undefined
        const shape = step && resultShape(step, document, around)
        return shape === undefined ? undefined : typesAt(shape, fields)
      }
    }
  }
  return (index) => typesOf(draft.notes[index]?.facts.value)
}

/** The types of what names alone lead to, through objects: a list on the way would be read item by item. */
function typesAt(root: JsonSchema, names: readonly string[]): readonly string[] | undefined {
  let current: Json | undefined = root
  for (const name of names) {
    const schema: JsonObject | undefined = resolveReference(root, current)
    const types = schema && typesIn(schema)
    if (types === undefined || types.some((type) => type !== 'object' && type !== 'null')) return undefined
    const properties = resolveReference(root, schema?.['properties'])
    if (properties === undefined || !Object.hasOwn(properties, name)) return undefined
    current = properties[name]
  }
  const schema = resolveReference(root, current)
  return schema && typesIn(schema)
}

/** What a schema says itself of types; what it combines with can only take some away. */
export function typesIn(schema: JsonObject): readonly string[] | undefined {
  const { type, enum: values } = schema
  if (typeof type === 'string') return [type]
  if (Array.isArray(type)) return type.every((each) => typeof each === 'string') ? type : undefined
  if (Array.isArray(values)) return values.map(typeOf)
  return schema['const'] === undefined ? undefined : [typeOf(schema['const'])]
}

function typeOf(value: Json): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

/** Whether a value of one of these types may be one of those. */
export function mayBe(types: readonly string[], wanted: readonly string[]): boolean {
  const isNumber = (type: string) => type === 'number' || type === 'integer'
  return types.some((type) => wanted.some((each) => each === type || (isNumber(each) && isNumber(type))))
}
