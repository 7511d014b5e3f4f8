/** A `Fault` that was thrown while a step was handled, as the error of that step. Anything else is a bug and goes on. */
import { Fault, type WorkflowError, workflowError } from '../errors/fault.ts'
import { stepPath } from '../paths.ts'
import type { Fiber } from '../state.ts'

export function faultAt(fiber: Fiber, step: string, thrown: unknown): WorkflowError {
  if (!(thrown instanceof Fault)) throw thrown
  return workflowError(thrown.shape, { step, path: stepPath(fiber, step) })
}
