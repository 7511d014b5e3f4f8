/**
 * What can go wrong inside a workflow, as its author sees it: the error value, and the exception that carries one
 * to the machine. Owns both; the types that the engine raises by itself are in `schema/fault-catalogue.ts`.
 */
import type { Json } from '../../schema/json.ts'

/** `error` in a `catch`, in an outcome and in history. All keys are always there, so that an expression may read any. */
export interface WorkflowError {
  readonly type: string
  readonly message: string
  readonly details: Json
  readonly retryable: boolean
  /** The bare id of the step that raised it. */
  readonly step: string | null
  /** Its full address: the scopes around it, such as `flights[1].flight`. */
  readonly path: string | null
  /** The attempt of the activity, from 1. */
  readonly attempt: number | null
  readonly cause: WorkflowError | null
}

/** What an activity, a caller or a client knows of an error; the rest is filled in where it enters the workflow. */
export interface ErrorShape {
  readonly type: string
  readonly message: string
  readonly details?: Json
  readonly retryable?: boolean
  readonly cause?: WorkflowError | null
}

/** Makes the whole error value from what is known. */
export function workflowError(
  shape: ErrorShape,
  at: { step?: string | null; path?: string | null; attempt?: number | null } = {},
): WorkflowError {
  return {
    type: shape.type,
    message: shape.message,
    details: shape.details ?? null,
    retryable: shape.retryable ?? true,
    step: at.step ?? null,
    path: at.path ?? null,
    attempt: at.attempt ?? null,
    cause: shape.cause ?? null,
  }
}

/** As an expression or a result holds it. The error itself: nobody changes one. */
export function errorAsJson(error: WorkflowError): Json {
  return error as WorkflowError & { readonly [key: string]: Json }
}

/** Thrown by a verb or an expression; the machine turns it into the failure of the step. Anything else thrown is a bug. */
export class Fault extends Error {
  readonly shape: ErrorShape
  constructor(shape: ErrorShape) {
    super(shape.message)
    this.name = 'Fault'
    this.shape = shape
  }
}
