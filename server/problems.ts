/**
 * The one place where a failure becomes an answer: `application/problem+json` of RFC 9457. Routes throw; the error
 * middleware of `application.ts` calls `problemOf`. What is not in the catalogue is a bug: it is logged whole by the
 * caller and answered without its message, which may hold data of users.
 */
import type { Json, ProblemDetails, RequestFault, WorkflowError } from './api.ts'
import { EngineError } from './engine-door.ts'
import { type ErrorCode, errorCatalogue, type ServerErrorCode } from './error-catalogue.ts'

/** Refused by the server itself. The codes of the engine that fit a request are used as they are. */
export class RequestError extends Error {
  readonly code: ErrorCode
  readonly suggestion: string | undefined
  readonly errors: readonly RequestFault[] | undefined
  readonly error: WorkflowError | undefined
  readonly details: Json | undefined
  readonly headers: { readonly [name: string]: string }

  constructor(
    code: ServerErrorCode | 'RequestInvalid' | 'LimitExceeded' | 'NotSupported' | 'Draining' | 'Unavailable',
    detail: string,
    more: {
      suggestion?: string
      errors?: readonly RequestFault[]
      error?: WorkflowError
      details?: Json
      headers?: { readonly [name: string]: string }
    } = {},
  ) {
    super(detail)
    this.name = 'RequestError'
    this.code = code
    this.suggestion = more.suggestion
    this.errors = more.errors
    this.error = more.error
    this.details = more.details
    this.headers = more.headers ?? {}
  }
}

export interface ProblemAnswer {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: ProblemDetails
}

export const problemContentType = 'application/problem+json; charset=utf-8'

/** Seconds after which a caller that met a stopping node or a lost database may come again. */
const retryAfterSeconds = '1'

function problem(
  code: ErrorCode,
  detail: string,
  instance: string,
  more: {
    readonly suggestion?: string | undefined
    readonly problems?: ProblemDetails['problems'] | undefined
    readonly errors?: readonly RequestFault[] | undefined
    readonly details?: Json | undefined
    readonly error?: WorkflowError | undefined
    readonly headers?: { readonly [name: string]: string }
  },
): ProblemAnswer {
  const { status, summary, retryable } = errorCatalogue[code]
  return {
    status,
    headers: { ...(retryable ? { 'retry-after': retryAfterSeconds } : {}), ...more.headers },
    body: {
      type: `urn:perdure:error:${code}`,
      title: summary,
      status,
      detail,
      instance: uriReference(instance),
      code,
      ...(more.suggestion === undefined ? {} : { suggestion: more.suggestion }),
      ...(more.problems === undefined ? {} : { problems: more.problems }),
      ...(more.errors === undefined ? {} : { errors: more.errors }),
      ...(more.details === undefined ? {} : { details: more.details }),
      ...(more.error === undefined ? {} : { error: more.error }),
    },
  }
}

/** Callers may send what no URI holds; the document must not. */
function uriReference(path: string): string {
  return path.replaceAll(/%(?![0-9A-Fa-f]{2})|[^!-~]|["<>\\^`{|}]/g, encodeURIComponent)
}

/** `requestId` names the log line of a bug to whoever reports it. */
export function problemOf(error: unknown, instance: string, requestId: string): ProblemAnswer {
  if (error instanceof EngineError) return problem(error.code, error.message, instance, error)
  if (error instanceof RequestError) return problem(error.code, error.message, instance, error)
  const parsed = fromHttpLibrary(error)
  if (parsed !== null) return problem(parsed.code, parsed.message, instance, parsed)
  return problem('InternalError', 'something went wrong in the server that is not your fault', instance, {
    suggestion: `the server's log has the cause under request id ${requestId}`,
  })
}

/** True for what `problemOf` answers with `InternalError`. */
export function isBug(error: unknown): boolean {
  return (
    !(error instanceof EngineError) && !(error instanceof RequestError) && fromHttpLibrary(error) === null
  )
}

/** Express and its body reader throw errors of their own: a `type` or a status of 4xx tells them from bugs. */
function fromHttpLibrary(error: unknown): RequestError | null {
  if (!(error instanceof Error)) return null
  const type = 'type' in error && typeof error.type === 'string' ? error.type : null
  const status = 'status' in error && typeof error.status === 'number' ? error.status : 500
  switch (type) {
    case 'entity.too.large': {
      const limit = 'limit' in error && typeof error.limit === 'number' ? error.limit : null
      return new RequestError('LimitExceeded', `the body is larger than ${limit ?? 'the limit of'} bytes`, {
        suggestion:
          'send less, or keep large data elsewhere and pass a reference; the limit is `bodyBytes` of the server',
        headers: { connection: 'close' },
      })
    }
    case 'encoding.unsupported':
      return new RequestError('UnsupportedMediaType', 'the content encoding of the body is not known', {
        suggestion: 'send the body as it is, or with content-encoding gzip, deflate or br',
      })
    case 'request.aborted':
    case 'request.size.invalid':
      return new RequestError('RequestInvalid', 'the body ended before its announced length')
  }
  if (error instanceof URIError || 'decode' in error)
    return new RequestError('RequestInvalid', 'the path holds a % that starts no valid UTF-8 escape', {
      suggestion: 'percent-encode each part of the path as UTF-8; a plain % is %25',
    })
  if (status >= 400 && status < 500)
    return new RequestError('RequestInvalid', `the request could not be read: ${error.message}`)
  return null
}
