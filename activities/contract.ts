/**
 * What an activity is, what a plugin is, and what the engine asks of whoever runs activities.
 * Owns the types alone; `define.ts` makes values of them, `runner.ts` runs them in this process.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { ErrorShape } from '../interpreter/errors/fault.ts'
import type { Json, JsonSchema } from '../schema/json.ts'
import type { ActivitySettings } from '../schema/plan.ts'

export interface ActivityInfo {
  readonly namespace: string
  readonly workflowId: string
  readonly runId: string
  readonly workflow: string
  readonly version: string
  readonly activity: string
  readonly activityId: number
  readonly step: string
  readonly path: string
  /** From 1. */
  readonly attempt: number
  readonly taskQueue: string
  readonly scheduledAt: Date
  readonly startedAt: Date
}

export interface ActivityLog {
  info(message: string, fields?: { readonly [key: string]: unknown }): void
  warn(message: string, fields?: { readonly [key: string]: unknown }): void
  error(message: string, fields?: { readonly [key: string]: unknown }): void
}

export interface ActivityContext {
  readonly info: ActivityInfo
  /** Aborted when the step is canceled, the attempt timed out, or this node stops. */
  readonly signal: AbortSignal
  /** Tells that the attempt is alive; the details are handed to the next attempt as `lastHeartbeat`. */
  heartbeat(details?: unknown): void
  readonly lastHeartbeat: unknown
  /** The same on every attempt of this activity: what to hand to a payment provider. */
  readonly idempotencyKey: string
  readonly log: ActivityLog
  /** The attempt's outcome is reported from elsewhere, with `info` as its address; what `run` returns is dropped. */
  completeLater(): void
}

export type AnySchema = JsonSchema | StandardSchemaV1

/** Own retry policy of an activity. Durations are texts as in documents (`30s`, `1h30m`, `PT5M`). */
export interface RetryOptions {
  readonly initialInterval?: string
  readonly backoffCoefficient?: number
  readonly maximumInterval?: string
  /** 0: without limit. */
  readonly maximumAttempts?: number
  /** 0 to 1: the share of a delay by which it is spread either way. */
  readonly jitter?: number
  readonly nonRetryableErrorTypes?: readonly string[]
}

/** Settings that an activity names for itself; a step and a document's `defaults` win over them, key by key. */
export interface ActivityOptions {
  /** One attempt, from its start to its end. */
  readonly startToCloseTimeout?: string
  /** The wait in the queue. */
  readonly scheduleToStartTimeout?: string
  /** All attempts and the pauses between them. */
  readonly scheduleToCloseTimeout?: string
  /** The longest silence between two heartbeats. */
  readonly heartbeatTimeout?: string
  /** `false`: one attempt. */
  readonly retry?: RetryOptions | false
}

/** What a registry holds. `defineActivity` makes one with types; a plain object of this shape is one too. */
export interface ActivityDefinition extends ActivityOptions {
  readonly name: string
  /** A full semantic version. */
  readonly version?: string
  readonly description?: string
  readonly input?: AnySchema
  readonly output?: AnySchema
  /** At most so many attempts at once in this process. Absent: the engine's limit alone. */
  readonly maxConcurrent?: number
  run(input: never, context: ActivityContext): unknown
}

/** An attempt that is due. */
export interface ActivityTask {
  readonly namespace: string
  readonly workflowId: string
  readonly runId: string
  readonly workflow: string
  readonly version: string
  readonly activityId: number
  readonly activity: string
  readonly versionRange?: string
  readonly step: string
  readonly path: string
  readonly attempt: number
  readonly taskQueue: string
  readonly input: Json
  /** Higher ones are served first. Absent: 0. */
  readonly priority?: number
  readonly scheduledAt: number
  readonly settings: {
    readonly startToCloseTimeoutMs: number
    readonly heartbeatTimeoutMs?: number
  }
  /** The step that this attempt undoes, for an activity of a compensation. */
  readonly compensationOf?: string
  /** Of an attempt that was under way when a process died: its start, so that its deadline stands. */
  readonly startedAt?: number
  readonly lastHeartbeat?: Json
}

export type AttemptOutcome =
  | { readonly kind: 'completed'; readonly startedAt: number; readonly result: Json }
  | {
      readonly kind: 'failed'
      readonly startedAt: number
      readonly error: ErrorShape
      readonly retryAfterMs?: number
    }
  | { readonly kind: 'timedOut'; readonly startedAt: number; readonly timeout: 'StartToClose' | 'Heartbeat' }
  | { readonly kind: 'canceled'; readonly startedAt: number; readonly details?: Json }

export interface TaskKey {
  readonly runId: string
  readonly activityId: number
}

/**
 * Runs attempts and enforces their `startToClose` and `heartbeat` timeouts. The engine knows no other way to an
 * activity: in a process this is `ActivityRunner`, in scenarios a script. Schedule timeouts and retries are the engine's.
 */
export interface ActivityExecutor {
  /** What is registered under this name, or null: then it waits for a remote worker or fails (`unregistered`). */
  find(
    activity: string,
    versionRange?: string,
  ): { readonly version?: string; readonly settings: ActivitySettings } | null
  /** Registered versions of this name, lowest first, for messages; null stands for the one without a version. */
  versions?(activity: string): readonly (string | null)[]
  /**
   * Called after the commit that scheduled the attempt (keeps I1). Reports once, later, never inside this call;
   * after `forget` it need not report. A second dispatch of the same key and attempt while it runs is ignored.
   */
  dispatch(task: ActivityTask, report: (outcome: AttemptOutcome) => void): void
  /**
   * Asked before a start that is recorded first (`compensateWhen: attempted`), of what `find` knows. False: it would wait
   * for ever, and is not dispatched. Absent: it would begin.
   */
  mayStart?(task: ActivityTask): boolean
  /** True once the attempt has left the local queue: the engine's schedule-to-start deadline no longer counts for it. */
  isStarted(key: TaskKey): boolean
  /** Asks an attempt to stop; it still reports its own outcome. One that is unknown here reports nothing. */
  cancel(key: TaskKey): boolean
  /** The run closed, or this node lost it: abort quietly, report nothing. */
  forget(key: TaskKey): void
  /** Starts and heartbeats of long attempts since the last call, to be kept beside the history. */
  drainAttempts(now: number): readonly {
    readonly runId: string
    readonly activityId: number
    readonly attempt: number
    readonly startedAt: number
    readonly details: string | null
  }[]
  /** Waits for what runs, at most so long, then aborts it. */
  stop(graceMs: number): Promise<void>
}

export interface PluginContext {
  readonly log: ActivityLog
}

export interface PluginInstance {
  readonly activities: readonly ActivityDefinition[]
  health?(): Promise<void> | void
  teardown?(): Promise<void> | void
}

export interface PluginDefinition {
  readonly name: string
  /** Schema of its section of the settings. */
  readonly config?: AnySchema
  setup(config: never, context: PluginContext): Promise<PluginInstance> | PluginInstance
}
