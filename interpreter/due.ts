/**
 * What time asks of a state: when to look again, what is due, which attempts should be running.
 * Pure views for the driver; nothing here changes the state.
 */
import type { ActivityTaskStarted, ActivityTaskTimedOut, InputEvent, TimerFired } from './events.ts'
import type { AttemptView, DueInputs, NextWakeAt, OutstandingActivities } from './reducer-contract.ts'
import type { PendingActivity, PendingTimer, State } from './state.ts'

export const nextWakeAt: NextWakeAt = (state, attempts) => {
  let next: number | null = null
  const consider = (at: number | undefined) => {
    if (at !== undefined && (next === null || at < next)) next = at
  }
  if (asksForPause(state)) consider(state.now)
  for (const timer of Object.values(state.timers)) consider(timer.fireAt)
  for (const activity of Object.values(state.activitiesPending)) {
    consider(activity.scheduleToCloseAt)
    if (!attempts.started(activity.id, activity.attempt)) consider(activity.scheduleToStartAt)
    if (mayBegin(state, activity) && !attempts.dispatched(activity.id, activity.attempt))
      consider(activity.retryAt ?? state.now)
  }
  return next
}

export const outstandingActivities: OutstandingActivities = (state, now, attempts) =>
  Object.values(state.activitiesPending)
    .filter(
      (activity) =>
        !isAnnounced(activity, attempts) &&
        (activity.retryAt ?? now) <= now &&
        mayBegin(state, activity) &&
        !attempts.dispatched(activity.id, activity.attempt),
    )
    .map((activity) => activity.id)

/**
 * Of a paused run nothing new starts. An attempt that was due before the pause is not new: it had begun, and where the
 * process that ran it has died it begins again. Timers and deadlines are recorded all the same.
 */
function mayBegin({ paused }: State, activity: PendingActivity): boolean {
  const { announce, retryAt, scheduledAt, cancelRequested } = activity
  // What was asked to stop before it began is answered as canceled by the driver.
  if (cancelRequested === true) return false
  return paused === null || (announce !== 'due' && (retryAt ?? scheduledAt) <= paused.since)
}

/** A saga cannot go on without its operator, and the pause that says so is not recorded yet. */
function asksForPause(state: State): boolean {
  return state.pauseWanted !== null && state.paused === null
}

interface Due {
  readonly at: number
  /** At one instant: waits, then schedule deadlines, then deadlines of steps and of the run, so that what ends in time is in time. */
  readonly rank: number
  readonly id: number
  readonly input: InputEvent
}

export const dueInputs: DueInputs = (state, now, attempts) => {
  const due: Due[] = []
  if (asksForPause(state) && state.pauseWanted !== null) {
    const { step, path, reason } = state.pauseWanted
    const input = { type: 'WorkflowExecutionPaused', timestamp: now, reason, step, path } as const
    due.push({ at: state.now, rank: 0, id: 0, input })
  }
  for (const timer of Object.values(state.timers)) {
    if (timer.fireAt <= now)
      due.push({ at: timer.fireAt, rank: timerRank[timer.purpose], id: timer.id, input: fired(timer, now) })
  }
  for (const activity of Object.values(state.activitiesPending)) {
    if (mayBegin(state, activity) && isAnnounced(activity, attempts)) {
      due.push({ at: activity.scheduledAt, rank: 0, id: activity.id, input: announcement(activity, now) })
    }
    const missed = missedDeadline(activity, now, attempts)
    if (missed !== undefined)
      due.push({ at: missed.at, rank: 1, id: activity.id, input: timedOut(activity, missed.kind, now) })
  }
  due.sort((a, b) => a.at - b.at || a.rank - b.rank || a.id - b.id)
  return due.map((entry) => entry.input)
}

const timerRank: { readonly [K in PendingTimer['purpose']]: number } = {
  wait: 0,
  atMost: 0,
  after: 0,
  retry: 0,
  startDelay: 0,
  timeout: 2,
  execution: 3,
}

function missedDeadline(
  activity: PendingActivity,
  now: number,
  attempts: AttemptView,
): { at: number; kind: 'ScheduleToClose' | 'ScheduleToStart' } | undefined {
  const { scheduleToCloseAt, scheduleToStartAt } = activity
  if (scheduleToCloseAt !== undefined && scheduleToCloseAt <= now)
    return { at: scheduleToCloseAt, kind: 'ScheduleToClose' }
  if (
    scheduleToStartAt === undefined ||
    scheduleToStartAt > now ||
    attempts.started(activity.id, activity.attempt)
  )
    return undefined
  return { at: scheduleToStartAt, kind: 'ScheduleToStart' }
}

/** It begins by an input of its own, once there is someone to begin it: what nobody has called needs no undoing. */
function isAnnounced(activity: PendingActivity, attempts: AttemptView): boolean {
  return activity.announce === 'due' && (attempts.mayStart?.(activity) ?? true)
}

/** `compensateWhen: attempted`: committed before the activity is called, so that what may have happened is undone. */
function announcement(activity: PendingActivity, now: number): ActivityTaskStarted {
  const { id, attempt, scheduledAt } = activity
  const startedAt = Math.max(now, scheduledAt)
  return { type: 'ActivityTaskStarted', timestamp: startedAt, activityId: id, attempt, startedAt }
}

function fired(timer: PendingTimer, now: number): TimerFired {
  return { type: 'TimerFired', timestamp: now, timerId: timer.id }
}

function timedOut(
  activity: PendingActivity,
  kind: ActivityTaskTimedOut['kind'],
  now: number,
): ActivityTaskTimedOut {
  return {
    type: 'ActivityTaskTimedOut',
    timestamp: now,
    activityId: activity.id,
    attempt: activity.attempt,
    kind,
  }
}
