/** Makes the errors that the interpreter itself raises, so that each has one wording. */

import { type FaultType, faults } from '../../schema/fault-catalogue.ts'
import type { Json } from '../../schema/json.ts'
import type { TimeoutKind } from '../events.ts'
import { joinPath } from '../paths.ts'
import { type ErrorShape, Fault, type WorkflowError, workflowError } from './fault.ts'

interface Where {
  readonly step?: string | null
  readonly path?: string | null
  readonly attempt?: number | null
}

export function engineFault(
  type: FaultType,
  message: string,
  where: Where = {},
  more: { readonly details?: Json; readonly cause?: WorkflowError | null } = {},
): WorkflowError {
  return workflowError({ type, message, retryable: faults[type].retryable, ...more }, where)
}

/** An error of the engine's own that comes in by an event: whether it is worth another try is the catalogue's to say. */
export function reportedError(shape: ErrorShape, where: Where): WorkflowError {
  const known = Object.hasOwn(faults, shape.type) ? faults[shape.type as FaultType] : undefined
  const retryable = shape.retryable ?? known?.retryable
  return workflowError({ ...shape, ...(retryable !== undefined && { retryable }) }, where)
}

export function timeoutError(
  kind: TimeoutKind,
  message: string,
  where: Where,
  cause: WorkflowError | null = null,
): WorkflowError {
  const error = engineFault('Timeout', message, where, { details: { kind }, cause })
  return kind === 'Execution' ? { ...error, retryable: false } : error
}

export function canceledError(
  step: string | null,
  scope: string,
  reason: string | null = null,
): WorkflowError {
  return engineFault('Canceled', reason === null ? 'canceled' : `canceled: ${reason}`, {
    step,
    path: step === null ? null : joinPath(scope, step),
  })
}

/** Going over a limit fails the step, and names the limit. */
export function limitFault(limit: string, allowed: number, what: string): Fault {
  return new Fault({
    type: 'LimitExceeded',
    message: `${what}, more than the limit \`${limit}\` of ${allowed} allows`,
    retryable: false,
    details: { limit, allowed },
  })
}

export function expressionFault(message: string, details: Json = null): Fault {
  return new Fault({ type: 'ExpressionError', message, retryable: false, details })
}
