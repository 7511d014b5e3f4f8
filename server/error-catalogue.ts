/**
 * What the server itself refuses, before the engine is asked: by code, the status, and what it means. The codes of the
 * engine are in `engine/error-catalogue.ts`; together they are all the `code`s of the API. docs/errors.md lists both.
 */
import { type EngineErrorCode, engineErrors } from './engine-door.ts'

export const serverErrors = {
  RouteNotFound: { status: 404, retryable: false, summary: 'no such route' },
  MethodNotAllowed: { status: 405, retryable: false, summary: 'the route does not take this method' },
  UnsupportedMediaType: {
    status: 415,
    retryable: false,
    summary: 'the content type of the body is not one that the route takes',
  },
  Unauthenticated: { status: 401, retryable: false, summary: 'an API key is needed' },
  Forbidden: { status: 403, retryable: false, summary: 'the API key may not do this' },
  HostRefused: { status: 403, retryable: false, summary: 'the Host header names another machine' },
  OriginRefused: {
    status: 403,
    retryable: false,
    summary: 'a page of another origin may not change anything',
  },
  UpdateFailed: { status: 422, retryable: false, summary: 'the handler of the update failed: see `error`' },
  InternalError: { status: 500, retryable: false, summary: 'a bug in the server' },
} as const satisfies { [code: string]: { status: number; retryable: boolean; summary: string } }

export type ServerErrorCode = keyof typeof serverErrors
export type ErrorCode = ServerErrorCode | EngineErrorCode

export const errorCatalogue: {
  readonly [Code in ErrorCode]: {
    readonly status: number
    readonly retryable: boolean
    readonly summary: string
  }
} = { ...engineErrors, ...serverErrors }
