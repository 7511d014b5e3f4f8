/**
 * The order in which attempts start at one instant. The engine promises none across executions, nor across turns of one
 * (a crash changes it), and a script that is used up call by call would then answer another one each time. So what an
 * engine dispatches waits here until it is quiet, and starts by workflow id, within one execution as scheduled.
 * Owns that order; `engine-life.ts` puts it before whoever plays the activities.
 */
import type { ActivityExecutor, ActivityTask, AttemptOutcome, TaskKey } from '../engine/index.ts'

interface Waiting {
  readonly task: ActivityTask
  readonly report: (outcome: AttemptOutcome) => void
  /** What was asked of it meanwhile. */
  asked: 'cancel' | 'forget' | null
}

export interface OrderedExecutor extends ActivityExecutor {
  /** Starts what waits. */
  begin(): void
  retire(): void
}

const byNumberAndText = new Intl.Collator('en', { numeric: true })

export function inOrder(inner: ActivityExecutor & { retire(): void }): OrderedExecutor {
  let waiting: Waiting[] = []
  const find = (key: TaskKey) =>
    waiting.findLast(({ task }) => task.runId === key.runId && task.activityId === key.activityId)
  return {
    find: (activity, versionRange) => inner.find(activity, versionRange),
    dispatch: (task, report) => {
      if (find(task)?.task.attempt !== task.attempt) waiting.push({ task, report, asked: null })
    },
    isStarted: (key) => find(key) === undefined && inner.isStarted(key),
    cancel: (key) => {
      const found = find(key)
      if (found === undefined) return inner.cancel(key)
      found.asked ??= 'cancel'
      return true
    },
    forget: (key) => {
      const found = find(key)
      if (found === undefined) inner.forget(key)
      else found.asked = 'forget'
    },
    drainAttempts: (now) => inner.drainAttempts(now),
    stop: (graceMs) => inner.stop(graceMs),
    begin: () => {
      const starting = waiting.toSorted(
        ({ task: one }, { task: other }) =>
          byNumberAndText.compare(one.workflowId, other.workflowId) || one.activityId - other.activityId,
      )
      waiting = []
      for (const { task, report, asked } of starting) {
        inner.dispatch(task, report)
        if (asked === 'cancel') inner.cancel(task)
        if (asked === 'forget') inner.forget(task)
      }
    },
    retire: () => {
      waiting = []
      inner.retire()
    },
  }
}
