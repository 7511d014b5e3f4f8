/**
 * A JSON Schema (2020-12) to a check of values: inputs, results, signals and what activities take and give. Owns the
 * validator's options and the words of its errors; the cache of checks is the caller's.
 */
import {
  Ajv2020,
  type AnySchema,
  type ErrorObject,
  type FuncKeywordDefinition,
  type ValidateFunction,
} from 'ajv/dist/2020.js'
import * as addFormatsModule from 'ajv-formats'
import { RE2JS } from 're2js'
import type { Json, JsonSchema } from './json.ts'
import { canonicalJson } from './source/canonical.ts'

export type SchemaCheck = (
  value: Json,
) => /** `value`: a copy with the defaults of the schema filled in. */
{ readonly ok: true; readonly value: Json } | { readonly ok: false; readonly errors: readonly SchemaError[] }

export interface SchemaError {
  /** JSON pointer into the value; '' is the value itself. */
  readonly path: string
  readonly message: string
}

/** Why a schema cannot be compiled; `path` is a JSON pointer into it. */
export class SchemaRefused extends Error {
  readonly path: string
  constructor(message: string, path: string) {
    super(message)
    this.name = 'SchemaRefused'
    this.path = path
  }
}

/** An answer that lists more of them helps nobody. */
const mostErrors = 20

/** `pattern` runs in linear time, whatever an author writes: a backtracking engine would let one input stop the server. */
const linearRegExp = Object.assign(
  (pattern: string) => {
    const compiled = RE2JS.compile(pattern)
    // ajv keeps one compiled pattern per `toString()`.
    return { test: (text: string) => compiled.matcher(text).find(), toString: () => pattern }
  },
  { code: 'linearRegExp' },
)

let shared: Ajv2020 | undefined

/** One validator for all checks: making it costs some 10 ms, and it keeps nothing of a schema once that is compiled. */
function validator(): Ajv2020 {
  if (shared !== undefined) return shared
  shared = new Ajv2020({
    allErrors: true,
    // Documents may carry keywords of other tools.
    strict: false,
    useDefaults: true,
    // Two documents may use the same $id.
    addUsedSchema: false,
    logger: false,
    code: { regExp: linearRegExp },
  })
  addFormats(shared)
  addUniqueItems(shared)
  return shared
}

/** ajv's own compares each item with each: 20,000 objects take 19 s. By their canonical text it is one pass. */
function addUniqueItems(ajv: Ajv2020): void {
  ajv.removeKeyword('uniqueItems')
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    compile: (wanted: boolean) => {
      const check: ReturnType<NonNullable<FuncKeywordDefinition['compile']>> = (items: readonly Json[]) => {
        const duplicate = wanted ? firstDuplicate(items) : undefined
        if (duplicate === undefined) return true
        const [first, second] = duplicate
        const message = `must NOT have duplicate items (items ${first} and ${second} are identical)`
        check.errors = [{ keyword: 'uniqueItems', message, params: { i: second, j: first } }]
        return false
      }
      return check
    },
  })
}

function firstDuplicate(items: readonly Json[]): readonly [first: number, second: number] | undefined {
  const places = new Map<string, number>()
  for (const [index, item] of items.entries()) {
    const text = canonicalJson(item)
    const earlier = places.get(text)
    if (earlier !== undefined) return [earlier, index]
    places.set(text, index)
  }
  return undefined
}

function addFormats(ajv: Ajv2020): void {
  // The package is CommonJS: its default export stands under `default` or is the module, as the loader likes.
  const plugin: unknown = addFormatsModule.default
  const callable = typeof plugin === 'function' ? plugin : Reflect.get(Object(plugin), 'default')
  if (typeof callable === 'function') callable(ajv)
}

/** Throws `SchemaRefused` where the schema is none, names a remote `$ref`, or a `pattern` that cannot run in linear time. */
export function compileSchemaCheck(schema: JsonSchema): SchemaCheck {
  const validate = compileSchema(schema)
  return (value) => {
    try {
      const copy: { root: Json } = { root: structuredClone(value) }
      if (
        validate(copy.root, {
          instancePath: '',
          parentData: copy,
          parentDataProperty: 'root',
          rootData: copy,
          dynamicAnchors: {},
        })
      ) {
        return { ok: true, value: copy.root }
      }
    } catch (error) {
      if (error instanceof RangeError)
        return { ok: false, errors: [{ path: '', message: 'is nested too deep' }] }
      throw error
    }
    return { ok: false, errors: readErrors(validate.errors ?? []) }
  }
}

