/**
 * What is refused before anything is stored: inputs and payloads that cannot be kept, are not declared, or do not
 * match their schema. Owns the words. Called for callers (who get the `EngineError`) and for workflows that start or
 * signal others (which get it as an error of their step, see `errorShapeOf`).
 */
import type { ErrorShape } from '../../interpreter/errors/fault.ts'
import type { Program } from '../../interpreter/program.ts'
import { absentInput, type SchemaError } from '../../schema/input.ts'
import type { Json } from '../../schema/json.ts'
import { EngineError } from '../engine-error.ts'
import type { EngineErrorCode } from '../error-catalogue.ts'
import {
  declaredMessages,
  inputCheck,
  type MessageKind,
  messageCheck,
  schemaErrorText,
} from './plan-checks.ts'
import { checkValue } from './value-door.ts'

const invalidCodes = { signal: 'SignalInvalid', update: 'UpdateInvalid', query: 'QueryInvalid' } as const
const undeclaredCodes = {
  signal: 'SignalNotDeclared',
  update: 'UpdateNotDeclared',
  query: 'QueryNotDeclared',
} as const

/** With the defaults of the schema. Throws `InputInvalid`, or `LimitExceeded`. */
export function checkedInput(
  program: Program,
  given: unknown,
  payloadBytes: number,
): { readonly input: Json; readonly bytes: number } {
  const { value, bytes } = storable('the input', given, payloadBytes, 'InputInvalid')
  const answer = inputCheck(program)?.(value) ?? { ok: true, value }
  if (answer.ok) return { input: answer.value, bytes }
  const { name, version } = program.plan
  throw new EngineError(
    'InputInvalid',
    `the input does not match the schema of ${name}@${version}: ${schemaErrorText(answer.errors)}`,
    { details: listed(answer.errors), suggestion: `see 'input' in the definition ${name}@${version}` },
  )
}

/** A payload that can be kept, whatever it is for. Throws `…Invalid`, or `LimitExceeded`. */
export function storablePayload(kind: MessageKind, given: unknown, payloadBytes: number): Json {
  return storable(`the payload of the ${kind}`, given, payloadBytes, invalidCodes[kind]).value
}

/**
 * With the defaults of the schema; none at all is an empty object where the schema asks for one, as the input of a start
 * is. Throws `…NotDeclared` or `…Invalid`.
 */
export function checkedPayload(program: Program, kind: MessageKind, name: string, payload: Json): Json {
  const { plan } = program
  const declared = declaredMessages(program, kind)
  if (!Object.hasOwn(declared, name)) {
    const names = Object.keys(declared)
    const all = kind === 'query' ? 'queries' : `${kind}s`
    throw new EngineError(
      undeclaredCodes[kind],
      `${plan.name}@${plan.version} declares no ${kind} '${name}'`,
      { suggestion: names.length === 0 ? `it declares no ${all} at all` : `it declares ${names.join(', ')}` },
    )
  }
  const value = payload ?? absentInput(declared[name]?.schema)
  const answer = messageCheck(program, kind, name)?.(value) ?? { ok: true, value }
  if (answer.ok) return answer.value
  throw new EngineError(
    invalidCodes[kind],
    `the payload does not match the schema of the ${kind} '${name}' of ${plan.name}@${plan.version}: ${schemaErrorText(answer.errors)}`,
    { details: listed(answer.errors) },
  )
}

/** The same refusal inside a workflow. What a retry may mend is retryable there. */
export function errorShapeOf(error: EngineError, type: string = error.code): ErrorShape {
  const more = error.suggestion === undefined ? '' : ` (${error.suggestion})`
  return {
    type,
    message: `${error.message}${more}`,
    ...(error.details !== undefined && { details: error.details }),
    retryable: false,
  }
}

function storable(
  what: string,
  given: unknown,
  payloadBytes: number,
  invalid: EngineErrorCode,
): { readonly value: Json; readonly bytes: number } {
  const checked = checkValue(given, payloadBytes)
  if (checked.problem === null) return checked
  const code = checked.problem.kind === 'size' ? 'LimitExceeded' : invalid
  throw new EngineError(code, `${what} ${checked.problem.message}`, { details: checked.problem.details })
}

function listed(errors: readonly SchemaError[]): Json {
  return errors.map(({ path, message }) => ({ path, message }))
}
