/**
 * Runs attempts in this process: the `ActivityExecutor` of the engine. Owns the life of an attempt from dispatch to
 * its one report: the queue and its limits (`attempt-queue.ts`), the deadlines (`deadlines.ts`), what is kept of long
 * attempts (`attempt-records.ts`). What `run` is given and what becomes of its result is `call.ts`'s business;
 * schedule timeouts, pauses and retries are the engine's.
 *
 * An attempt reports at most once. What its code does after a timeout, a `forget` or a stop is dropped, and from then
 * on it holds no place among the running: code that never settles and ignores its signal must not stop the process
 * from doing other work.
 */
import type { ErrorShape } from '../interpreter/errors/fault.ts'
import { Attempt, type AttemptOwner } from './attempt.ts'
import { AttemptQueue } from './attempt-queue.ts'
import { AttemptRecords } from './attempt-records.ts'
import { callActivity, type Ending, recordedResult } from './call.ts'
import type { ActivityClock } from './clock.ts'
import type { ActivityExecutor, ActivityLog, ActivityTask, AttemptOutcome, TaskKey } from './contract.ts'
import { type Deadline, Deadlines } from './deadlines.ts'
import { type CheckValue, failureOf } from './failure.ts'
import { defaultMaxConcurrent } from './limits.ts'
import { notRegisteredText } from './not-registered.ts'
import { copyToJson } from './plain-json.ts'
import type { ActivityRegistry } from './registry.ts'

export interface ActivityRunnerOptions {
  readonly registry: Pick<ActivityRegistry, 'find' | 'versions'>
  readonly clock: ActivityClock
  readonly log: ActivityLog
  /** Attempts of this process at once. */
  readonly maxConcurrent?: number
  /** Refuses results and heartbeat details that the language cannot hold. */
  readonly checkResult: CheckValue
}

/** The outcome of an attempt whose code called `completeLater()`. */
export type LaterOutcome =
  | { readonly kind: 'completed'; readonly result: unknown }
  /** Whatever `run` might have thrown. */
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'canceled' }

export interface ActivityRunner extends ActivityExecutor {
  /**
   * Ends an attempt whose code called `completeLater()`. False: it is not open here (it timed out, was forgotten, or
   * its code still runs and has not called `completeLater`).
   */
  complete(key: TaskKey, outcome: LaterOutcome): boolean
  /** A heartbeat from outside. Null: the attempt is not open here. */
  heartbeat(key: TaskKey, details?: unknown): { readonly cancelRequested: boolean } | null
}

export function createActivityRunner(options: ActivityRunnerOptions): ActivityRunner {
  return new InProcessRunner(options)
}

class InProcessRunner implements ActivityRunner, AttemptOwner {
  readonly log: ActivityLog
  readonly #registry: Pick<ActivityRegistry, 'find' | 'versions'>
  readonly #clock: ActivityClock
  readonly #check: CheckValue
  readonly #attempts = new Map<string, Attempt>()
  readonly #queue: AttemptQueue
  readonly #deadlines: Deadlines<Attempt>
  readonly #records = new AttemptRecords()
  #stopping: Promise<void> | null = null
  #whenIdle: (() => void) | null = null

