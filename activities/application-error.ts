/**
 * The error that an activity throws to say more than "it failed": a type for `catch.errors` and
 * `nonRetryableErrorTypes`, whether another attempt makes sense, and details for the workflow.
 * Owns the class and how one is recognized; `failure.ts` makes the recorded error of it.
 */

/**
 * Marks the errors of this class. `instanceof` is not enough: a TypeScript module is loaded through `tsx` and may
 * hold its own copy of this package.
 */
const brand = Symbol.for('perdure.ApplicationError')

export interface ApplicationErrorOptions {
  /** What `catch.errors` matches. Absent: `ApplicationError`. */
  readonly type?: string
  /** False: no further attempt. Absent: true. */
  readonly retryable?: boolean
  /** Plain JSON, for the workflow to read as `error.details`. */
  readonly details?: unknown
  /** Milliseconds until the next attempt; wins over the retry policy's delay. */
  readonly retryAfterMs?: number
  readonly cause?: unknown
}

export class ApplicationError extends Error {
  readonly type: string
  readonly retryable: boolean
  readonly details: unknown
  readonly retryAfterMs: number | undefined

  constructor(message: string, options: ApplicationErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ApplicationError'
    this.type = options.type ?? 'ApplicationError'
    this.retryable = options.retryable ?? true
    this.details = options.details
    this.retryAfterMs = options.retryAfterMs
    Object.defineProperty(this, brand, { value: true })
  }
}

/** True for an `ApplicationError` of any copy of this package. */
export function isApplicationError(thrown: unknown): thrown is ApplicationError {
  return thrown instanceof Error && brand in thrown
}
