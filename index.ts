/**
 * The package `perdure`: the engine embedded in an application (docs/embedding.md), and what activities are written with
 * (docs/activities.md). `perdure/client` and `perdure/testing` are entries of their own.
 */
export {
  type ActivityContext,
  type ActivityDefinition,
  type ActivityInfo,
  type ActivityLog,
  type ActivityOptions,
  ApplicationError,
  type ApplicationErrorOptions,
  defineActivity,
  definePlugin,
  type PluginContext,
  type PluginDefinition,
  type PluginInstance,
  type RetryOptions,
} from './activities/index.ts'
export { EmbeddedClient, EmbeddedHandle, type StartOptions } from './engine/embedded/client.ts'
export type { DefinitionSource } from './engine/embedded/definition-files.ts'
export { Perdure, type PerdureOptions } from './engine/embedded/perdure.ts'
export { type FailedOutcome, WorkflowFailedError } from './engine/embedded/workflow-failed-error.ts'
export {
  type CallerConnection,
  type DefinitionSummary,
  type DeployResult,
  type Engine,
  EngineError,
  type EngineErrorCode,
  type EngineSettings,
  type EventSink,
  type ExecutionDescription,
  type ExecutionListItem,
  type HistoryEvent,
  type Json,
  type JsonObject,
  type JsonSchema,
  type Limits,
  type Outcome,
  type Page,
  type PendingActivityView,
  type Problem,
  type UpdateAnswer,
  UpdateFailedError,
  type WaitingFor,
  type WorkflowError,
} from './engine/index.ts'
