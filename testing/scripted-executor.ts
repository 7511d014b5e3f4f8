/**
 * Activities that do what a script says, in virtual time. It lives outside the engine, so it survives a crash as the
 * world does: an attempt that a new engine dispatches again takes the same entry, keeps its start and its end, and
 * counts once.
 * Owns which entry a call takes, when an attempt ends and how; `startToClose` and heartbeat timeouts included.
 * Schedule timeouts and retries are the engine's.
 */
import type { ActivityExecutor, ActivityTask, AttemptOutcome, Json, TaskKey } from '../engine/index.ts'
import { didYouMean } from '../engine/test-kit.ts'
import type { OutsideExecutor } from './outside.ts'
import type { DocumentPath, Script, ScriptEntry } from './scenario.ts'
import type { TimerRank, VirtualClock, VirtualTimer } from './virtual-clock.ts'

/** Renders a template of the script over the scope of one call. */
export type RenderTemplate = (
  template: Json,
  scope: { readonly input: Json; readonly attempt: number },
) => Promise<Json>

/** An attempt that started, once, however often it was dispatched. */
export interface ScriptedCall {
  readonly workflowId: string
  readonly runId: string
  readonly step: string
  readonly path: string
  readonly activity: string
  readonly attempt: number
  readonly input: Json
  readonly startedAt: number
  /** The step that it undoes, for an activity of a compensation. */
  readonly compensationOf: string | null
}

/** What makes a scenario fail at once: a call that no script answers, or a script that cannot be rendered. */
export interface ScriptFailure {
  readonly message: string
  /** In the scenario file; null where the script has no such entry. */
  readonly path: DocumentPath | null
  readonly step: string
}

type Ending = (startedAt: number) => AttemptOutcome

interface Attempt {
  readonly task: ActivityTask
  readonly entry: ScriptEntry
  readonly startedAt: number
  /** Null: no end of its own. */
  endsAt: number | null
  rank: TimerRank
  ending: Ending | null
  timer: VirtualTimer | null
  /** Its place among the ends of one instant: kept, so that what a crash lost comes again in the same order. */
  order: number | null
  /** Of the engine that dispatched it last; null while no engine waits for it. */
  report: ((outcome: AttemptOutcome) => void) | null
}

export class ScriptedExecutor implements OutsideExecutor {
  readonly #clock: VirtualClock
  readonly #script: Script
  readonly #render: RenderTemplate
  readonly #attempts = new Map<string, Attempt>()
  readonly #latest = new Map<string, Attempt>()
  readonly #callsTaken = new Map<string, number>()
  readonly #elsewhere = new Set<string>()
  readonly #calls: ScriptedCall[] = []
  #failure: ScriptFailure | null = null

  constructor(clock: VirtualClock, script: Script, render: RenderTemplate) {
    this.#clock = clock
    this.#script = script
    this.#render = render
  }

  /** In the order in which attempts started. */
  get calls(): readonly ScriptedCall[] {
    return this.#calls
  }

  get failure(): ScriptFailure | null {
    return this.#failure
  }

  /** A script takes no real time. */
  settled(): null {
    return null
  }

  hasScript(task: Pick<ActivityTask, 'step' | 'activity'>): boolean {
    return this.#script.has(task.step) || this.#script.has(task.activity)
  }

