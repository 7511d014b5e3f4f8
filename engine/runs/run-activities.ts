/**
 * The activities of one loaded run, on the side of the world: which attempts are with the executor, what they told.
 * Owns that book and nothing of the state, which it only reads. Called by `execution.ts` after a commit, NEVER before
 * (keeps I1).
 */
import type { ActivityExecutor, ActivityTask, AttemptOutcome } from '../../activities/contract.ts'
import { notRegisteredText } from '../../activities/index.ts'
import type { Instant, PendingId } from '../../interpreter/events.ts'
import type { AttemptView, Effect } from '../../interpreter/reducer-contract.ts'
import type { PendingActivity, State } from '../../interpreter/state.ts'
import type { AttemptRecord } from '../../storage/contract.ts'
import { faultPoint, isFaultPointArmed } from '../fault-points.ts'

export interface RunIdentity {
  readonly namespace: string
  readonly workflowId: string
  readonly runId: string
  readonly workflow: string
  readonly version: string
  /** The first of its chain: answers to messages are kept by it. */
  readonly firstRunId: string
}

export interface ActivityHost {
  readonly executor: ActivityExecutor
  /** What becomes here of an activity that is not registered: it waits for a worker of its queue, or fails. */
  readonly unregistered: 'wait' | 'fail'
  /** False while this node may not act: its lease is stale, or it is stopping. */
  mayDispatch(): boolean
}

/** `begun`: it left the queue; an attempt that never ran is recorded without a start. */
export type Report = (activityId: PendingId, attempt: number, outcome: AttemptOutcome, begun: boolean) => void

interface Attempt {
  readonly attempt: number
  /** `waiting`: not registered here, for a worker of its queue. `reported`: its outcome stands in the queue of the run. */
  stage: 'waiting' | 'running' | 'reported'
}

export class RunActivities implements AttemptView {
  readonly #run: RunIdentity
  readonly #host: ActivityHost
  readonly #report: Report
  readonly #attempts = new Map<PendingId, Attempt>()
  #records: Map<PendingId, AttemptRecord> | null = null
  /** Something could not be dispatched because this node may not act; asked again when it may. */
  held = false

  constructor(run: RunIdentity, host: ActivityHost, report: Report) {
    this.#run = run
    this.#host = host
    this.#report = report
  }

  get executor(): ActivityExecutor {
    return this.#host.executor
  }