function compileSchema(schema: JsonSchema): ValidateFunction {
  const ajv = validator()
  // A copy, because ajv caches by identity; forgotten below.
  const own: AnySchema = typeof schema === 'boolean' ? schema : { ...schema }
  try {
    if (ajv.validateSchema(own) !== true) {
      const [first] = ajv.errors ?? []
      throw new SchemaRefused(
        `${first?.instancePath ?? ''} ${first?.message ?? 'is not a schema'}`.trim(),
        first?.instancePath ?? '',
      )
    }
    return ajv.compile(own)
  } catch (error) {
    if (error instanceof SchemaRefused) throw error
    const said = error instanceof Error ? error.message : String(error)
    if (/^can't resolve reference/.test(said)) {
      throw new SchemaRefused(`${said}: only references inside the schema itself are followed`, '')
    }
    if (/^no schema with key or ref/.test(said)) {
      throw new SchemaRefused('only draft 2020-12 is known here; leave `$schema` out', '/$schema')
    }
    if (error instanceof RangeError) throw new SchemaRefused('is nested too deep', '')
    throw new SchemaRefused(said, '')
  } finally {
    // One whose `$id` is no text was refused before it was kept, and cannot be asked for.
    if (typeof own !== 'boolean' && isText(own['$id'])) ajv.removeSchema(own)
  }
}

function isText(id: unknown): boolean {
  return id === undefined || typeof id === 'string'
}

function readErrors(errors: readonly ErrorObject[]): readonly SchemaError[] {
  const all = toldOnce(errors)
  const read = all.slice(0, mostErrors).map(({ path, message }) => ({ path, message }))
  if (all.length > mostErrors) read.push({ path: '', message: `and ${all.length - mostErrors} more` })
  return read
}

interface Told extends SchemaError {
  readonly schemaPath: string
}

/** What fails in the ways of a `oneOf` or `anyOf`, or in a `then`, and the failure of the whole behind it are one error. */
function toldOnce(errors: readonly ErrorObject[]): readonly Told[] {
  const told: Told[] = []
  for (const error of errors) {
    const { keyword, instancePath: path, schemaPath } = error
    const combines = keyword === 'oneOf' || keyword === 'anyOf' || keyword === 'if'
    const inner = combines ? takeInner(told, error) : []
    if (keyword === 'if' && inner.length > 0) {
      told.push(...inner)
      continue
    }
    const ways = inner.map((each) => `${each.path.slice(path.length)} ${each.message}`.trim())
    const shown = [...new Set(ways)].slice(0, mostErrors).join('; ')
    told.push({ path, schemaPath, message: shown === '' ? wordsOf(error) : `${wordsOf(error)}: ${shown}` })
  }
  return told
}

/** Those that stand last and are of the schemas below: theirs, or such that they refer to. */
function takeInner(told: Told[], { keyword, instancePath, schemaPath }: ErrorObject): readonly Told[] {
  const around = schemaPath.slice(0, -keyword.length)
  const ways = keyword === 'if' ? ['then', 'else'] : [keyword]
  const isInner = ({ path, schemaPath: own }: Told) =>
    path.startsWith(instancePath) &&
    (/^#\/(?:\$defs|definitions)\//.test(own) || ways.some((way) => own.startsWith(`${around}${way}/`)))
  return told.splice(told.findLastIndex((each) => !isInner(each)) + 1)
}

/** What the validator says, with the names and values that it leaves out. */
function wordsOf(error: ErrorObject): string {
  const { keyword, params, message } = error
  switch (keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return `has the unknown key "${String(params['additionalProperty'] ?? params['unevaluatedProperty'])}"`
    case 'required':
      return `lacks the key "${String(params['missingProperty'])}"`
    case 'enum':
      return `must be one of ${listed(params['allowedValues'])}`
    case 'const':
      return `must be ${JSON.stringify(params['allowedValue'])}`
    case 'type':
      return `must be ${[params['type']].flat().join(' or ')}`
    default:
      return message ?? `violates ${keyword}`
  }
}

function listed(values: unknown): string {
  return Array.isArray(values) ? values.map((value) => JSON.stringify(value)).join(', ') : String(values)
}

/** What a run is given that is started without an input: an object where its schema asks for one, so that defaults are filled in. */
export function absentInput(schema: JsonSchema | undefined): Json {
  return typeof schema === 'object' && schema['type'] === 'object' ? {} : null
}
