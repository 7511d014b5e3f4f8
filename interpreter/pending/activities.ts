/**
 * Activities as the reducer sees them: scheduled, tried again, ended. Owns the book of pending ones.
 * Dispatching an attempt costs no event; its start is recorded with its outcome.
 */

import { type WorkflowError, workflowError } from '../errors/fault.ts'
import { engineFault, timeoutError } from '../errors/faults.ts'
import type {
  ActivityTaskCanceled,
  ActivityTaskCompleted,
  ActivityTaskFailed,
  ActivityTaskTimedOut,
  Instant,
  PendingId,
} from '../events.ts'
import { outcomeFor } from '../fibers/outcomes.ts'
import { decide, type Turn, takeId } from '../fibers/turn.ts'
import { pushCompensation } from '../sagas/compensation.ts'
import type { Completion, Fiber, PendingActivity } from '../state.ts'
import { instantAfter } from '../values/time.ts'
import { nextRetryDelayMs } from './retry.ts'

export type ActivityOutcome =
  | ActivityTaskCompleted
  | ActivityTaskFailed
  | ActivityTaskTimedOut
  | ActivityTaskCanceled

export function scheduleActivity(
  turn: Turn,
  fiber: Fiber,
  activity: Omit<PendingActivity, 'id' | 'fiber' | 'scheduledAt' | 'attempt' | 'failures'>,
  summary: string | undefined,
): PendingId {
  const { state } = turn
  const id = takeId(turn)
  state.activitiesPending[id] = {
    id,
    fiber: fiber.id,
    ...activity,
    scheduledAt: state.now,
    attempt: 1,
    failures: [],
    ...startDeadline(activity.scheduleToStartTimeoutMs, state.now),
  }
  decide(turn, {
    type: 'ActivityTaskScheduled',
    step: activity.step,
    path: activity.path,
    activityId: id,
    activity: activity.activity,
    input: activity.input,
    taskQueue: activity.taskQueue,
    ...(activity.priority !== undefined && { priority: activity.priority }),
    ...(activity.compensationOf !== undefined && { compensationOf: activity.compensationOf }),
    ...(summary !== undefined && { summary }),
  })
  if (activity.announce === undefined) turn.effects.push({ kind: 'dispatchActivity', activityId: id })
  return id
}

/** The first attempt is about to begin, and that is recorded before it does: what it may have done is undone from now on. */
export function announced(turn: Turn, activity: PendingActivity): void {
  activity.announce = 'told'
  turn.effects.push({ kind: 'dispatchActivity', activityId: activity.id })
  const fiber = turn.state.fibers[activity.fiber]
  const frame = fiber?.frames[fiber.frames.length - 1]
  const step = turn.program.plan.steps[activity.step]
  if (fiber === undefined || frame?.kind !== 'step' || frame.verb !== 'activity') return
  if (step?.verb !== 'activity' || step.compensation === undefined) return
  frame.compensation = pushCompensation(turn, fiber, step, step.compensation)
}

function startDeadline(timeoutMs: number | undefined, from: Instant): { scheduleToStartAt?: Instant } {
  return timeoutMs === undefined ? {} : { scheduleToStartAt: instantAfter(from, timeoutMs) }
}

/** The activity that an outcome belongs to; undefined where it is of an attempt that nobody waits for any more (keeps I4). */
export function pendingFor(
  turn: Turn,
  event: { activityId: PendingId; attempt: number },
): PendingActivity | undefined {
  const activity = turn.state.activitiesPending[event.activityId]
  return activity?.attempt === event.attempt ? activity : undefined
}

