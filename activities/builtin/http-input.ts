/** The input of `http.request`: its schema, its type, and the request that is made of it. Sends nothing. */
import type { Json, JsonSchema } from '../../schema/json.ts'
import { ApplicationError } from '../application-error.ts'
import { httpRedirects, httpRedirectsMost, httpResponseBytes, httpResponseBytesMost } from './limits.ts'
import { isSensitiveHeader, type SecretReference, type Secrets, secretReferenceSchema } from './secrets.ts'

const httpMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

type Scalar = string | number | boolean

export interface HttpRequestInput {
  readonly method: (typeof httpMethods)[number]
  readonly url: string
  readonly headers?: { readonly [name: string]: string | number | SecretReference }
  readonly query?: { readonly [name: string]: Scalar | null | readonly Scalar[] | SecretReference }
  /** Sent as JSON. Not together with `body`. */
  readonly json?: Json
  /** Sent as it is. */
  readonly body?: string
  /** Of the whole request, redirects and body included. The attempt's own timeout ends it in any case. */
  readonly timeout?: string
  /** Statuses that are a success: numbers, or classes such as `2xx`. */
  readonly expectStatus: readonly (number | string)[]
  readonly maxResponseBytes: number
  readonly followRedirects: number
  /** Names of response headers to give back beside the usual ones. Sensitive ones never are. */
  readonly responseHeaders: readonly string[]
  readonly responseType: 'auto' | 'json' | 'text' | 'base64'
  /** Query parameters to mask in errors beside those known by their name. */
  readonly secretQuery: readonly string[]
  /** The header `Idempotency-Key`: always, never, or (default) for POST and PATCH. */
  readonly idempotencyKey?: boolean
}

const scalar = { type: ['string', 'number', 'boolean'] }

export const httpInputSchema = {
  type: 'object',
  required: ['url'],
  additionalProperties: false,
  properties: {
    method: { enum: httpMethods, default: 'GET' },
    url: { type: 'string', minLength: 1 },
    headers: {
      type: 'object',
      additionalProperties: { anyOf: [{ type: ['string', 'number'] }, secretReferenceSchema] },
    },
    query: {
      type: 'object',
      additionalProperties: {
        anyOf: [scalar, { type: 'null' }, { type: 'array', items: scalar }, secretReferenceSchema],
      },
    },
    json: true,
    body: { type: 'string' },
    timeout: { type: 'string' },
    expectStatus: {
      type: 'array',
      minItems: 1,
      items: {
        anyOf: [
          { type: 'integer', minimum: 100, maximum: 599 },
          { type: 'string', pattern: '^[1-5]xx$' },
        ],
      },
      default: ['2xx'],
    },
    maxResponseBytes: {
      type: 'integer',
      minimum: 0,
      maximum: httpResponseBytesMost,
      default: httpResponseBytes,
    },
    followRedirects: { type: 'integer', minimum: 0, maximum: httpRedirectsMost, default: httpRedirects },
    responseHeaders: { type: 'array', items: { type: 'string' }, default: [] },
    responseType: { enum: ['auto', 'json', 'text', 'base64'], default: 'auto' },
    secretQuery: { type: 'array', items: { type: 'string' }, default: [] },
    idempotencyKey: { type: 'boolean' },
  },
  not: { required: ['json', 'body'] },
} satisfies JsonSchema

/** A request that is ready to be sent, and sent again where it is redirected. */
export interface PreparedRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  readonly body: string | null
}

export function prepareRequest(
  input: HttpRequestInput,
  secrets: Secrets,
  idempotencyKey: string,
): PreparedRequest {
  const url = requestUrl(input, secrets)
  const headers = requestHeaders(input, secrets)
  if (url.username !== '' || url.password !== '') {
    // fetch refuses credentials in a URL; they are sent as what they stand for.
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
    const encoded = Buffer.from(credentials, 'utf8').toString('base64')
    secrets.remember(decodeURIComponent(url.password))
    secrets.remember(encoded)
    if (!headers.has('authorization')) headers.set('authorization', `Basic ${encoded}`)
    url.username = ''
    url.password = ''
  }
  const body = input.json === undefined ? (input.body ?? null) : JSON.stringify(input.json)
  if (body !== null && (input.method === 'GET' || input.method === 'HEAD'))
    throw invalid(`a ${input.method} request has no body; leave out json and body, or use another method`)
  if (input.json !== undefined && !headers.has('content-type'))
    headers.set('content-type', 'application/json')
  if (!headers.has('user-agent')) headers.set('user-agent', 'perdure')
  const sendsKey = input.idempotencyKey ?? (input.method === 'POST' || input.method === 'PATCH')
  if (sendsKey && !headers.has('idempotency-key')) headers.set('idempotency-key', idempotencyKey)
  return { method: input.method, url, headers, body }
}

function requestUrl(input: HttpRequestInput, secrets: Secrets): URL {
  let url: URL
  try {
    url = new URL(input.url)
  } catch {
    throw invalid('the url is not a whole URL such as https://example.com/path')
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw invalid(`the url has the scheme ${url.protocol} where only http: and https: are possible`)
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value === null) continue
    if (Array.isArray(value)) for (const item of value) url.searchParams.append(name, String(item))
    else url.searchParams.append(name, isReference(value) ? secrets.resolve(value) : String(value))
  }
  return url
}

function requestHeaders(input: HttpRequestInput, secrets: Secrets): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(input.headers ?? {})) {
    const text = isReference(value) ? secrets.resolve(value) : String(value)
    if (isSensitiveHeader(name)) {
      secrets.remember(text)
      // The credentials alone too: `Bearer abc` may come back as `abc`.
      secrets.remember(text.replace(/^\S+\s+/, ''))
    }
    try {
      headers.set(name, text)
    } catch {
      throw invalid(`the header ${JSON.stringify(name)} has a name or a value that HTTP does not allow`)
    }
  }
  return headers
}

function isReference(value: unknown): value is SecretReference {
  return typeof value === 'object' && value !== null && 'secret' in value
}

export function invalid(message: string): ApplicationError {
  return new ApplicationError(`http.request: ${message}`, { type: 'HttpRequestInvalid', retryable: false })
}
