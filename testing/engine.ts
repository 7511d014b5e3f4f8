/** What the test kit uses of the engine; the kit imports nothing else of the project. */
export type {
  ActivityDefinition,
  ActivityExecutor,
  ActivityTask,
  AttemptOutcome,
  TaskKey,
} from '../activities/contract.ts'
export type { Clock, TimerHandle } from '../engine/clock.ts'
export type * from '../engine/contract.ts'
export { EngineError } from '../engine/engine-error.ts'
export { type Interpreter, interpreter } from '../engine/interpreter-port.ts'
export type { HistoryEvent } from '../interpreter/events.ts'
export type { Evaluate, Scope } from '../interpreter/expressions/contract.ts'
export { compileExpression } from '../interpreter/expressions/link.ts'
export { render } from '../interpreter/expressions/render.ts'
export type { Program } from '../interpreter/program.ts'
export { formatDuration, parseDuration } from '../schema/duration.ts'
export type { Json, JsonObject } from '../schema/json.ts'
export { defaultLimits, type Limits } from '../schema/limits.ts'
export { loadDocument } from '../schema/load.ts'
export type { BlockKey, Plan, PlanExpression, PlanStep, Template } from '../schema/plan.ts'
export type { Problem } from '../schema/problem.ts'
export { splitTemplate } from '../schema/template-text.ts'
export type { RunStatus, Storage } from '../storage/contract.ts'
export { openStorage } from '../storage/open.ts'

import type { ActivityDefinition, ActivityExecutor } from '../activities/contract.ts'
import type { Clock } from '../engine/clock.ts'
import type { Engine } from '../engine/contract.ts'

export type EngineUnderTest = Engine & { quiet(): Promise<void> }
export declare function createEngine(options: object): EngineUnderTest
export declare function makeActivityRunner(
  activities: readonly ActivityDefinition[],
  clock: Clock,
): ActivityExecutor
