/**
 * The one place where the server reaches into the engine: every other file of this folder takes what it needs of the
 * engine from here, so that the direction of imports can be read in one file.
 */
export type {
  DefinitionGraph,
  DefinitionSummary,
  DeliveryView,
  DeployResult,
  Engine,
  EngineErrorCode,
  ExecutionDescription,
  ExecutionListItem,
  ExecutionRef,
  HistoryEvent,
  Json,
  LoadedDocument,
  Outcome,
  Page,
  PendingActivityView,
  Problem,
  StartRequest,
  StartResult,
  UpdateAnswer,
  UpdateRequest,
  WaitingFor,
  WorkflowError,
} from '../engine/index.ts'
export {
  EngineError,
  engineErrors,
  graphOf,
  loadDocument,
  longestIdCharacters,
  longestReasonCharacters,
  mermaidOf,
  parseDuration,
  svgOf,
} from '../engine/index.ts'