  constructor(options: ActivityRunnerOptions) {
    this.log = options.log
    this.#registry = options.registry
    this.#clock = options.clock
    this.#check = options.checkResult
    this.#queue = new AttemptQueue(options.maxConcurrent ?? defaultMaxConcurrent, (attempt) =>
      this.#start(attempt),
    )
    this.#deadlines = new Deadlines(options.clock, (deadline) => this.#expire(deadline))
  }

  find(activity: string, versionRange?: string): ReturnType<ActivityExecutor['find']> {
    return this.#registry.find(activity, versionRange)
  }

  versions(activity: string): readonly (string | null)[] {
    return this.#registry.versions(activity)
  }

  dispatch(task: ActivityTask, report: (outcome: AttemptOutcome) => void): void {
    if (this.#stopping !== null) return
    const key = keyOf(task)
    const present = this.#attempts.get(key)
    if (present !== undefined) {
      if (present.task.attempt === task.attempt) return
      // The engine has gone on without it (a deadline over all attempts passed).
      this.#drop(present, 'another attempt was started in its place')
    }
    const activity = this.#registry.find(task.activity, task.versionRange)
    if (activity === null) {
      queueMicrotask(() => this.#tell(report, this.#notRegistered(task), key))
      return
    }
    const handedOn = this.#records.takeHandedOn(key) ?? task.lastHeartbeat
    const attempt = new Attempt(key, task, activity, this.#queue.laneOf(activity), handedOn, report, this)
    this.#attempts.set(key, attempt)
    this.#queue.put(attempt)
  }

  isStarted(key: TaskKey): boolean {
    const attempt = this.#attempts.get(keyOf(key))
    return attempt !== undefined && attempt.phase !== 'queued'
  }

  cancel(key: TaskKey): boolean {
    const attempt = this.#attempts.get(keyOf(key))
    if (attempt === undefined) return false
    attempt.cancelRequested = true
    if (attempt.phase === 'queued') {
      attempt.startedAt = this.#clock.now()
      this.#queue.remove(attempt)
      // Reports come later, never inside a call of the engine; in between it is neither started nor queued.
      queueMicrotask(() => this.#end(attempt, { kind: 'canceled' }))
    } else attempt.stop('canceled', 'the step was canceled')
    return true
  }

  forget(key: TaskKey): void {
    const attempt = this.#attempts.get(keyOf(key))
    if (attempt !== undefined) this.#drop(attempt, 'the outcome is of no more interest')
    this.#records.forgotten(keyOf(key))
  }

  drainAttempts(now: number): ReturnType<ActivityExecutor['drainAttempts']> {
    return this.#records.drain(now)
  }

  complete(key: TaskKey, outcome: LaterOutcome): boolean {
    const attempt = this.#attempts.get(keyOf(key))
    if (attempt === undefined || !attempt.completesLater) return false
    switch (outcome.kind) {
      case 'completed':
        recordedResult(attempt, outcome.result, this.#check, (ending) => this.#end(attempt, ending))
        return true
      case 'failed':
        this.#end(attempt, { kind: 'failed', ...failureOf(outcome.error, this.#check) })
        return true
      case 'canceled':
        this.#end(attempt, { kind: 'canceled' })
        return true
    }
  }

  heartbeat(key: TaskKey, details?: unknown): { readonly cancelRequested: boolean } | null {
    const attempt = this.#attempts.get(keyOf(key))
    if (attempt === undefined || attempt.phase === 'queued') return null
    this.beat(attempt, details)
    return { cancelRequested: attempt.cancelRequested }
  }

  /** Throws where the details are not plain JSON: the author sees it at the call. After the end it does nothing. */
  beat(attempt: Attempt, details: unknown): void {
    if (attempt.phase === 'over') return
    if (details !== undefined) {
      const checked = this.#check(copyToJson(details))
      if (!checked.ok) throw new TypeError(`heartbeat details: ${checked.message}`)
      attempt.details = checked.value
      this.#records.beat(attempt)
    }
    const timeoutMs = attempt.task.settings.heartbeatTimeoutMs
    if (attempt.heartbeat !== null && timeoutMs !== undefined)
      this.#deadlines.set(attempt.heartbeat, timeoutMs, this.#clock.now())
  }

  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#stop(graceMs)
    return this.#stopping
  }

  async #stop(graceMs: number): Promise<void> {
    for (const attempt of [...this.#attempts.values()])
      if (attempt.phase === 'queued') this.#drop(attempt, 'the process is stopping')
    if (this.#queue.running > 0)
      await new Promise<void>((resolve) => {
        const timer = this.#clock.schedule(this.#clock.now() + graceMs, resolve)
        this.#whenIdle = () => {
          timer.cancel()
          resolve()
        }
      })
    for (const attempt of [...this.#attempts.values()]) this.#drop(attempt, 'the process is stopping')
    this.#deadlines.close()
  }

  #start(attempt: Attempt): void {
    const { task } = attempt
    const now = this.#clock.now()
    attempt.phase = 'running'
    attempt.startedAt = task.startedAt ?? now
    if (attempt.startedAt + task.settings.startToCloseTimeoutMs <= now && task.startedAt !== undefined) {
      this.#end(attempt, { kind: 'timedOut', timeout: 'StartToClose' })
      return
    }
    this.#records.started(attempt)
    this.#deadlines.set(attempt.startToClose, task.settings.startToCloseTimeoutMs, attempt.startedAt)
    if (attempt.heartbeat !== null && task.settings.heartbeatTimeoutMs !== undefined)
      this.#deadlines.set(attempt.heartbeat, task.settings.heartbeatTimeoutMs, now)
    callActivity(attempt, this.#check, (ending) => this.#settled(attempt, ending))
  }

  /** `run` has ended, one way or the other. */
  #settled(attempt: Attempt, ending: Ending): void {
    if (attempt.phase === 'over') return
    if (ending.kind === 'later') {
      attempt.phase = 'external'
      this.#leave(attempt)
    } else this.#end(attempt, ending)
  }

  #expire(deadline: Deadline<Attempt>): void {
    const attempt = deadline.owner
    this.#end(attempt, { kind: 'timedOut', timeout: deadline.kind })
    attempt.stop('timedOut', `the attempt timed out (${deadline.kind})`)
  }

  /** The one place where an attempt reports. */
  #end(attempt: Attempt, ending: Exclude<Ending, { kind: 'later' }>): void {
    if (attempt.phase === 'over') return
    this.#remove(attempt, ending.kind === 'failed' || ending.kind === 'timedOut')
    this.#tell(attempt.report, { ...ending, startedAt: attempt.startedAt }, attempt.key)
  }

  #tell(report: (outcome: AttemptOutcome) => void, outcome: AttemptOutcome, key: string): void {
    try {
      report(outcome)
    } catch (thrown) {
      this.log.error('the report of an activity was not taken', { error: thrown, key })
    }
  }

  #drop(attempt: Attempt, message: string): void {
    if (attempt.phase === 'queued') this.#queue.remove(attempt)
    this.#remove(attempt, false)
    attempt.stop(this.#stopping === null ? 'forgotten' : 'stopped', message)
  }

  #remove(attempt: Attempt, again: boolean): void {
    const running = attempt.phase === 'running'
    attempt.phase = 'over'
    this.#attempts.delete(attempt.key)
    this.#deadlines.remove(attempt.startToClose)
    if (attempt.heartbeat !== null) this.#deadlines.remove(attempt.heartbeat)
    this.#records.ended(attempt, again)
    if (running) this.#leave(attempt)
  }

  /** Its place among the running is free. */
  #leave(attempt: Attempt): void {
    this.#queue.left(attempt)
    if (this.#queue.running === 0) this.#whenIdle?.()
  }

  #notRegistered(task: ActivityTask): AttemptOutcome {
    const { activity, versionRange } = task
    const error: ErrorShape = {
      type: 'ActivityNotRegistered',
      message: notRegisteredText(activity, versionRange, this.#registry.versions(activity)),
      retryable: false,
    }
    return { kind: 'failed', startedAt: this.#clock.now(), error }
  }
}

function keyOf(key: TaskKey): string {
  return `${key.runId}/${key.activityId}`
}
