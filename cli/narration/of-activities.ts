/** What is said of activities and of what undoes them. */
import { showDuration } from '../settings/durations.ts'
import type { Memory } from './memory.ts'
import { showError, type Tellers } from './sentence.ts'
import { type Moment, toMs } from './shown-event.ts'

export const activityTellers = {
  ActivityTaskScheduled: (event, memory) => {
    const { path, activity, timestamp } = event
    memory.activities.set(event.activityId, { path, activity, scheduledAt: timestamp, startedAt: null })
    const queue = event.taskQueue === 'default' ? '' : ` on queue ${event.taskQueue}`
    const summary = event.summary === undefined ? '' : `: ${event.summary}`
    return { mark: '·', mood: 'neutral', path, text: `${activity} scheduled${queue}${summary}`, detail: true }
  },
  ActivityTaskStarted: (event, memory) => {
    memory.attempts++
    if (event.attempt > 1) memory.retries++
    const known = memory.activities.get(event.activityId)
    if (known !== undefined) known.startedAt = event.startedAt
    const path = pathOf(event, memory)
    return { mark: '·', mood: 'neutral', path, text: `attempt ${event.attempt} started`, detail: true }
  },
  ActivityTaskCompleted: (event, memory) => ({
    mark: '✓',
    mood: 'good',
    path: pathOf(event, memory),
    text: `${nameOf(event, memory)} took ${took(event, memory)}${event.attempt > 1 ? `, attempt ${event.attempt}` : ''}`,
  }),
  ActivityTaskFailed: (event, memory) => ({
    mark: event.willRetryAt === undefined ? '✗' : '↻',
    mood: event.willRetryAt === undefined ? 'bad' : 'notice',
    path: pathOf(event, memory),
    text: `${nameOf(event, memory)} failed after ${took(event, memory)}, attempt ${event.attempt}: ${showError(event.error)}${again(event)}`,
  }),
  ActivityTaskTimedOut: (event, memory) => ({
    mark: event.willRetryAt === undefined ? '✗' : '↻',
    mood: event.willRetryAt === undefined ? 'bad' : 'notice',
    path: pathOf(event, memory),
    text: `${nameOf(event, memory)} timed out (${event.kind}) after ${took(event, memory)}, attempt ${event.attempt}${again(event)}`,
  }),
  ActivityTaskCanceled: (event, memory) => ({
    mark: '⊘',
    mood: 'notice',
    path: pathOf(event, memory),
    text: `${nameOf(event, memory)} was canceled after ${took(event, memory)}`,
  }),
  ActivityTaskCancelRequested: (event, memory) => ({
    mark: '⊘',
    mood: 'notice',
    path: event.path,
    text: `${nameOf(event, memory)} is asked to stop`,
  }),
  CompensationScheduled: (event) => ({ mark: '↩', mood: 'notice', path: event.path, text: 'is undone' }),
} satisfies Partial<Tellers>

interface OfActivity {
  readonly activityId: number
  readonly timestamp: Moment
}

function pathOf({ activityId }: OfActivity, memory: Memory): string {
  return memory.activities.get(activityId)?.path ?? `activity ${activityId}`
}

function nameOf({ activityId }: OfActivity, memory: Memory): string {
  return memory.activities.get(activityId)?.activity ?? 'the activity'
}

/** From the real start of the attempt, or from when it was scheduled where it never started. */
function took({ activityId, timestamp }: OfActivity, memory: Memory): string {
  const known = memory.activities.get(activityId)
  const from = known?.startedAt ?? known?.scheduledAt
  return from === undefined || from === null
    ? 'some time'
    : showDuration(Math.max(0, toMs(timestamp) - toMs(from)))
}

function again(event: { readonly willRetryAt?: Moment; readonly timestamp: Moment }): string {
  if (event.willRetryAt === undefined) return ''
  return `; tried again in ${showDuration(Math.max(0, toMs(event.willRetryAt) - toMs(event.timestamp)))}`
}
