/**
 * Holds a request against the OpenAPI document: the very schemas that `/api/v1/openapi.json` shows are compiled here,
 * one validator per operation. Owns how a violation is told; the answer's form is in `problems.ts`.
 */
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import formatsModule from 'ajv-formats'
import type { Json, RequestFault } from '../api.ts'
import { parseDuration } from '../engine-door.ts'
import { openApiDocument } from '../openapi.ts'
import type { Operation, Parameter } from '../operations/operation.ts'
import { RequestError } from '../problems.ts'
import { escapePointer } from './plain-values.ts'
import { didYouMean } from './suggestion.ts'

/** As read from the wire: `body` is absent where the operation takes none or takes a document. */
export interface RawInput {
  readonly path: Json
  readonly query: Json
  readonly header: Json
  readonly body?: Json
}

/** Problems told of one request; more help nobody. */
const faultsToldCount = 20

const documentName = 'perdure-openapi'

const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: true, allowUnionTypes: true })
// The module is CommonJS: its default export is the module object for some loaders and the function for others.
const addFormats = 'default' in formatsModule ? formatsModule.default : formatsModule
addFormats(ajv)
ajv.addFormat('perdure-duration', { type: 'string', validate: (text) => parseDuration(text) !== null })
// To ajv the whole document is a schema; its own words are no keywords of JSON Schema.
ajv.addVocabulary(Object.keys(openApiDocument))
ajv.addSchema(openApiDocument, documentName, undefined, false)

/** Gives the input with its type, or throws `RequestInvalid` with a fault for each violation. */
export function inputValidator<Input>(operation: Operation): (raw: RawInput) => Input {
  const validate = ajv.compile<Input>(inputSchema(operation))
  return (raw) => {
    const input: unknown = raw
    if (validate(input)) return input
    throw refused(validate.errors ?? [])
  }
}

function inputSchema(operation: Operation): { [keyword: string]: Json } {
  const { body } = operation
  const properties: { [part: string]: Json } = {
    path: partSchema(operation, 'path'),
    query: partSchema(operation, 'query'),
    header: partSchema(operation, 'header'),
  }
  const required = ['path', 'query', 'header']
  if (body?.kind === 'json') {
    properties['body'] = { $ref: `${documentName}#/components/schemas/${body.schema}` }
    required.push('body')
  }
  return { type: 'object', properties, required }
}

function partSchema(operation: Operation, place: Parameter['in']): Json {
  const at = `${documentName}#/paths/${encodeURIComponent(escapePointer(operation.path))}/${operation.method}/parameters`
  const properties: { [name: string]: Json } = {}
  const required: string[] = []
  for (const [index, parameter] of operation.parameters.entries()) {
    if (parameter.in !== place) continue
    properties[parameter.name] = { $ref: `${at}/${index}/schema` }
    if (parameter.required) required.push(parameter.name)
  }
  return { type: 'object', properties, required, additionalProperties: false }
}

function refused(violations: readonly ErrorObject[]): RequestError {
  const faults = violations.slice(0, faultsToldCount).map(faultOf)
  const [first] = faults
  if (first === undefined) return new RequestError('RequestInvalid', 'the request does not match its schema')
  const others = violations.length - 1
  const place = first.pointer === '' ? first.in : `${first.in} ${first.pointer}`
  return new RequestError(
    'RequestInvalid',
    `${place}: ${first.message}${others > 0 ? `, and ${others} more` : ''}`,
    { errors: faults, ...(first.suggestion === undefined ? {} : { suggestion: first.suggestion }) },
  )
}

const parts: readonly RequestFault['in'][] = ['path', 'query', 'header', 'body']

function faultOf(violation: ErrorObject): RequestFault {
  const [, partName, ...rest] = violation.instancePath.split('/')
  const place = parts.find((part) => part === partName) ?? 'body'
  const pointer = rest.map((key) => `/${key}`).join('')
  switch (violation.keyword) {
    case 'additionalProperties': {
      const key = String(violation.params['additionalProperty'])
      const noun = place === 'body' ? 'key' : 'parameter'
      return {
        in: place,
        pointer: `${pointer}/${escapePointer(key)}`,
        message: `unknown ${noun} '${key}'`,
        suggestion: didYouMean(key, knownKeys(violation)),
      }
    }
    case 'required': {
      const key = String(violation.params['missingProperty'])
      return { in: place, pointer: `${pointer}/${escapePointer(key)}`, message: 'is missing' }
    }
    case 'enum': {
      const allowed: unknown = violation.params['allowedValues']
      const known = Array.isArray(allowed) ? allowed.map(String) : []
      const suggestion = didYouMean(String(violation.data), known)
      return { in: place, pointer, message: `must be one of ${known.join(', ')}`, suggestion }
    }
    case 'format':
      if (violation.params['format'] === 'perdure-duration')
        return {
          in: place,
          pointer,
          message: 'is not a duration',
          suggestion: 'write a text such as 500ms, 30s, 5m, 1h30m, 7d or PT5M',
        }
      break
    case 'not':
      return { in: place, pointer, message: "must not be '.' or '..'" }
  }
  return { in: place, pointer, message: violation.message ?? 'does not match its schema' }
}

function knownKeys(violation: ErrorObject): readonly string[] {
  const properties: unknown = violation.parentSchema?.['properties']
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : []
}
