/**
 * Checks a value against what an activity or a plugin declared: JSON Schema (2020-12, through ajv) or any Standard
 * Schema. Owns the compiled checks and the words of their problems; `registry.ts` compiles, `runner.ts` asks.
 *
 * A JSON Schema fills in its defaults and coerces nothing; a Standard Schema may give another value (defaults,
 * coercion, transforms), and that one goes on.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { JsonSchema } from '../schema/json.ts'
import type { AnySchema } from './contract.ts'
import { schemaProblems } from './limits.ts'

export type Checked = { readonly value: unknown } | { readonly problems: readonly SchemaProblem[] }

export interface SchemaProblem {
  /** Where in the value, such as `items[0].qty`; empty for the value itself. */
  readonly path: string
  readonly message: string
}

/** May answer at once or later (a Standard Schema may be asynchronous). The value handed in may be changed. */
export type SchemaCheck = (value: unknown) => Checked | Promise<Checked>

export function isStandardSchema(schema: unknown): schema is StandardSchemaV1 {
  if ((typeof schema !== 'object' && typeof schema !== 'function') || schema === null) return false
  const standard: unknown = Reflect.get(schema, '~standard')
  return (
    typeof standard === 'object' &&
    standard !== null &&
    typeof Reflect.get(standard, 'validate') === 'function'
  )
}

/** Throws with the reason when the schema itself is wrong. */
export function compileSchema(schema: AnySchema): SchemaCheck {
  return isStandardSchema(schema) ? standardCheck(schema) : jsonCheck(schema)
}

/** One line for people: `items[0].qty: must be integer; orderId: is missing`. */
export function problemsText(problems: readonly SchemaProblem[]): string {
  const shown = problems
    .slice(0, schemaProblems)
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
  const more = problems.length - shown.length
  return more > 0 ? `${shown.join('; ')}; and ${more} more` : shown.join('; ')
}

function standardCheck(schema: StandardSchemaV1): SchemaCheck {
  const standard = schema['~standard']
  const read = (result: StandardSchemaV1.Result<unknown>): Checked =>
    result.issues === undefined
      ? { value: result.value }
      : {
          problems: result.issues.map((issue) => ({
            path: standardPath(issue.path),
            message: issue.message,
          })),
        }
  return (value) => {
    const result = standard.validate(value)
    return result instanceof Promise ? result.then(read) : read(result)
  }
}

function standardPath(path: StandardSchemaV1.Issue['path']): string {
  return (path ?? []).reduce<string>((text, segment) => {
    const key = typeof segment === 'object' ? segment.key : segment
    return joined(text, typeof key === 'number' ? key : String(key))
  }, '')
}

/** One for all: its compiled code is kept per schema, and schemas with the same `$id` do not meet (`addUsedSchema`). */
const ajv = new Ajv2020({
  allErrors: true,
  addUsedSchema: false,
  useDefaults: true,
  strict: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  logger: false,
})
addFormats.default(ajv)

function jsonCheck(schema: JsonSchema): SchemaCheck {
  const validate = ajv.compile(schema)
  return (value) => (validate(value) ? { value } : { problems: (validate.errors ?? []).map(jsonProblem) })
}

function jsonProblem(error: ErrorObject): SchemaProblem {
  const path = pointerPath(error.instancePath)
  const { params } = error
  switch (error.keyword) {
    case 'required':
      return { path: joined(path, String(params['missingProperty'])), message: 'is missing' }
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const name = params['additionalProperty'] ?? params['unevaluatedProperty']
      return { path: joined(path, String(name)), message: 'is not a known property' }
    }
    case 'enum':
      return { path, message: `must be one of ${JSON.stringify(params['allowedValues'])}` }
    case 'const':
      return { path, message: `must be ${JSON.stringify(params['allowedValue'])}` }
    default:
      return { path, message: error.message ?? error.keyword }
  }
}

/** `/items/0/qty` as `items[0].qty`. */
function pointerPath(pointer: string): string {
  if (pointer === '') return ''
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((text, part) => joined(text, /^\d+$/.test(part) ? Number(part) : part), '')
}

function joined(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`
  return path === '' ? key : `${path}.${key}`
}
