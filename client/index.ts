/** `perdure/client`. */
export type {
  DefinitionGraph,
  DefinitionSummary,
  DefinitionView,
  DeliveryView,
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
  UpdateAnswer,
  ValidationAnswer,
  WorkflowError,
} from '../server/api.ts'
export { type Document, PerdureClient, type PerdureClientOptions, type StartOptions } from './client.ts'
export {
  type FailedOutcome,
  PerdureApiError,
  PerdureConnectionError,
  UpdateFailedError,
  WorkflowFailedError,
} from './errors.ts'
export {
  type Abortable,
  type HistoryOptions,
  type HistoryPageOptions,
  StartedWorkflow,
  type UpdateOptions,
  type Waiting,
  WorkflowHandle,
} from './handle.ts'