  /** Carries out what a committed turn decided. */
  carryOut(effects: readonly Effect[], state: State, now: Instant): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'dispatchActivity':
          this.dispatch(state, effect.activityId, now)
          break
        case 'cancelActivity':
          this.#cancel(state, effect.activityId, now)
          break
        case 'forgetActivity':
          this.#forget(effect.activityId)
          break
        case 'abandonActivity':
          this.#abandon(effect.activityId)
          break
        default:
          effect satisfies never
      }
    }
  }

  /** Of a turn that closed the run: what it abandoned is not forgotten with the rest. */
  letGo(effects: readonly Effect[]): void {
    for (const effect of effects) if (effect.kind === 'abandonActivity') this.#abandon(effect.activityId)
  }

  /** The executor lets it run to its end; what it reports finds no entry here. */
  #abandon(activityId: PendingId): void {
    this.#attempts.delete(activityId)
  }

  /** Does nothing for an attempt that is under way here, or whose outcome waits to be recorded. */
  dispatch(state: State, activityId: PendingId, now: Instant): void {
    const pending = state.activitiesPending[activityId]
    if (pending === undefined || pending.cancelRequested === true) return
    // Not before a start that has to be recorded first (`compensateWhen: attempted`). What may begin in a paused run is
    // the interpreter's to say: it gives no effect and counts nothing as outstanding that may not.
    if (pending.announce === 'due' && this.mayStart(pending)) return
    if (this.dispatched(activityId, pending.attempt)) return
    if (pending.retryAt !== undefined && pending.retryAt > now) return
    if (!this.#host.mayDispatch()) {
      this.held = true
      return
    }
    const { attempt } = pending
    const { executor } = this.#host
    if (pending.announce === 'due' && this.#isRegistered(pending)) {
      this.#attempts.set(activityId, { attempt, stage: 'waiting' })
      return
    }
    if (!this.#isRegistered(pending)) {
      // Under `wait` it stays pending for a worker of its queue; `why` says so (keeps I6).
      const stage = this.#host.unregistered === 'wait' ? 'waiting' : 'reported'
      this.#attempts.set(activityId, { attempt, stage })
      if (stage === 'reported')
        this.#report(activityId, attempt, notRegistered(pending, executor, now), false)
      return
    }
    const entry: Attempt = { attempt, stage: 'running' }
    this.#attempts.set(activityId, entry)
    executor.dispatch(this.#task(pending), (outcome) => {
      // One outcome for each attempt, and none of an attempt that was given up (keeps I4).
      if (entry.stage === 'reported' || this.#attempts.get(activityId) !== entry) return
      entry.stage = 'reported'
      this.#report(activityId, attempt, outcome, true)
    })
    if (isFaultPointArmed('duringActivity')) setImmediate(() => faultPoint('duringActivity'))
  }

  /** After a load: what was asked to stop is asked again, what nobody waits for is forgotten. */
  reconcile(state: State, now: Instant): void {
    for (const activityId of [...this.#attempts.keys()]) {
      if (state.activitiesPending[activityId] === undefined) this.#forget(activityId)
    }
    for (const pending of Object.values(state.activitiesPending)) {
      if (pending.cancelRequested === true) this.#cancel(state, pending.id, now)
    }
  }

  dispatched(activityId: PendingId, attempt: number): boolean {
    return this.#attempts.get(activityId)?.attempt === attempt
  }

  mayStart(pending: PendingActivity): boolean {
    if (!this.#isRegistered(pending)) return false
    return this.executor.mayStart?.(this.#task(pending)) ?? true
  }

  #isRegistered({ activity, versionRange }: PendingActivity): boolean {
    return this.executor.find(activity, versionRange) !== null
  }

  /** A schedule-to-start deadline is over for an attempt that has begun. */
  started(activityId: PendingId, attempt: number): boolean {
    // One that began in a process that has died began in time: what runs now is the same attempt again.
    if (this.#records?.get(activityId)?.attempt === attempt) return true
    const entry = this.#attempts.get(activityId)
    if (entry === undefined || entry.stage === 'waiting') return false
    const { executor } = this.#host
    return entry.stage === 'reported' || executor.isStarted({ runId: this.#run.runId, activityId })
  }

  isWaitingForWorker(activityId: PendingId): boolean {
    return this.#attempts.get(activityId)?.stage === 'waiting'
  }

  /** Of the activities whose outcome a turn took: those that ended and of which something is kept beside the history. */
  endedRecords(state: State, activityIds: readonly PendingId[]): readonly PendingId[] {
    const records = this.#records
    if (records === null) return none
    return activityIds.filter((id) => state.activitiesPending[id] === undefined && records.has(id))
  }

  /** The turn that took their outcomes is committed. */
  settle(state: State, activityIds: readonly PendingId[]): void {
    for (const activityId of activityIds) {
      const pending = state.activitiesPending[activityId]
      if (pending?.attempt === this.#attempts.get(activityId)?.attempt) continue
      this.#attempts.delete(activityId)
      if (pending === undefined) this.#records?.delete(activityId)
    }
  }

  /** Starts and heartbeats, from the store at a load or from the executor. */
  remember(record: AttemptRecord): void {
    this.#records ??= new Map()
    const before = this.#records.get(record.activityId)
    if (before !== undefined && before.attempt > record.attempt) return
    this.#records.set(record.activityId, { ...record, details: record.details ?? before?.details ?? null })
  }

  /** The run closed, or is no longer of this node. */
  forgetAll(): void {
    for (const activityId of [...this.#attempts.keys()]) this.#forget(activityId)
    this.#records = null
    this.held = false
  }

  #forget(activityId: PendingId): void {
    const entry = this.#attempts.get(activityId)
    if (entry === undefined) return
    this.#attempts.delete(activityId)
    if (entry.stage === 'running') this.#host.executor.forget({ runId: this.#run.runId, activityId })
  }

  #cancel(state: State, activityId: PendingId, now: Instant): void {
    const entry = this.#attempts.get(activityId)
    const pending = state.activitiesPending[activityId]
    if (entry !== undefined && (pending === undefined || entry.attempt === pending.attempt)) {
      if (entry.stage === 'reported') return
      if (entry.stage === 'running' && this.#host.executor.cancel({ runId: this.#run.runId, activityId })) {
        return
      }
    }
    // It runs nowhere: in a pause between attempts, or the process that ran it died.
    if (pending === undefined) return
    this.#attempts.set(activityId, { attempt: pending.attempt, stage: 'reported' })
    // One whose process died had begun, as far as anyone can tell; one in a pause, or without a worker, had not.
    const hadPlace = entry?.stage !== 'waiting' && pending.announce !== 'due'
    const begun = hadPlace && (pending.retryAt === undefined || pending.retryAt <= now)
    this.#report(activityId, pending.attempt, { kind: 'canceled', startedAt: now }, begun)
  }

  #task(pending: PendingActivity): ActivityTask {
    const record = this.#records?.get(pending.id)
    const startedAt = record?.attempt === pending.attempt ? record.startedAt : undefined
    const details = record?.details ?? null
    return {
      namespace: this.#run.namespace,
      workflowId: this.#run.workflowId,
      runId: this.#run.runId,
      workflow: this.#run.workflow,
      version: this.#run.version,
      activityId: pending.id,
      activity: pending.activity,
      ...(pending.versionRange !== undefined && { versionRange: pending.versionRange }),
      step: pending.step,
      path: pending.path,
      attempt: pending.attempt,
      taskQueue: pending.taskQueue,
      input: pending.input,
      ...(pending.priority !== undefined && { priority: pending.priority }),
      scheduledAt: pending.retryAt ?? pending.scheduledAt,
      settings: {
        startToCloseTimeoutMs: pending.startToCloseTimeoutMs,
        ...(pending.heartbeatTimeoutMs !== undefined && { heartbeatTimeoutMs: pending.heartbeatTimeoutMs }),
      },
      ...(pending.compensationOf !== undefined && { compensationOf: pending.compensationOf }),
      ...(startedAt !== undefined && { startedAt }),
      ...(details !== null && { lastHeartbeat: JSON.parse(details) }),
    }
  }
}

const none: readonly PendingId[] = []

function notRegistered(
  { activity, versionRange, step }: PendingActivity,
  executor: ActivityExecutor,
  now: Instant,
): AttemptOutcome {
  return {
    kind: 'failed',
    startedAt: now,
    error: {
      type: 'ActivityNotRegistered',
      message: `${notRegisteredText(activity, versionRange, executor.versions?.(activity))}, or correct the name in step \`${step}\``,
      retryable: false,
    },
  }
}
