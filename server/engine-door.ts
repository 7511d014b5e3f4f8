/**
 * The one place where the server reaches into the engine: every other file of this folder takes what it needs of the
 * engine from here, so that the direction of imports can be read in one file.
 */
import type { DeployResult, Engine, StartRequest } from '../engine/contract.ts'

export type {
  DefinitionSummary,
  DeployResult,
  Engine,
  ExecutionDescription,
  ExecutionListItem,
  ExecutionRef,
  Outcome,
  Page,
  PendingActivityView,
  StartRequest,
  StartResult,
  WaitingFor,
} from '../engine/contract.ts'
export { EngineError } from '../engine/engine-error.ts'
export { type EngineErrorCode, engineErrors } from '../engine/error-catalogue.ts'

export type Json = Exclude<StartRequest['input'], undefined>
export type Problem = DeployResult['problems'][number]
export type HistoryEvent = Awaited<ReturnType<Engine['history']>>['events'][number]
