/**
 * One attempt under way in this process, and what its code sees of it. Owns the attempt's phase, its abort signal and
 * the context; when it starts, ends and expires is `runner.ts`'s business.
 *
 * Everything that a no-op activity never looks at (info with its dates, signal, log, heartbeat) is made when it is
 * first asked for: making them for each attempt costs more than the rest of the dispatch.
 */
import type { Json } from '../schema/json.ts'
import type { ActivityContext, ActivityInfo, ActivityLog, ActivityTask, AttemptOutcome } from './contract.ts'
import { Deadline } from './deadlines.ts'
import type { RegisteredActivity } from './registry.ts'

/** Why the code of an attempt is asked to stop; the `reason` of its abort signal. */
export class AttemptStopped extends Error {
  readonly why: 'canceled' | 'timedOut' | 'forgotten' | 'stopped'

  constructor(why: AttemptStopped['why'], message: string) {
    super(message)
    // What code that honours an AbortSignal throws has this name, so `catch (e) { if (e.name === 'AbortError') … }` works.
    this.name = 'AbortError'
    this.why = why
  }
}

/** Of one activity with `maxConcurrent`; shared by its attempts. */
export interface Lane {
  readonly limit: number
  running: number
}

/** `external`: `run` has ended, and the outcome is reported from elsewhere. */
export type AttemptPhase = 'queued' | 'running' | 'external' | 'over'

/** What an attempt tells its runner. */
export interface AttemptOwner {
  beat(attempt: Attempt, details: unknown): void
  readonly log: ActivityLog
}

export class Attempt {
  /** `${runId}/${activityId}`: also the idempotency key, the same on every attempt. */
  readonly key: string
  readonly task: ActivityTask
  readonly activity: RegisteredActivity
  readonly lane: Lane | null
  readonly report: (outcome: AttemptOutcome) => void
  readonly owner: AttemptOwner
  readonly startToClose: Deadline<Attempt> = new Deadline<Attempt>(this, 'StartToClose')
  readonly heartbeat: Deadline<Attempt> | null
  readonly lastHeartbeat: Json | undefined
  phase: AttemptPhase = 'queued'
  startedAt = 0
  completesLater = false
  cancelRequested = false
  /** The latest heartbeat's, undefined before the first. */
  details: Json | undefined
  /** When its start or heartbeat was last kept beside the history. */
  savedAt = 0
  #stopped: AttemptStopped | null = null
  #controller: AbortController | null = null

  constructor(
    key: string,
    task: ActivityTask,
    activity: RegisteredActivity,
    lane: Lane | null,
    lastHeartbeat: Json | undefined,
    report: (outcome: AttemptOutcome) => void,
    owner: AttemptOwner,
  ) {
    this.key = key
    this.task = task
    this.activity = activity
    this.lane = lane
    this.lastHeartbeat = lastHeartbeat
    this.report = report
    this.owner = owner
    this.heartbeat =
      task.settings.heartbeatTimeoutMs === undefined ? null : new Deadline<Attempt>(this, 'Heartbeat')
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController()
      if (this.#stopped !== null) this.#controller.abort(this.#stopped)
    }
    return this.#controller.signal
  }

  /** Asks the code to stop. Only the first reason counts. */
  stop(why: AttemptStopped['why'], message: string): void {
    if (this.#stopped !== null) return
    this.#stopped = new AttemptStopped(why, message)
    this.#controller?.abort(this.#stopped)
  }

  /** Whether something thrown is this attempt's answer to being asked to stop. */
  isAnswerToStop(thrown: unknown): boolean {
    if (this.#stopped === null) return false
    for (let error = thrown, depth = 0; depth < 10; depth++) {
      if (error === this.#stopped) return true
      if (!(error instanceof Error)) return false
      // DOMException of fetch, and the error of node:timers/promises and node:events.
      if (error.name === 'AbortError' || Reflect.get(error, 'code') === 'ABORT_ERR') return true
      error = error.cause
    }
    return false
  }
}

/** What `run` is given. Each member can be taken out of it (`{ signal, heartbeat }`). */
export class AttemptContext implements ActivityContext {
  readonly #attempt: Attempt
  #info: ActivityInfo | null = null
  #log: ActivityLog | null = null

  constructor(attempt: Attempt) {
    this.#attempt = attempt
  }

  get info(): ActivityInfo {
    if (this.#info !== null) return this.#info
    const { task, activity, startedAt } = this.#attempt
    this.#info = {
      namespace: task.namespace,
      workflowId: task.workflowId,
      runId: task.runId,
      workflow: task.workflow,
      version: task.version,
      activity: activity.name,
      activityId: task.activityId,
      step: task.step,
      path: task.path,
      attempt: task.attempt,
      taskQueue: task.taskQueue,
      scheduledAt: new Date(task.scheduledAt),
      startedAt: new Date(startedAt),
    }
    return this.#info
  }

  get signal(): AbortSignal {
    return this.#attempt.signal
  }

  get heartbeat(): (details?: unknown) => void {
    const attempt = this.#attempt
    return (details) => attempt.owner.beat(attempt, details)
  }

  get lastHeartbeat(): unknown {
    return this.#attempt.lastHeartbeat
  }

  get idempotencyKey(): string {
    return this.#attempt.key
  }

  get log(): ActivityLog {
    if (this.#log !== null) return this.#log
    const { task, owner } = this.#attempt
    const about = {
      workflowId: task.workflowId,
      runId: task.runId,
      step: task.path,
      activity: task.activity,
      attempt: task.attempt,
    }
    this.#log = {
      info: (message, fields) => owner.log.info(message, { ...about, ...fields }),
      warn: (message, fields) => owner.log.warn(message, { ...about, ...fields }),
      error: (message, fields) => owner.log.error(message, { ...about, ...fields }),
    }
    return this.#log
  }

  get completeLater(): () => void {
    const attempt = this.#attempt
    return () => {
      attempt.completesLater = true
    }
  }
}
