/** Thrown by `handle.update()` of the embedding API where the handler of the update failed. */
import type { WorkflowError } from '../../interpreter/errors/fault.ts'

export class UpdateFailedError extends Error {
  readonly update: string
  readonly updateId: string
  readonly error: WorkflowError

  constructor(update: string, updateId: string, error: WorkflowError) {
    super(`update ${update} failed: ${error.type}: ${error.message}`)
    this.name = 'UpdateFailedError'
    this.update = update
    this.updateId = updateId
    this.error = error
  }
}
