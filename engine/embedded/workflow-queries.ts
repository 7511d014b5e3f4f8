/**
 * The engine behind the activity `workflow.query`. Owns the late binding: activities are made before the engine that
 * runs them, so the question is handed on to whichever engine was attached since.
 */
import { ApplicationError, type QueryWorkflow } from '../../activities/index.ts'
import type { Engine } from '../contract.ts'
import { EngineError } from '../engine-error.ts'
import type { EngineErrorCode } from '../error-catalogue.ts'

/** What another attempt may mend: the execution may be started yet, and its state may change. */
const mayPass: ReadonlySet<EngineErrorCode> = new Set<EngineErrorCode>([
  'ExecutionNotFound',
  'ExpressionUndefined',
  'ExpressionError',
  'QueryFailed',
  'Draining',
  'Unavailable',
])

export class WorkflowQueries {
  #engine: Pick<Engine, 'query'> | null = null

  attach(engine: Pick<Engine, 'query'>): void {
    this.#engine = engine
  }

  readonly ask: QueryWorkflow = async ({ namespace, workflowId, name, input }) => {
    if (this.#engine === null) {
      throw new ApplicationError('no engine is attached to the activities of this process', {
        type: 'Unavailable',
      })
    }
    try {
      return await this.#engine.query({ namespace, workflowId }, name, input)
    } catch (thrown) {
      if (!(thrown instanceof EngineError)) throw thrown
      const more = thrown.suggestion === undefined ? '' : ` (${thrown.suggestion})`
      throw new ApplicationError(`${thrown.message}${more}`, {
        type: thrown.code,
        retryable: mayPass.has(thrown.code),
        details: thrown.details ?? null,
        cause: thrown,
      })
    }
  }
}
