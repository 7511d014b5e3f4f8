/** What the test kit uses of the engine; the kit imports nothing else of the project. */
export type { ActivityExecutor, ActivityTask, AttemptOutcome, TaskKey } from '../activities/contract.ts'
export type { Clock, TimerHandle } from '../engine/clock.ts'
export type * from '../engine/contract.ts'
export { EngineError } from '../engine/engine-error.ts'
export type { HistoryEvent, InputEvent, StoredEvent } from '../interpreter/events.ts'
export { isInput } from '../interpreter/events.ts'
export type { ErrorShape, WorkflowError } from '../interpreter/fault.ts'
export { formatDuration, parseDuration } from '../schema/duration.ts'
export type { Json, JsonObject } from '../schema/json.ts'
export type { Limits, RunLimits } from '../schema/limits.ts'
export type { BlockKey, Place, Plan, PlanStep, StepId } from '../schema/plan.ts'
export type { Problem } from '../schema/problem.ts'
export type { RunStatus, Storage } from '../storage/contract.ts'

import type { Engine } from '../engine/contract.ts'
export type EngineUnderTest = Engine & { quiet(): Promise<void> }
export declare function createEngine(options: object): EngineUnderTest

import type { Plan } from '../schema/plan.ts'
import type { Problem } from '../schema/problem.ts'

export { loadDocument } from '../schema/load.ts'

  source: string,
  options: { file: string; format: 'yaml' | 'json' },
): { plan: Plan | null; problems: readonly Problem[] }

import type { Program } from '../interpreter/program.ts'
import type { Reduce } from '../interpreter/reducer-contract.ts'

export type { Program }
export interface Interpreter {
  readonly link: (plan: Plan) => Program
  readonly reduce: Reduce
}

export { openStorage } from '../storage/open.ts'
export declare const interpreter: Interpreter

import type { ActivityDefinition, ActivityExecutor } from '../activities/contract.ts'
import type { Clock } from '../engine/clock.ts'

export type { ActivityDefinition }
export declare function makeActivityRunner(
  activities: readonly ActivityDefinition[],
  clock: Clock,
): ActivityExecutor
export type { Evaluate, Scope } from '../interpreter/expressions/contract.ts'
export { compileExpression } from '../interpreter/expressions/link.ts'
export { render } from '../interpreter/expressions/render.ts'
export { defaultLimits } from '../schema/limits.ts'
export type { PlanExpression, Template } from '../schema/plan.ts'
export { splitTemplate } from '../schema/template-text.ts'