/** Gives the event as it is recorded: with `willRetryAt` where the activity is tried again. */
export function attemptEnded(turn: Turn, activity: PendingActivity, event: ActivityOutcome): ActivityOutcome {
  switch (event.type) {
    case 'ActivityTaskCompleted':
      endActivity(turn, activity, { kind: 'normal', value: event.result })
      return event
    case 'ActivityTaskCanceled': {
      const error = engineFault('Canceled', 'the activity was canceled', placeOf(activity), {
        details: event.details ?? null,
      })
      endActivity(turn, activity, { kind: 'throw', error })
      return event
    }
    case 'ActivityTaskFailed': {
      const error = workflowError(event.error, placeOf(activity))
      return withRetry(event, retryOrEnd(turn, activity, error, event.retryAfterMs))
    }
    case 'ActivityTaskTimedOut': {
      const error = timedOut(activity, event.kind)
      const final = event.kind === 'ScheduleToStart' || event.kind === 'ScheduleToClose'
      if (!final) return withRetry(event, retryOrEnd(turn, activity, error, undefined))
      endActivity(turn, activity, { kind: 'throw', error })
      // The attempt may be under way; nobody waits for it any more.
      turn.effects.push({ kind: 'forgetActivity', activityId: activity.id })
      return event
    }
    default:
      return event satisfies never
  }
}

function withRetry<E extends ActivityTaskFailed | ActivityTaskTimedOut>(
  event: E,
  willRetryAt: Instant | null,
): E {
  const { willRetryAt: _asRecorded, ...bare } = event
  return (willRetryAt === null ? bare : { ...bare, willRetryAt }) as E
}

function retryOrEnd(
  turn: Turn,
  activity: PendingActivity,
  error: WorkflowError,
  retryAfterMs: number | undefined,
): Instant | null {
  const { state } = turn
  const delayMs =
    activity.cancelRequested === true
      ? null
      : nextRetryDelayMs({
          settings: activity.retry,
          error,
          failures: activity.failures,
          retryAfterMs,
          random: () => turn.context.random(),
        })
  if (delayMs === null) {
    endActivity(turn, activity, { kind: 'throw', error, ...(retryAfterMs !== undefined && { retryAfterMs }) })
    return null
  }
  const retryAt = instantAfter(state.now, delayMs)
  if (activity.scheduleToCloseAt !== undefined && retryAt > activity.scheduleToCloseAt) {
    endActivity(turn, activity, {
      kind: 'throw',
      error: timedOut({ ...activity, lastError: error }, 'ScheduleToClose'),
    })
    return null
  }
  activity.attempt += 1
  activity.retryAt = retryAt
  activity.lastError = error
  Object.assign(activity, startDeadline(activity.scheduleToStartTimeoutMs, retryAt))
  if (delayMs === 0 && state.paused === null)
    turn.effects.push({ kind: 'dispatchActivity', activityId: activity.id })
  return retryAt
}

function endActivity(turn: Turn, activity: PendingActivity, completion: Completion): void {
  delete turn.state.activitiesPending[activity.id]
  outcomeFor(turn, activity.fiber, completion, activity.cancelRequested)
}

function timedOut(activity: PendingActivity, kind: ActivityTaskTimedOut['kind']): WorkflowError {
  const message = `activity \`${activity.activity}\` passed its ${timeoutNames[kind]}`
  return timeoutError(
    kind,
    message,
    placeOf(activity),
    kind === 'ScheduleToClose' ? (activity.lastError ?? null) : null,
  )
}

const timeoutNames = {
  StartToClose: 'startToCloseTimeout',
  ScheduleToStart: 'scheduleToStartTimeout',
  ScheduleToClose: 'scheduleToCloseTimeout',
  Heartbeat: 'heartbeatTimeout',
} as const satisfies { readonly [K in ActivityTaskTimedOut['kind']]: string }

function placeOf(activity: PendingActivity): { step: string; path: string; attempt: number } {
  return { step: activity.step, path: activity.path, attempt: activity.attempt }
}

/** What a cancellation does to a fiber that waits for an activity. */
export function cancelActivity(turn: Turn, activity: PendingActivity): 'unwind' | 'held' {
  if (activity.cancellation === 'abandon') {
    delete turn.state.activitiesPending[activity.id]
    turn.effects.push({ kind: 'abandonActivity', activityId: activity.id })
    return 'unwind'
  }
  if (activity.cancelRequested !== true) {
    decide(turn, {
      type: 'ActivityTaskCancelRequested',
      step: activity.step,
      path: activity.path,
      activityId: activity.id,
    })
    turn.effects.push({ kind: 'cancelActivity', activityId: activity.id })
  }
  if (activity.cancellation === 'try') {
    delete turn.state.activitiesPending[activity.id]
    return 'unwind'
  }
  activity.cancelRequested = true
  return 'held'
}
