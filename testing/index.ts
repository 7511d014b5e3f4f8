/**
 * `perdure/testing`: tests of workflows, in YAML (`runScenario`, `runScenarioFiles`) and in code (`TestEngine`), with
 * a virtual clock and scripted activities, and the suite that every store must pass (`describeStorage`).
 */
export { describeStorage } from '../engine/test-kit.ts'
export type { DocumentCoverage, Unreached } from './coverage.ts'
export { stepPercentage } from './coverage.ts'
export { findScenarioFiles } from './find-files.ts'
export {
  colourPaint,
  formatFileFailure,
  formatReport,
  formatResult,
  jsonReport,
  junitReport,
  type Paint,
  plainPaint,
} from './report.ts'
export type { Failure, FilePlace, ScenarioResult } from './result.ts'
export {
  type FileFailure,
  runScenarioFiles,
  type ScenarioOptions,
  type ScenarioReport,
} from './run-scenario.ts'
export type { Scenario, ScenarioFile } from './scenario.ts'
export { runScenario, ScenarioFailed, scenarioNames } from './scenario-assertion.ts'
export { parseScenarioFile, type ScenarioFileResult } from './scenario-file.ts'
export type { ScriptedCall } from './scripted-executor.ts'
export type { CrashPoint } from './store-life.ts'
export type { StoreChoice } from './stores.ts'
export { TestEngine, type TestEngineOptions, type TestStartOptions } from './test-engine.ts'
export { TestExecution } from './test-execution.ts'
export { virtualStart } from './virtual-clock.ts'
