/**
 * Tells a history in words: one sentence for each event, with the step and what it took. Owns what must be remembered
 * from earlier events (an outcome names its activity by id only) and the sentences; layout is the caller's. A new
 * event does not compile until it has its sentence. Called by `run` for progress and by `history`.
 */

import type { Json } from '../../schema/json.ts'
import type { WorkflowError } from '../engine-types.ts'
import { showDuration } from '../settings/durations.ts'
import { type EventOf, type Moment, type ShownEvent, showMoment, toMs } from './shown-event.ts'

export type Mood = 'good' | 'bad' | 'notice' | 'neutral'

export interface Sentence {
  readonly mark: string
  readonly mood: Mood
  /** The address of the step, or null where the event belongs to the whole run. */
  readonly path: string | null
  readonly text: string
  /** Of interest in a history, but not as progress. */
  readonly detail?: true
}

interface KnownActivity {
  readonly path: string
  readonly activity: string
  readonly scheduledAt: Moment
  startedAt: Moment | null
}

interface KnownTimer {
  readonly path: string
  readonly purpose: string
}

type Tellers = { readonly [T in ShownEvent['type']]: (event: EventOf<T>) => Sentence }

export class Narrator {
  readonly #activities = new Map<number, KnownActivity>()
  readonly #timers = new Map<number, KnownTimer>()
  #startedAt: Moment | null = null
  #attempts = 0
  #retries = 0

  tell(event: ShownEvent): Sentence {
    // The table is keyed by the type of the event that it takes; the compiler cannot follow that through an index.
    const teller = this.#tellers[event.type] as (event: ShownEvent) => Sentence
    return teller(event)
  }

  /** When the run started; null before its first event. */
  get startedAtMs(): number | null {
    return this.#startedAt === null ? null : toMs(this.#startedAt)
  }

  get attempts(): number {
    return this.#attempts
  }

  get retries(): number {
    return this.#retries
  }

  /** The step and activity behind a pending id, as far as it was told. */
  activity(id: number): KnownActivity | undefined {
    return this.#activities.get(id)
  }

