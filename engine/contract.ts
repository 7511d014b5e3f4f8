/**
 * The engine as the server, the embedding API, the CLI's `run` and the test kit see it.
 * Owns the types of requests and answers; they are also the bodies of the HTTP API (`server/` adds nothing to them
 * but routes and problem+json). Failures are thrown as `EngineError` with a code of `error-catalogue.ts`.
 */

import type { WorkflowError } from '../interpreter/errors/fault.ts'
import type { HistoryEvent } from '../interpreter/events.ts'
import type { Json } from '../schema/json.ts'
import type { Problem } from '../schema/problems/problem.ts'
import type { CallerConnection, RunStatus } from '../storage/contract.ts'

export type { CallerConnection }

export interface DeployRequest {
  readonly namespace: string
  readonly source: string
  readonly format: 'yaml' | 'json'
  /** Named in the problems. */
  readonly file?: string
  readonly dryRun?: boolean
}
export interface DeployResult {
  /** `conflict` and `invalid` are thrown, as `DefinitionConflict` and `DefinitionInvalid` (with `problems`). */
  readonly outcome: 'created' | 'same'
  readonly name: string
  readonly version: string
  readonly digest: string
  /** Warnings and hints. */
  readonly problems: readonly Problem[]
}
export interface DefinitionSummary {
  readonly name: string
  readonly version: string
  readonly digest: string
  readonly deployedAt: string
  readonly deprecated: boolean
}

export interface StartRequest {
  readonly namespace: string
  readonly workflow: string
  /** An exact version or a range. Absent: the highest stable one. */
  readonly version?: string
  /** Absent: a new UUID. */
  readonly workflowId?: string
  readonly input?: Json
  readonly taskQueue?: string
  /** A duration text; shortens the document's `timeout`. */
  readonly timeout?: string
  readonly idReuse?: 'allow' | 'allowFailedOnly' | 'reject'
  readonly idConflict?: 'fail' | 'useExisting' | 'terminateExisting'
  readonly requestId?: string
  readonly memo?: Json
  readonly searchAttributes?: Json
  /** A duration text: the first step begins so much later. Messages are taken meanwhile. */
  readonly startDelay?: string
  /**
   * Sent to the execution that the start is answered with: to a new one in the very commit that makes it, to one that was
   * there under `useExisting`. Of a state machine that does not take it the start is answered with `SignalNotExpected`.
   */
  readonly signal?: { readonly name: string; readonly input?: Json }
}
export interface StartResult {
  readonly workflowId: string
  readonly runId: string
  readonly version: string
  /** False: answered with a run that was there already. */
  readonly created: boolean
}

/** An execution, or one run of it. */
export interface ExecutionRef {
  readonly namespace: string
  readonly workflowId: string
  readonly runId?: string
}

export type Outcome = { readonly workflowId: string; readonly runId: string } & (
  | { readonly status: 'completed'; readonly result: Json }
  | { readonly status: 'running' }
  /** Of one run, where the chain is not followed. */
  | { readonly status: 'continuedAsNew'; readonly newRunId: string }
  | {
      readonly status: Exclude<RunStatus, 'completed' | 'running' | 'continuedAsNew'>
      readonly error: WorkflowError
    }
)

export interface UpdateRequest {
  readonly input?: Json
  /** The caller's: the handler runs once for it, and a second call gets the first one's answer. Absent: a new UUID. */
  readonly updateId?: string
  /** How long to wait for the answer. Absent: until it comes. */
  readonly waitMs?: number
  readonly signal?: AbortSignal
}

/** `failed`: the handler's error. What was not accepted is thrown as `EngineError` (`UpdateRejected`, …). */
export type UpdateAnswer = { readonly updateId: string } & (
  | { readonly status: 'completed'; readonly result: Json }
  | { readonly status: 'failed'; readonly error: WorkflowError }
  /** Accepted or on its way; ask again with the same update id. */
  | { readonly status: 'pending' }
)

/** An event of `emit` on its way to a sink. */
export interface DeliveryView {
  readonly deliveryId: string
  readonly sink: string
  readonly state: 'pending' | 'dead'
  readonly attempts: number
  readonly dueAt: string
  readonly lastError: string | null
  /** The CloudEvent. */
  readonly event: Json
}

export interface PendingActivityView {
  readonly activityId: number
  readonly step: string
  readonly path: string
  readonly activity: string
  readonly taskQueue: string
  readonly attempt: number
  readonly state: 'running' | 'scheduled' | 'backingOff' | 'cancelRequested'
  readonly scheduledAt: string
  readonly nextAttemptAt: string | null
  readonly lastFailure: WorkflowError | null
}

/** One thing that an execution waits for: what `why` prints (keeps I6). */
export interface WaitingFor {
  readonly kind:
    | 'activity'
    | 'timer'
    | 'signal'
    | 'condition'
    | 'child'
    | 'externalSignal'
    | 'transition'
    | 'paused'
    | 'worker'
    | 'parked'
    | 'node'
  readonly step: string | null
  readonly path: string | null
  readonly line: number | null
  /** A sentence for people. */
  readonly text: string
  readonly until: string | null
}

