/**
 * The order in which attempts start and stop at one instant. The engine promises none across executions, nor across
 * turns of one (a crash changes it), and a script that is used up call by call would then answer another one each
 * time. So what an engine asks for waits here until it is quiet, and is done by workflow id, within one execution as
 * scheduled. Owns that order; `engine-life.ts` puts it before whoever plays the activities.
 */
import type { ActivityExecutor, ActivityTask, AttemptOutcome, TaskKey } from '../engine/index.ts'

interface Attempt {
  readonly task: ActivityTask
  readonly report: (outcome: AttemptOutcome) => void
  stage: 'waiting' | 'running'
  isCanceled: boolean
}

export interface OrderedExecutor extends ActivityExecutor {
  /** Does what waits. */
  begin(): void
  retire(): void
}

const byNumberAndText = new Intl.Collator('en', { numeric: true })

export function inOrder(inner: ActivityExecutor & { retire(): void }): OrderedExecutor {
  /** Dispatched by this engine, and neither reported nor forgotten. */
  const attempts = new Map<string, Attempt>()
  let asked: Attempt[] = []
  const start = (attempt: Attempt) => {
    attempt.stage = 'running'
    inner.dispatch(attempt.task, (outcome) => {
      if (attempts.get(keyText(attempt.task)) === attempt) attempts.delete(keyText(attempt.task))
      attempt.report(outcome)
    })
  }
  /** What is asked to stop before it began does not begin; nobody knows it here. */
  const drop = (attempt: Attempt): false => {
    attempts.delete(keyText(attempt.task))
    asked = asked.filter((other) => other !== attempt)
    return false
  }
  return {
    find: (activity, versionRange) => inner.find(activity, versionRange),
    mayStart: (task) => inner.mayStart?.(task) ?? true,
    dispatch: (task, report) => {
      if (attempts.get(keyText(task))?.task.attempt === task.attempt) return
      const attempt: Attempt = { task, report, stage: 'waiting', isCanceled: false }
      attempts.set(keyText(task), attempt)
      asked.push(attempt)
    },
    isStarted: (key) => attempts.get(keyText(key))?.stage !== 'waiting' && inner.isStarted(key),
    cancel: (key) => {
      const attempt = attempts.get(keyText(key))
      if (attempt === undefined) return inner.cancel(key)
      if (attempt.stage === 'waiting') return drop(attempt)
      if (!attempt.isCanceled) asked.push(attempt)
      attempt.isCanceled = true
      return true
    },
    forget: (key) => {
      const attempt = attempts.get(keyText(key))
      if (attempt?.stage === 'waiting') return void drop(attempt)
      attempts.delete(keyText(key))
      inner.forget(key)
    },
    drainAttempts: (now) => inner.drainAttempts(now),
    stop: (graceMs) => inner.stop(graceMs),
    begin: () => {
      const now = asked.toSorted(
        ({ task: one }, { task: other }) =>
          byNumberAndText.compare(one.workflowId, other.workflowId) || one.activityId - other.activityId,
      )
      asked = []
      for (const attempt of now) {
        if (attempt.stage === 'waiting') start(attempt)
        if (attempt.isCanceled) inner.cancel(attempt.task)
      }
    },
    retire: () => {
      asked = []
      inner.retire()
    },
  }
}

function keyText(key: TaskKey): string {
  return `${key.runId}/${key.activityId}`
}
