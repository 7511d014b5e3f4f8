/**
 * The activities of a durable `run`, whose store may hold other executions too: the engine takes those up like its
 * own, but their activities may be registered in another process alone (another `run`, a `serve`). Without this the
 * first `run` that comes along would end them with `ActivityNotRegistered`. Their attempts are held here, never
 * reported, and handed over with the run when this process stops. Children count as own: of one that was taken up this
 * process learns only after the engine has started, so its attempts are held until then. Owns that distinction alone;
 * called by `open-engine.ts`.
 */
import type { ActivityExecutor } from '../../engine/index.ts'
import type { RunFamily } from './run-family.ts'

export function ownRunExecutor(executor: ActivityExecutor, own: RunFamily): ActivityExecutor {
  /** What to do once the execution of this workflow id turns out to be a child. */
  const held = new Map<string, (() => void)[]>()
  own.onJoin((workflowId) => {
    const waiting = held.get(workflowId) ?? []
    held.delete(workflowId)
    for (const refuse of waiting) refuse()
  })
  return {
    // Which run asks is known in `dispatch` only, so everything counts as registered until then.
    find: (activity, versionRange) => executor.find(activity, versionRange) ?? { settings: {} },
    versions: (activity) => executor.versions?.(activity) ?? [],
    dispatch(task, report) {
      const { activity, versionRange, step } = task
      if (executor.find(activity, versionRange) !== null) return executor.dispatch(task, report)
      const name = versionRange === undefined ? activity : `${activity}@${versionRange}`
      const outcome = {
        kind: 'failed',
        startedAt: task.startedAt ?? Date.now(),
        error: {
          type: 'ActivityNotRegistered',
          message: `no activity \`${name}\` is registered in this process: load its module with --activities, or correct the name in step \`${step}\``,
          retryable: false,
        },
      } as const
      // Never inside the call, as every executor.
      const refuse = () => void setImmediate(() => report(outcome))
      if (own.has(task.workflowId)) refuse()
      else held.set(task.workflowId, [...(held.get(task.workflowId) ?? []), refuse])
    },
    isStarted: (key) => executor.isStarted(key),
    cancel: (key) => executor.cancel(key),
    forget: (key) => executor.forget(key),
    drainAttempts: (now) => executor.drainAttempts(now),
    stop: (graceMs) => executor.stop(graceMs),
  }
}