export interface ExecutionDescription {
  readonly workflowId: string
  readonly runId: string
  readonly workflow: string
  readonly version: string
  readonly status: RunStatus
  readonly startedAt: string
  readonly closedAt: string | null
  readonly memo: Json
  readonly searchAttributes: Json
  /** Where it stands: one entry per line of control. */
  readonly at: readonly { readonly step: string; readonly path: string; readonly line: number }[]
  readonly waitingFor: readonly WaitingFor[]
  readonly pendingActivities: readonly PendingActivityView[]
  readonly pendingChildren: readonly {
    readonly step: string
    readonly path: string
    readonly workflow: string
    readonly workflowId: string
    readonly runId: string
    readonly attempt: number
  }[]
  readonly parent: { readonly workflowId: string; readonly runId: string } | null
  readonly firstRunId: string
  /** Of a state machine: where it stands. */
  readonly state: string | null
  readonly paused: {
    readonly since: string
    readonly reason: string | null
    readonly step: string | null
  } | null
  readonly vars: Json
  readonly result?: Json
  readonly error?: WorkflowError
  /** The run that it continued as. */
  readonly continuedAs?: string
  readonly parked: string | null
  readonly historyLength: number
}

export interface ExecutionListItem {
  readonly workflowId: string
  readonly runId: string
  readonly workflow: string
  readonly version: string
  readonly status: RunStatus
  readonly startedAt: string
  readonly closedAt: string | null
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly cursor: string | null
}

export interface Engine {
  /** Opens the store, joins as a node, takes up what is due. */
  start(): Promise<void>
  /** Stops claiming, lets turns and activities end within the grace, hands the rest over, closes the store. Twice is once. */
  stop(options?: { readonly graceMs?: number }): Promise<void>
  /** Fails with the reason when it cannot serve: database, migrations, draining, a plugin's health. */
  ready(): Promise<void>

  deploy(request: DeployRequest): Promise<DeployResult>
  definitions(namespace: string, name?: string): Promise<readonly DefinitionSummary[]>
  definition(
    namespace: string,
    name: string,
    version: string,
  ): Promise<DefinitionSummary & { readonly source: string; readonly format: 'yaml' | 'json' }>
  setDeprecated(namespace: string, name: string, version: string, deprecated: boolean): Promise<void>
  /** Which version a start would get, and why. */
  resolve(
    namespace: string,
    name: string,
    version?: string,
  ): Promise<{ readonly version: string; readonly reason: string }>

  startExecution(request: StartRequest): Promise<StartResult>
  /**
   * Starts inside a transaction of the caller's on the same PostgreSQL database: the execution begins when that commits,
   * and never was where it rolls back.
   */
  startIn(connection: CallerConnection, request: StartRequest): Promise<StartResult>
  /** Resolves when the signal is durable (keeps I5). */
  signal(ref: ExecutionRef, name: string, input: Json, requestId?: string): Promise<void>
  /** `input` where the query takes a payload; one that violates its schema is `QueryInvalid`. */
  query(ref: ExecutionRef, name: string, input?: Json): Promise<Json>
  /** Exactly once per update id, also when the run has closed since. */
  update(ref: ExecutionRef, name: string, request: UpdateRequest): Promise<UpdateAnswer>
  pause(ref: ExecutionRef, reason?: string): Promise<void>
  /** `skip`: what a saga could not undo is left as it is; else it is tried again. One that is not paused goes on. */
  resume(ref: ExecutionRef, options?: { readonly skip?: boolean; readonly reason?: string }): Promise<void>
  cancel(ref: ExecutionRef, reason?: string): Promise<void>
  terminate(ref: ExecutionRef, reason?: string): Promise<void>

  describe(ref: ExecutionRef): Promise<ExecutionDescription>
  /** Waits up to `waitMs` for the close. Follows the chain to its last run, unless `follow` is false. */
  result(
    ref: ExecutionRef,
    options?: { readonly waitMs?: number; readonly signal?: AbortSignal; readonly follow?: boolean },
  ): Promise<Outcome>
  list(
    namespace: string,
    options: { readonly query?: string; readonly limit?: number; readonly cursor?: string },
  ): Promise<Page<ExecutionListItem>>
  count(namespace: string, query?: string): Promise<number>
  /** Events on their way to a sink; `dead` ones are tried again by `redeliver` alone. */
  deliveries(
    namespace: string,
    options: {
      readonly state?: 'pending' | 'dead'
      readonly sink?: string
      readonly limit?: number
      readonly cursor?: string
    },
  ): Promise<Page<DeliveryView>>
  redeliver(namespace: string, deliveryId: string): Promise<void>
  /** `waitNewMs`: waits so long for an event after `after` when there is none yet. */
  history(
    ref: ExecutionRef,
    options: {
      readonly after?: number
      readonly limit?: number
      readonly waitNewMs?: number
      readonly signal?: AbortSignal
    },
  ): Promise<{ readonly events: readonly HistoryEvent[]; readonly cursor: string | null }>
  /** Every committed event of this process's runs, in commit order per run; for progress and event streams. */
  onEvents(
    listener: (
      run: { readonly namespace: string; readonly workflowId: string; readonly runId: string },
      events: readonly HistoryEvent[],
    ) => void,
  ): () => void
}
