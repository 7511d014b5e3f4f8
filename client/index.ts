/** `perdure/client`. */
export type {
  DefinitionSummary,
  DefinitionView,
  DeployResult,
  ExecutionDescription,
  ExecutionListItem,
  HistoryEventView,
  HistoryPage,
  Json,
  Outcome,
  Page,
  Problem,
  RequestFault,
  ResolveAnswer,
  StartAnswer,
  ValidationAnswer,
} from '../server/api.ts'
export { type Document, PerdureClient, type PerdureClientOptions, type StartOptions } from './client.ts'
export { type FailedOutcome, PerdureApiError, PerdureConnectionError, WorkflowFailedError } from './errors.ts'
export {
  type Abortable,
  type HistoryOptions,
  type HistoryPageOptions,
  StartedWorkflow,
  WorkflowHandle,
} from './handle.ts'