  readonly #tellers: Tellers = {
    WorkflowExecutionStarted: (event) => {
      this.#startedAt = event.timestamp
      return {
        mark: '▶',
        mood: 'neutral',
        path: null,
        text: `started ${event.workflow}@${event.version}`,
        detail: true,
      }
    },
    ActivityTaskScheduled: (event) => {
      this.#activities.set(event.activityId, {
        path: event.path,
        activity: event.activity,
        scheduledAt: event.timestamp,
        startedAt: null,
      })
      const queue = event.taskQueue === 'default' ? '' : ` on queue ${event.taskQueue}`
      const summary = event.summary === undefined ? '' : `: ${event.summary}`
      return {
        mark: '·',
        mood: 'neutral',
        path: event.path,
        text: `${event.activity} scheduled${queue}${summary}`,
        detail: true,
      }
    },
    ActivityTaskStarted: (event) => {
      this.#attempts++
      if (event.attempt > 1) this.#retries++
      const known = this.#activities.get(event.activityId)
      if (known !== undefined) known.startedAt = event.startedAt
      return {
        mark: '·',
        mood: 'neutral',
        path: this.#path(event),
        text: `attempt ${event.attempt} started`,
        detail: true,
      }
    },
    ActivityTaskCompleted: (event) => ({
      mark: '✓',
      mood: 'good',
      path: this.#path(event),
      text: `${this.#name(event)} took ${this.#took(event)}${event.attempt > 1 ? `, attempt ${event.attempt}` : ''}`,
    }),
    ActivityTaskFailed: (event) => ({
      mark: event.willRetryAt === undefined ? '✗' : '↻',
      mood: event.willRetryAt === undefined ? 'bad' : 'notice',
      path: this.#path(event),
      text: `${this.#name(event)} failed after ${this.#took(event)}, attempt ${event.attempt}: ${showError(event.error)}${again(event)}`,
    }),
    ActivityTaskTimedOut: (event) => ({
      mark: event.willRetryAt === undefined ? '✗' : '↻',
      mood: event.willRetryAt === undefined ? 'bad' : 'notice',
      path: this.#path(event),
      text: `${this.#name(event)} timed out (${event.kind}) after ${this.#took(event)}, attempt ${event.attempt}${again(event)}`,
    }),
    ActivityTaskCanceled: (event) => ({
      mark: '⊘',
      mood: 'notice',
      path: this.#path(event),
      text: `${this.#name(event)} was canceled after ${this.#took(event)}`,
    }),
    ActivityTaskCancelRequested: (event) => ({
      mark: '⊘',
      mood: 'notice',
      path: event.path,
      text: `${this.#name(event)} is asked to stop`,
    }),
    TimerStarted: (event) => {
      this.#timers.set(event.timerId, { path: event.path ?? 'run', purpose: event.purpose })
      const ms = toMs(event.fireAt) - toMs(event.timestamp)
      const until = `${showDuration(ms)}, until ${showMoment(event.fireAt, event.timestamp)}`
      return {
        mark: '◷',
        mood: 'neutral',
        path: event.purpose === 'execution' ? null : (event.path ?? null),
        text:
          {
            wait: 'waits ',
            atMost: 'waits at most ',
            timeout: 'has a timeout of ',
            execution: 'the run may take ',
          }[event.purpose] + until,
        ...(event.purpose === 'execution' || event.purpose === 'timeout' ? { detail: true as const } : {}),
      }
    },
    TimerFired: (event) => {
      const timer = this.#timers.get(event.timerId)
      const text = {
        wait: 'the wait is over',
        atMost: 'gives up waiting',
        timeout: 'the timeout passed',
        execution: "the run's timeout passed",
      }[timer?.purpose ?? 'wait']
      const passed = timer?.purpose === 'timeout' || timer?.purpose === 'execution'
      return {
        mark: passed ? '✗' : '✓',
        mood: passed ? 'bad' : 'good',
        path: timer === undefined || timer.purpose === 'execution' ? null : timer.path,
        text: text ?? 'a timer fired',
      }
    },
    TimerCanceled: (event) => ({
      mark: '·',
      mood: 'neutral',
      path: event.path,
      text: 'the timer is no longer needed',
      detail: true,
    }),
    WorkflowSignalReceived: (event) => ({
      mark: '✉',
      mood: 'good',
      path: null,
      text: `signal ${event.signal} ${showValue(event.input)}`,
    }),
    WorkflowExecutionCancelRequested: (event) => ({
      mark: '⊘',
      mood: 'notice',
      path: null,
      text: `asked to cancel${reason(event.reason)}`,
    }),
    WorkflowTaskContinued: () => ({
      mark: '·',
      mood: 'neutral',
      path: null,
      text: 'goes on after many steps without waiting',
      detail: true,
    }),
    CompensationScheduled: (event) => ({ mark: '↩', mood: 'notice', path: event.path, text: 'is undone' }),
    WorkflowExecutionCompleted: (event) => this.#closed(event, '✓', 'good', 'completed', ''),
    WorkflowExecutionFailed: (event) =>
      this.#closed(event, '✗', 'bad', 'failed', `: ${showError(event.error)}`),
    WorkflowExecutionTimedOut: (event) =>
      this.#closed(event, '✗', 'bad', 'timed out', `: ${showError(event.error)}`),
    WorkflowExecutionCanceled: (event) =>
      this.#closed(event, '⊘', 'notice', 'canceled', `: ${showError(event.error)}`),
    WorkflowExecutionTerminated: (event) =>
      this.#closed(event, '⊘', 'notice', 'terminated', reason(event.reason)),
  }

  #closed(event: ShownEvent, mark: string, mood: Mood, what: string, more: string): Sentence {
    const took =
      this.#startedAt === null ? '' : ` after ${showDuration(toMs(event.timestamp) - toMs(this.#startedAt))}`
    return { mark, mood, path: null, text: `${what}${took}${more}` }
  }

  #path(event: { readonly activityId: number }): string {
    return this.#activities.get(event.activityId)?.path ?? `activity ${event.activityId}`
  }

  #name(event: { readonly activityId: number }): string {
    return this.#activities.get(event.activityId)?.activity ?? 'the activity'
  }

  /** From the real start of the attempt, or from when it was scheduled where it never started. */
  #took(event: { readonly activityId: number; readonly timestamp: Moment }): string {
    const known = this.#activities.get(event.activityId)
    const from = known?.startedAt ?? known?.scheduledAt
    return from === undefined || from === null
      ? 'some time'
      : showDuration(Math.max(0, toMs(event.timestamp) - toMs(from)))
  }
}

function again(event: { readonly willRetryAt?: Moment; readonly timestamp: Moment }): string {
  if (event.willRetryAt === undefined) return ''
  return `; tried again in ${showDuration(Math.max(0, toMs(event.willRetryAt) - toMs(event.timestamp)))}`
}

const reason = (text: string | null) => (text === null ? '' : `: ${text}`)

/** With the step that raised it and the chain of causes, each once. */
export function showError(
  error: Pick<WorkflowError, 'type' | 'message'> & {
    readonly cause?: WorkflowError | null
    readonly path?: string | null
  },
): string {
  const where = error.path === undefined || error.path === null ? '' : ` (at ${error.path})`
  const cause = error.cause ? `; because of ${showError(error.cause)}` : ''
  return `${error.type}: ${error.message}${where}${cause}`
}

/** A payload in one line, cut where it is long. */
export function showValue(value: Json): string {
  const text = JSON.stringify(value)
  return text.length > 120 ? `${text.slice(0, 119)}…` : text
}
