/** The exception of `error-catalogue.ts`. `detail` says what is wrong here, `suggestion` what to do. */
import type { Json } from '../schema/json.ts'
import type { Problem } from '../schema/problems/problem.ts'
import { type EngineErrorCode, engineErrors } from './error-catalogue.ts'

export class EngineError extends Error {
  readonly code: EngineErrorCode
  readonly status: number
  readonly retryable: boolean
  readonly suggestion: string | undefined
  readonly problems: readonly Problem[] | undefined
  readonly details: Json | undefined

  constructor(
    code: EngineErrorCode,
    detail: string,
    more: { suggestion?: string; problems?: readonly Problem[]; details?: Json; cause?: unknown } = {},
  ) {
    super(detail, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'EngineError'
    this.code = code
    this.status = engineErrors[code].status
    this.retryable = engineErrors[code].retryable
    this.suggestion = more.suggestion
    this.problems = more.problems
    this.details = more.details
  }
}
