/**
 * `workflow.schema.json`, the language as a JSON Schema, and its validators: one for the document around the steps, one
 * per verb. Owns loading and compiling it; what its errors mean to an author is told by `shape-errors.ts`.
 */
import { readFileSync } from 'node:fs'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import type { Json } from '../json.ts'
import type { WrittenVerb } from '../verbs.ts'

const file = new URL('../workflow.schema.json', import.meta.url)
const root = 'language'

let ajv: Ajv2020 | undefined
let written: { readonly [key: string]: unknown } | undefined

/** The schema as editors get it. */
export function languageSchema(): { readonly [key: string]: unknown } {
  written ??= recordOf(JSON.parse(readFileSync(file, 'utf8')))
  return written
}

export function documentErrors(value: Json): readonly ErrorObject[] {
  return run(validatorOf(root), value)
}

/** Errors of one step's own keys; steps inside it are not looked into. */
export function stepErrors(verb: WrittenVerb, value: Json): readonly ErrorObject[] {
  return run(validatorOf(`${root}#/$defs/${verb}Step`), value)
}

/** The keys that a step of this verb may have. */
export function stepKeys(verb: WrittenVerb): readonly string[] {
  const definition = recordOf(recordOf(languageSchema()['$defs'])[`${verb}Step`])
  return Object.keys(recordOf(definition['properties']))
}

function run(validate: ValidateFunction, value: Json): readonly ErrorObject[] {
  return validate(value) ? [] : (validate.errors ?? [])
}

function validatorOf(reference: string): ValidateFunction {
  if (ajv === undefined) {
    // `verbose` hands out the schema that failed, whose `title` says what was expected. That it is a schema at all is
    // tested, not looked at again in every process (50 ms).
    ajv = new Ajv2020({ allErrors: true, strict: false, verbose: true, logger: false, validateSchema: false })
    // With steps left open: a step is found by its verb and checked alone, else one typo gives an error per verb.
    const schema = languageSchema()
    ajv.addSchema({ ...schema, $id: root, $defs: { ...recordOf(schema['$defs']), step: true } }, root)
  }
  const validate = ajv.getSchema(reference)
  if (validate === undefined) throw new Error(`bug: workflow.schema.json has no ${reference}`)
  return validate
}

function recordOf(value: unknown): { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
