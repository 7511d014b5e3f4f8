/** What the engine, and through it a program, may use of this folder. */
export { ApplicationError, type ApplicationErrorOptions, isApplicationError } from './application-error.ts'
export { type BuiltInOptions, builtInActivities } from './builtin/index.ts'
export type { QueryWorkflow, WorkflowQuestion } from './builtin/workflow-query.ts'
export type { ActivityClock } from './clock.ts'
export type * from './contract.ts'
export { defineActivity, type InputOf, type ResultOf, type TypedActivityOptions } from './define.ts'
export { activityNamePattern, type ParseSettings, type Place } from './definition-check.ts'
export type { CheckValue } from './failure.ts'
export { loadActivityModules } from './load.ts'
export type { FoundExport, FoundExports } from './module-exports.ts'
export { notRegisteredText } from './not-registered.ts'
export { definePlugin, type TypedPluginOptions } from './plugin.ts'
export {
  openPlugins,
  type PluginHealth,
  type PluginHost,
  type PluginHostOptions,
  type PluginRequest,
} from './plugin-host.ts'
export type { PluginSections } from './plugin-sections.ts'
export { type PreparedActivities, type PrepareOptions, prepareActivities } from './prepare.ts'
export { type ActivityRegistry, createActivityRegistry, type RegisteredActivity } from './registry.ts'
export {
  type ActivityRunner,
  type ActivityRunnerOptions,
  createActivityRunner,
  type LaterOutcome,
} from './runner.ts'
export { ActivitySetupError, type SetupErrorCode, setupErrors } from './setup-error.ts'
