/** A runner on a clock that tests set, and tasks for it. Not a test. */
import type {
  ActivityDefinition,
  ActivityLog,
  ActivityTask,
  AttemptOutcome,
} from '../../activities/contract.ts'
import { createActivityRegistry } from '../../activities/registry.ts'
import { type ActivityRunnerOptions, createActivityRunner } from '../../activities/runner.ts'
import { checkJson } from '../../interpreter/values.ts'
import { runLimits } from '../../schema/limits.ts'
import type { ActivitySettings } from '../../schema/plan.ts'

export const silentLog: ActivityLog = { info() {}, warn() {}, error() {} }

/** Time stands still until it is advanced. */
export class SetClock {
  #now = 1_000_000
  #timers: { at: number; callback: () => void }[] = []

  now(): number {
    return this.#now
  }

  schedule(at: number, callback: () => void): { cancel(): void } {
    const timer = { at, callback }
    this.#timers.push(timer)
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer)
      },
    }
  }

  get pending(): number {
    return this.#timers.length
  }

  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#timers = this.#timers.filter((other) => other !== next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
    }
    this.#now = end
  }
}

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
