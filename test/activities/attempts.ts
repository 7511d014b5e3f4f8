/** A runner on a clock that tests set, and tasks for it. Not a test. */
import type {
  ActivityDefinition,
  ActivityLog,
  ActivityTask,
  AttemptOutcome,
} from '../../activities/contract.ts'
import { createActivityRegistry } from '../../activities/registry.ts'
import { type ActivityRunnerOptions, createActivityRunner } from '../../activities/runner.ts'
import { checkJson } from '../../interpreter/values/values.ts'
import { runLimits } from '../../schema/limits.ts'
import type { ActivitySettings } from '../../schema/plan.ts'
import { SetClock } from '../set-clock.ts'

export const silentLog: ActivityLog = { info() {}, warn() {}, error() {} }

export const checkValue = (value: unknown) => checkJson(value, runLimits)

export const noSettings = () => ({ settings: {} satisfies ActivitySettings })

export function runnerOf(
  definitions: readonly ActivityDefinition[],
  more: Partial<Omit<ActivityRunnerOptions, 'registry'>> = {},
) {
  const registry = createActivityRegistry({ parseSettings: noSettings })
  for (const definition of definitions) registry.register(definition, { module: 'test' })
  const clock = new SetClock()
  const runner = createActivityRunner({ registry, clock, log: silentLog, checkResult: checkValue, ...more })
  return { runner, clock, registry }
}

export function taskOf(activity: string, more: Partial<ActivityTask> = {}): ActivityTask {
  return {
    namespace: 'default',
    workflowId: 'w-1',
    runId: 'r-1',
    workflow: 'orders',
    version: '1.0.0',
    activityId: 1,
    activity,
    step: 'charge',
    path: 'charge',
    attempt: 1,
    taskQueue: 'default',
    input: null,
    scheduledAt: 999_000,
    settings: { startToCloseTimeoutMs: 60_000 },
    ...more,
  }
}

/** The outcome of one attempt. */
export function outcomeOf(
  runner: ReturnType<typeof createActivityRunner>,
  task: ActivityTask,
): Promise<AttemptOutcome> {
  return new Promise((resolve) => runner.dispatch(task, resolve))
}

/** Lets everything that is ready happen: what the code under test awaits are microtasks and immediates alone. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 5; round++) await new Promise((resolve) => setImmediate(resolve))
}

/** A promise and its ends. */
export function deferred<Value>() {
  let resolve: (value: Value) => void = () => {}
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<Value>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
