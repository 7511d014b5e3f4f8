/**
 * Secrets of `http.request`: where they come from and how they are kept out of the history.
 *
 * `{ secret: NAME }` is resolved inside the activity from the environment variable `PERDURE_SECRET_NAME`, so that the
 * value never stands in an input. Whatever else turns out to be one (sensitive headers, credentials in a URL) is
 * remembered too, and every text that leaves the activity goes through the mask: servers echo what they were sent.
 */
import type { Json } from '../../schema/json.ts'
import { ApplicationError } from '../application-error.ts'
import { secretCharacters } from './limits.ts'

export interface SecretReference {
  readonly secret: string
  /** Put before the value, such as `Bearer `. */
  readonly prefix?: string
}

export const secretReferenceSchema = {
  type: 'object',
  required: ['secret'],
  additionalProperties: false,
  properties: {
    secret: { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' },
    prefix: { type: 'string' },
  },
} as const

const hidden = '***'

/** Headers whose values are secrets wherever they stand. */
const sensitiveHeader =
  /^(authorization|proxy-authorization|cookie|set-cookie|set-cookie2|www-authenticate|proxy-authenticate)$|api-?key|token|secret|password|session/i

/** Query parameters whose values are secrets by their name. */
const sensitiveQuery = /token|secret|password|passwd|api_?key|apikey|signature|^(sig|key|code|auth)$/i

export function isSensitiveHeader(name: string): boolean {
  return sensitiveHeader.test(name)
}

/** Of one request. */
export class Secrets {
  readonly #environment: { readonly [name: string]: string | undefined }
  readonly #values = new Set<string>()
  readonly #queryNames: readonly string[]

  /** `queryNames`: parameters that are secrets beside those known by their name. */
  constructor(environment: { readonly [name: string]: string | undefined }, queryNames: readonly string[]) {
    this.#environment = environment
    this.#queryNames = queryNames
  }

  resolve(reference: SecretReference): string {
    const variable = `PERDURE_SECRET_${reference.secret}`
    const value = this.#environment[variable]
    if (value === undefined || value === '')
      throw new ApplicationError(
        `the secret ${reference.secret} is not set; set the environment variable ${variable} where activities run`,
        { type: 'SecretNotFound', retryable: false, details: { secret: reference.secret } },
      )
    this.remember(value)
    return `${reference.prefix ?? ''}${value}`
  }

  remember(value: string): void {
    if (value.length >= secretCharacters) this.#values.add(value)
  }

  /** A URL for people: without credentials, secret parameters masked. */
  url(url: URL): string {
    const shown = new URL(url)
    shown.username = ''
    shown.password = ''
    shown.hash = ''
    for (const name of new Set(shown.searchParams.keys()))
      if (sensitiveQuery.test(name) || this.#queryNames.includes(name)) shown.searchParams.set(name, hidden)
    return this.text(shown.href.replaceAll('=%2A%2A%2A', `=${hidden}`))
  }

  text(text: string): string {
    let masked = text
    for (const value of this.#values) {
      masked = masked.replaceAll(value, hidden)
      const encoded = encodeURIComponent(value)
      if (encoded !== value) masked = masked.replaceAll(encoded, hidden)
    }
    return masked
  }

  json(value: Json): Json {
    if (this.#values.size === 0) return value
    if (typeof value === 'string') return this.text(value)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map((item: Json) => this.json(item))
    return Object.fromEntries(
      Object.entries(value).map(([key, member]: [string, Json]) => [this.text(key), this.json(member)]),
    )
  }
}