  /** An attempt that somebody else plays is a call as well, once. */
  countElsewhere(task: ActivityTask): void {
    const key = `${keyText(task)}/${task.attempt}`
    if (this.#elsewhere.has(key)) return
    this.#elsewhere.add(key)
    this.#calls.push(callOf(task, this.#clock.now()))
  }

  forEngine(): ActivityExecutor & { retire(): void } {
    let alive = true
    const reporters = new Set<Attempt>()
    return {
      // Every activity counts as registered; one that never starts stays in the queue (`isStarted`).
      find: () => ({ settings: {} }),
      mayStart: (task) => this.#mayStart(task),
      dispatch: (task, report) => {
        if (!alive) return
        const attempt = this.#dispatch(task, (outcome) => {
          if (alive) report(outcome)
        })
        if (attempt !== null) reporters.add(attempt)
      },
      isStarted: (key) => {
        const attempt = this.#latest.get(keyText(key))
        return attempt !== undefined && attempt.entry.takes !== 'never starts'
      },
      cancel: (key) => alive && this.#cancel(key),
      forget: (key) => {
        if (!alive) return
        const attempt = this.#latest.get(keyText(key))
        if (attempt === undefined) return
        attempt.report = null
        attempt.timer?.cancel()
        attempt.timer = null
      },
      // Nothing to keep beside the history: this executor outlives the engine and remembers by itself.
      drainAttempts: () => [],
      stop: async () => {},
      retire: () => {
        alive = false
        for (const attempt of reporters) attempt.report = null
      },
    }
  }

  #dispatch(task: ActivityTask, report: (outcome: AttemptOutcome) => void): Attempt | null {
    const key = `${keyText(task)}/${task.attempt}`
    const known = this.#attempts.get(key)
    const attempt = known ?? this.#start(task)
    if (attempt === null) return null
    this.#attempts.set(key, attempt)
    this.#latest.set(keyText(task), attempt)
    attempt.report = report
    // Of an attempt whose end passed while no engine waited for it, the end is due now.
    if (attempt.timer === null) this.#arm(attempt)
    return attempt
  }

  /** One that never starts takes its entry all the same: the next call has the next. */
  #mayStart(task: ActivityTask): boolean {
    const key = `${keyText(task)}/${task.attempt}`
    const entry = this.#attempts.get(key)?.entry ?? this.#nextEntry(task).entry
    if (entry?.takes !== 'never starts') return true
    const attempt = this.#attempts.get(key) ?? this.#start(task)
    if (attempt !== null) this.#attempts.set(key, attempt)
    return false
  }

  #nextEntry({ step, activity }: ActivityTask) {
    const scriptKey = this.#script.has(step) ? step : activity
    const entries = this.#script.get(scriptKey) ?? []
    const taken = this.#callsTaken.get(scriptKey) ?? 0
    return { scriptKey, taken, entry: entries[Math.min(taken, entries.length - 1)] }
  }

  #start(task: ActivityTask): Attempt | null {
    const { scriptKey, taken, entry } = this.#nextEntry(task)
    if (entry === undefined) {
      const names = [...this.#script.keys()]
      const meant = didYouMean(task.step, names) ?? didYouMean(task.activity, names)
      this.#fail({
        message: `step "${task.step}" called the activity "${task.activity}", which has no script${meant === undefined ? '' : `; did you mean it by "${meant}"?`}`,
        path: null,
        step: task.step,
      })
      return null
    }
    this.#callsTaken.set(scriptKey, taken + 1)
    const startedAt = this.#clock.now()
    if (entry.takes !== 'never starts') this.#calls.push(callOf(task, startedAt))
    return {
      task,
      entry,
      startedAt,
      ...endOf(task, entry, startedAt),
      timer: null,
      order: null,
      report: null,
    }
  }

  #arm(attempt: Attempt): void {
    if (attempt.endsAt === null) return
    const end = async () => {
      attempt.timer = null
      const outcome = await this.#outcome(attempt)
      const report = attempt.report
      if (outcome === null || report === null) return
      attempt.report = null
      report(outcome)
    }
    attempt.timer = this.#clock.schedule(attempt.endsAt, attempt.rank, end, attempt.order ?? undefined)
    attempt.order = attempt.timer.order
  }

  async #outcome(attempt: Attempt): Promise<AttemptOutcome | null> {
    const { entry, startedAt, task } = attempt
    if (attempt.ending !== null) return attempt.ending(startedAt)
    const scope = { input: task.input, attempt: task.attempt }
    try {
      if (entry.outcome.kind === 'returns')
        return { kind: 'completed', startedAt, result: await this.#render(entry.outcome.value, scope) }
      const { retryAfterMs, ...shape } = entry.outcome.error
      return {
        kind: 'failed',
        startedAt,
        error: {
          ...shape,
          message: textOf(await this.#render(shape.message, scope)),
          ...(shape.details === undefined ? {} : { details: await this.#render(shape.details, scope) }),
        },
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      }
    } catch (error) {
      this.#fail({
        message: `the script of step "${task.step}" cannot be rendered: ${error instanceof Error ? error.message : String(error)}`,
        path: entry.path,
        step: task.step,
      })
      return null
    }
  }

  /** A scripted activity that is asked to stop stops at once, as canceled. */
  #cancel(key: TaskKey): boolean {
    const attempt = this.#latest.get(keyText(key))
    if (attempt === undefined || attempt.report === null) return false
    attempt.timer?.cancel()
    attempt.ending = (startedAt) => ({ kind: 'canceled', startedAt })
    attempt.endsAt = this.#clock.now()
    attempt.rank = 'result'
    attempt.order = null
    this.#arm(attempt)
    return true
  }

  #fail(failure: ScriptFailure): void {
    this.#failure ??= failure
  }
}

/** When and how an attempt ends that nobody stops; a result goes before a deadline of the same instant. */
function endOf(
  task: ActivityTask,
  entry: ScriptEntry,
  startedAt: number,
): { endsAt: number | null; rank: TimerRank; ending: Ending | null } {
  if (entry.takes === 'never starts') return { endsAt: null, rank: 'result', ending: null }
  const { startToCloseTimeoutMs, heartbeatTimeoutMs } = task.settings
  const takesMs = entry.takes === 'forever' ? Number.POSITIVE_INFINITY : entry.takes
  // Heartbeats that come often enough push the deadline on until the end; else it passes after the start or the first.
  const interval = entry.heartbeatIntervalMs ?? Number.POSITIVE_INFINITY
  const silentAfterMs =
    heartbeatTimeoutMs === undefined || interval <= heartbeatTimeoutMs
      ? Number.POSITIVE_INFINITY
      : heartbeatTimeoutMs
  const deadlineMs = Math.min(startToCloseTimeoutMs, silentAfterMs)
  if (takesMs <= deadlineMs) return { endsAt: startedAt + takesMs, rank: 'result', ending: null }
  const timeout = silentAfterMs < startToCloseTimeoutMs ? 'Heartbeat' : 'StartToClose'
  return {
    endsAt: startedAt + deadlineMs,
    rank: 'attemptDeadline',
    ending: (started) => ({ kind: 'timedOut', startedAt: started, timeout }),
  }
}

function callOf(task: ActivityTask, startedAt: number): ScriptedCall {
  const { workflowId, runId, step, path, activity, attempt, input } = task
  const compensationOf = task.compensationOf ?? null
  return { workflowId, runId, step, path, activity, attempt, input, startedAt, compensationOf }
}

function keyText(key: TaskKey): string {
  return `${key.runId}/${key.activityId}`
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
