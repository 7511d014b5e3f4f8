/** Reads path, query and header parameters as their schemas want them: texts in, numbers and booleans out. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Json } from '../api.ts'
import type { Operation, Parameter } from '../operations/operation.ts'
import { RequestError } from '../problems.ts'

type Parameters = { [name: string]: Json }

/** Parameters that the operation does not know are kept, so that the validation can name them. */
export function readQuery(operation: Operation, search: URLSearchParams): Parameters {
  const known = new Map(parametersIn(operation, 'query').map((parameter) => [parameter.name, parameter]))
  const read = nothing()
  for (const [name, text] of search) {
    if (Object.hasOwn(read, name))
      throw new RequestError('RequestInvalid', `the query parameter '${name}' is given twice`, {
        suggestion: 'give it once',
        errors: [{ in: 'query', pointer: `/${name}`, message: 'is given twice' }],
      })
    read[name] = coerced(text, known.get(name))
  }
  return withDefaults(read, known.values())
}

export function readPath(params: { readonly [name: string]: unknown }): Parameters {
  const read = nothing()
  for (const [name, value] of Object.entries(params)) read[name] = String(value)
  return read
}

export function readHeaders(operation: Operation, headers: IncomingHttpHeaders): Parameters {
  const known = parametersIn(operation, 'header')
  const read = nothing()
  for (const parameter of known) {
    const text = headers[parameter.name]
    // An empty Last-Event-ID is what a browser sends before the first event.
    if (typeof text === 'string' && text !== '') read[parameter.name] = coerced(text, parameter)
  }
  return withDefaults(read, known)
}

function parametersIn(operation: Operation, place: Parameter['in']): readonly Parameter[] {
  return operation.parameters.filter((parameter) => parameter.in === place)
}

/** Without a prototype: a parameter may be called `__proto__`. */
function nothing(): Parameters {
  return Object.create(null)
}

function withDefaults(read: Parameters, known: Iterable<Parameter>): Parameters {
  for (const { name, schema } of known) {
    const value = schema['default']
    if (value !== undefined && !Object.hasOwn(read, name)) read[name] = value
  }
  return read
}

/** A text that does not fit stays a text, which the validation then refuses by its name. */
function coerced(text: string, parameter: Parameter | undefined): Json {
  switch (parameter?.schema['type']) {
    case 'integer':
      return /^\d{1,15}$/.test(text) ? Number(text) : text
    case 'boolean':
      // A bare `?dryRun` is a yes.
      return text === 'true' || text === '' ? true : text === 'false' ? false : text
    default:
      return text
  }
}
