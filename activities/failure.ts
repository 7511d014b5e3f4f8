/**
 * Turns what user code throws into the error that is recorded. Owns the mapping alone: an `ApplicationError` keeps
 * its type, its details and whether it may be retried; any other error has its name as type and may be retried;
 * what is not an error at all is shown as text. Never throws, whatever was thrown.
 */
import type { ErrorShape, WorkflowError } from '../interpreter/errors/fault.ts'
import type { Json } from '../schema/json.ts'
import { isApplicationError } from './application-error.ts'
import { errorCauseDepth, errorMessageCharacters } from './limits.ts'
import { copyToJson } from './plain-json.ts'

export interface Failure {
  readonly error: ErrorShape
  readonly retryAfterMs?: number
}

/**
 * Says whether the language can hold a value: no number beyond 2^53, no lone surrogate, not more than `payloadBytes`.
 * The engine hands in `checkJson` of `interpreter/values/values.ts`, which this folder may not import.
 */
export type CheckValue = (value: Json) =>
  | { readonly ok: true; readonly value: Json }
  /** `path` is a JSON pointer. */
  | { readonly ok: false; readonly path: string; readonly message: string }

export function failureOf(thrown: unknown, check: CheckValue): Failure {
  try {
    return describe(thrown, check)
  } catch {
    return { error: { type: 'Error', message: 'an error that cannot be read was thrown', retryable: true } }
  }
}

function describe(thrown: unknown, check: CheckValue): Failure {
  if (!(thrown instanceof Error))
    return {
      error: { type: 'Error', message: recordable(`thrown: ${shown(thrown)}`), retryable: true },
    }
  const cause = causeOf(thrown.cause, errorCauseDepth)
  const message = messageOf(thrown)
  if (!isApplicationError(thrown))
    return { error: { type: typeOf(thrown), message, retryable: true, ...(cause === null ? {} : { cause }) } }
  const error: ErrorShape = {
    type: recordable(String(thrown.type)),
    message,
    details: detailsOf(thrown.details, check),
    retryable: thrown.retryable !== false,
    ...(cause === null ? {} : { cause }),
  }
  const delay = thrown.retryAfterMs
  return typeof delay === 'number' && Number.isFinite(delay) && delay >= 0
    ? { error, retryAfterMs: Math.round(delay) }
    : { error }
}

/** Its own name where it has one, else that of its class (`class SoldOut extends Error` rarely sets the name). */
function typeOf(error: Error): string {
  const own = error.name
  const named = typeof own === 'string' && own !== '' && own !== 'Error'
  const constructed: unknown = error.constructor?.name
  return recordable(
    named ? own : typeof constructed === 'string' && constructed !== '' ? constructed : 'Error',
  )
}

function messageOf(error: Error): string {
  const message = typeof error.message === 'string' ? error.message : String(error.message)
  return recordable(message === '' ? typeOf(error) : message)
}

function causeOf(cause: unknown, depth: number): WorkflowError | null {
  if (!(cause instanceof Error) || depth === 0) return null
  return {
    type: isApplicationError(cause) ? recordable(String(cause.type)) : typeOf(cause),
    message: messageOf(cause),
    details: null,
    retryable: isApplicationError(cause) ? cause.retryable !== false : true,
    step: null,
    path: null,
    attempt: null,
    cause: causeOf(cause.cause, depth - 1),
  }
}

/** Details that cannot be recorded are replaced by the reason: the error itself must not be lost for them. */
function detailsOf(details: unknown, check: CheckValue): Json {
  try {
    const copied = copyToJson(details)
    const checked = check(copied)
    return checked.ok ? checked.value : { notRecorded: recordable(checked.message) }
  } catch (unreadable) {
    return { notRecorded: recordable(unreadable instanceof Error ? unreadable.message : 'cannot be read') }
  }
}

function shown(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown
  try {
    return JSON.stringify(copyToJson(thrown))
  } catch {
    return String(thrown)
  }
}

/** Text that a database can hold: no U+0000, no lone surrogate, no endless message. */
export function recordable(text: string): string {
  const cut =
    text.length <= errorMessageCharacters
      ? text
      : `${text.slice(0, errorMessageCharacters)}… (${text.length} characters)`
  return cut.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: U+0000 is what PostgreSQL refuses in text.
    /\u0000|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g,
    '\uFFFD',
  )
}
