/** What the other folders, and through `index.ts` of the package a program, may use of the engine. */
export type {
  ActivityContext,
  ActivityDefinition,
  ActivityExecutor,
  ActivityTask,
  AttemptOutcome,
  PluginDefinition,
  TaskKey,
} from '../activities/contract.ts'
export type { ErrorShape, WorkflowError } from '../interpreter/errors/fault.ts'
export type {
  EventType,
  HistoryEvent,
  InputEvent,
  StoredEvent,
} from '../interpreter/events.ts'
export { isInput } from '../interpreter/events.ts'
export type { Program } from '../interpreter/program.ts'
export { formatDuration, parseDuration } from '../schema/duration.ts'
export { graphOf } from '../schema/graph/graph.ts'
export { mermaidOf } from '../schema/graph/mermaid.ts'
export type { DefinitionGraph } from '../schema/graph/shapes.ts'
export { svgOf } from '../schema/graph/svg.ts'
export type { Json, JsonObject, JsonSchema } from '../schema/json.ts'
export { defaultLimits, type Limits, type RunLimits } from '../schema/limits.ts'
export { isDocument, type LoadedDocument, loadDocument } from '../schema/load.ts'
export type { Plan, PlanStep } from '../schema/plan.ts'
export type { Problem } from '../schema/problems/problem.ts'
export type { ClosedStatus, RunStatus, Storage } from '../storage/contract.ts'
export { StorageDataError, StorageUnavailableError } from '../storage/contract.ts'
export { openStorage, type StorageTarget } from '../storage/open.ts'
export { type Clock, systemClock, type TimerHandle } from './clock.ts'
export type * from './contract.ts'
export { createEngine, type EngineOptions, type EngineUnderTest } from './create.ts'
export { longestIdCharacters, longestReasonCharacters } from './doors/request-texts.ts'
export { resultCheck } from './doors/value-door.ts'
export { type DefinitionSource, readDefinitions } from './embedded/definition-files.ts'
export {
  openActivities,
  type ProcessActivities,
  type ProcessActivitiesOptions,
} from './embedded/process-activities.ts'
export { UpdateFailedError } from './embedded/update-failed-error.ts'
export { EngineError } from './engine-error.ts'
export { type EngineErrorCode, engineErrors } from './error-catalogue.ts'
export { faultPointNames } from './fault-points.ts'
export { type Interpreter, interpreter } from './interpreter-port.ts'
export type { Log } from './log.ts'
export type { EventSink } from './outbox/event-sinks.ts'
export { foldHistory } from './runs/load.ts'
export { defaultEngineSettings, type EngineSettings } from './settings.ts'
