/**
 * What the engine asks of a store, in families. Three drivers implement it: `memory/`, and `sql/` over a `pg` pool
 * or over PGlite; the suite that `suite.ts` publishes holds all three to the same answers.
 *
 * Times are parameters (milliseconds since 1970 UTC), so that tests set the clock. Events, states and payloads are
 * JSON text: the engine serializes once, the store never looks inside (but whether an answer is a refusal).
 */

import type {
  CallerConnection,
  CommitResult,
  ParentLink,
  SnapshotRecord,
  StartInVerdict,
  Turn,
  UnstartedRun,
} from './turn.ts'

export type * from './turn.ts'

export type Instant = number

/** The status of a run as lists show it. */
export type RunStatus =
  | 'running'
  | 'completed'
  | 'failed'
  | 'canceled'
  | 'terminated'
  | 'timedOut'
  | 'continuedAsNew'

export type ClosedStatus = Exclude<RunStatus, 'running'>

// ---------------------------------------------------------------- definitions

export interface DefinitionRecord {
  readonly namespace: string
  readonly name: string
  readonly version: string
  /** SHA-256 (hex) of the canonical JSON. */
  readonly digest: string
  /** As deployed, comments and key order included. */
  readonly source: string
  readonly format: 'yaml' | 'json'
  readonly deployedAt: Instant
  readonly deprecated: boolean
}

export interface DefinitionStore {
  /** `created`, `same` (same digest again: nothing written) or `conflict` (other content under this version). */
  put(
    record: DefinitionRecord,
  ): Promise<{ readonly outcome: 'created' | 'same' | 'conflict'; readonly stored: DefinitionRecord }>
  get(namespace: string, name: string, version: string): Promise<DefinitionRecord | null>
  /** Without sources, ordered by name and then by text of the version; semantic order is the engine's. */
  list(namespace: string, name?: string): Promise<readonly Omit<DefinitionRecord, 'source'>[]>
  /** False where there is none such. */
  setDeprecated(namespace: string, name: string, version: string, deprecated: boolean): Promise<boolean>
}

// ---------------------------------------------------------------------- nodes

export type NodeId = number

/** A node's row is the one fence: every write of the node holds it `FOR KEY SHARE` (keeps I10). */
export interface NodeStore {
  /** `sinks`: the event sinks that it serves. Absent: it does not say, and while it lives no delivery is given up. */
  join(name: string, sinks?: readonly string[]): Promise<NodeId>
  /** Advances this node's counter. `fenced`: another node has declared this one dead. */
  beat(node: NodeId): Promise<'live' | 'fenced'>
  /** Live nodes and their counters; the observer times a counter that stands still by its own monotonic clock. */
  observe(): Promise<readonly { readonly node: NodeId; readonly beats: number }[]>
  /**
   * Locks the row `FOR UPDATE`, marks it dead if its counter is still `beats`, commits; then, in a later statement,
   * makes its runs ownerless, due at `now`, and counts one takeover on each. Gives how many; null where it was not dead after all.
   */
  takeOver(node: NodeId, beats: number, now: Instant): Promise<number | null>
  /** A graceful end: its runs become ownerless and due, no takeover is counted. */
  leave(node: NodeId, now: Instant): Promise<void>
}

// ----------------------------------------------------------------------- runs

export interface InboxRow {
  readonly seq: number
  /** JSON text of an input event without its timestamp, or of `{ type: 'WorkflowExecutionTerminated', … }`. */
  readonly payload: string
}

export interface LoadedRun {
  readonly runId: string
  readonly namespace: string
  readonly workflowId: string
  readonly workflow: string
  readonly version: string
  readonly startedAt: Instant
  readonly status: RunStatus
  /** Takeovers since the run last made progress by itself; from the third on (`suspectTakeovers`) it is claimed late and alone. */
  readonly takeovers: number
  /** Not null: parked, with the reason. A parked run is not claimed. */
  readonly parked: string | null
  readonly firstRunId: string
  readonly parent: ParentLink | null
  readonly lastMessage: number
  readonly snapshot: SnapshotRecord | null
  /** The turns after the snapshot, in order. */
  readonly turns: readonly { readonly firstEventId: number; readonly events: string }[]
  readonly inbox: readonly InboxRow[]
  /** Kept beside the history: see `AttemptStore`. */
  readonly attempts: readonly AttemptRecord[]
}

/** A run that was taken over so often without progress may be what kills its nodes. */
export const suspectTakeovers = 3

export interface RunStore {
  /**
   * Ownerless due runs, first due first, locked `FOR UPDATE SKIP LOCKED` and made this node's; never parked ones, and
   * none for a node that was declared dead. Without `alone` no suspects (`suspectTakeovers`); with `alone` the first
   * suspect that is due and nothing else, and ordinary runs where no suspect is due.
   */
  claim(
    node: NodeId,
    now: Instant,
    limit: number,
    options: { readonly alone: boolean },
  ): Promise<readonly LoadedRun[]>
  /**
   * The same for one run that a message or a hint named, due or not; one that this node owns already is loaded again.
   * Null: owned by another, closed, parked or unknown. `parked`: takes a parked run too (what `terminate` needs).
   */
  claimOne(node: NodeId, runId: string, options?: { readonly parked?: boolean }): Promise<LoadedRun | null>
  /**
   * Open runs that this node owns. After a lost connection the engine finds with it the runs whose claim or first
   * commit went through though the answer never came.
   */
  owned(node: NodeId): Promise<readonly string[]>
  /**
   * Parked runs that have a message which nobody has looked at since they were parked: it may be a termination. Who
   * does not close them parks them again.
   */
  claimParked(node: NodeId, limit: number): Promise<readonly LoadedRun[]>
  /** For queries and descriptions, in one database snapshot, without a claim. `fromStart`: no snapshot, all turns. */
  load(runId: string, options?: { readonly fromStart?: boolean }): Promise<LoadedRun | null>
  /** Messages of this node's runs that came after `after`; what works when no hint arrives. */
  pollInbox(
    node: NodeId,
    runs: readonly { readonly runId: string; readonly after: number }[] | 'all',
  ): Promise<readonly { readonly runId: string; readonly rows: readonly InboxRow[] }[]>
  /**
   * Takes the run out of circulation until an operator acts; `why` shows the reason. `seenMessage`: the last one that
   * was looked at for a termination; a later one is looked for by `claimParked`. Absent: none was.
   */
  park(node: NodeId, runId: string, reason: string, seenMessage?: number): Promise<void>
  /** The time of the next due ownerless run, null when none has one. */
  nextWakeAt(): Promise<Instant | null>
}

// ------------------------------------------------------------------- messages

export interface OutgoingMessage {
  readonly namespace: string
  readonly workflowId: string
  /** Absent: the open run of the execution. */
  readonly runId?: string
  /** JSON text, as in `InboxRow`. */
  readonly payload: string
  /** A second message with this key to the same run is accepted and not delivered. */
  readonly dedupe: string | null
  /**
   * An answer is kept under this id, once per chain of runs. One that is there already, or pending, makes the message a
   * `duplicate`; one that was `refused` is forgotten and the message delivered.
   */
  readonly messageId?: string
  /** Refused as `full` where the run has so many that it has not dealt with (`Turn.pendingMessages`, and its inbox). */
  readonly mostPending?: number
}

export type SendResult =
  | {
      readonly outcome: 'accepted' | 'duplicate'
      readonly runId: string
      /** Of the chain whose answers `answers` knows. */
      readonly firstRunId: string
      readonly owner: NodeId | null
    }
  | { readonly outcome: 'notFound' }
  | { readonly outcome: 'closed'; readonly runId: string; readonly status: ClosedStatus }
  | { readonly outcome: 'full'; readonly runId: string }

export interface MessageStore {
  /** One transaction, in `run_id` order: `msg_seq` advances and the inbox row appears, or neither (keeps I5). */
  send(messages: readonly OutgoingMessage[], now: Instant): Promise<readonly SendResult[]>
  /**
   * The answers of messages, by the first run of their chain. `pending`: not answered yet. `lost`: the run closed without
   * one (it was terminated), or is parked. Null: there is no such message. Readable until the last run of the chain expires;
   * what was not answered, until the run does that took it.
   */
  answers(
    asked: readonly { readonly firstRunId: string; readonly messageId: string }[],
  ): Promise<
    readonly (
      | { readonly state: 'pending' | 'lost' }
      | { readonly state: 'answered'; readonly answer: string }
      | null
    )[]
  >
}

// --------------------------------------------------------------------- outbox

export type DeliveryState = 'pending' | 'dead'

/** An event on its way to one sink. What was delivered is deleted. */
export interface Delivery {
  readonly deliveryId: string
  readonly namespace: string
  readonly sink: string
  /** JSON text of the CloudEvent. */
  readonly event: string
  /** Failed so far. */
  readonly attempts: number
  readonly state: DeliveryState
  readonly dueAt: Instant
  readonly lastError: string | null
}

export interface OutboxStore {
  /** Due ones of these sinks, first due first, not to be claimed again before `leaseUntil` (two nodes never send one at once). */
  claim(
    sinks: readonly string[],
    now: Instant,
    leaseUntil: Instant,
    limit: number,
  ): Promise<readonly Delivery[]>
  delivered(deliveryIds: readonly string[]): Promise<void>
  /** Counts a failure: tried again at `dueAt`; null: dead, until an operator says otherwise. */
  failed(deliveryId: string, error: string, dueAt: Instant | null): Promise<void>
  nextDueAt(sinks: readonly string[]): Promise<Instant | null>
  /** Newest first; `after` is the delivery id that the page before ended with. */
  list(
    filter: { readonly namespace: string; readonly state?: DeliveryState; readonly sink?: string },
    limit: number,
    after: string | null,
  ): Promise<readonly Delivery[]>
  /**
   * Pending ones that were due before `dueBefore` and whose sink no live node serves are dead at `now`, with this
   * reason; at most so many of each sink. Gives how many, by sink. `serve` brings them back.
   */
  giveUpUnserved(
    dueBefore: Instant,
    now: Instant,
    reason: string,
    limit: number,
  ): Promise<readonly { readonly sink: string; readonly deliveries: number }[]>
  /** A node serves these sinks: what was given up for want of one is due at once. Gives how many; at most `limit`. */
  serve(sinks: readonly string[], now: Instant, limit: number): Promise<number>
  /** Due at once, counted anew. False: there is none such. */
  revive(namespace: string, deliveryId: string, now: Instant): Promise<boolean>
}

// ------------------------------------------------------------------- attempts

/** The start and the heartbeat details of a long attempt, so that the next one gets them after a crash. */
export interface AttemptRecord {
  readonly activityId: number
  readonly attempt: number
  readonly startedAt: Instant
  /** JSON text; null before the first heartbeat. */
  readonly details: string | null
}

export interface AttemptStore {
  save(node: NodeId, rows: readonly (AttemptRecord & { readonly runId: string })[]): Promise<void>
}

// ----------------------------------------------------------------- visibility

export interface ExecutionSummary {
  readonly namespace: string
  readonly workflowId: string
  readonly runId: string
  readonly workflow: string
  readonly version: string
  readonly status: RunStatus
  readonly startedAt: Instant
  readonly closedAt: Instant | null
  readonly memo: string | null
  readonly searchAttributes: string | null
  /** JSON text of the result or error of a closed run; of one that continued as new `{ "runId": … }`, the next one. */
  readonly outcome: string | null
  readonly firstRunId: string
  readonly parent: ParentLink | null
  readonly parked: string | null
}

export interface ExecutionFilter {
  readonly namespace: string
  readonly workflow?: string
  readonly version?: string
  readonly status?: RunStatus
  readonly workflowId?: string
  readonly workflowIdPrefix?: string
  readonly startedAfter?: Instant
  readonly startedBefore?: Instant
  /** Runs that continued as new show too; without it a chain shows as its last run. A `status` filter says so by itself. */
  readonly allRuns?: boolean
  /** Children of this run, all runs of each. */
  readonly parentRunId?: string
}

export interface VisibilityStore {
  /** The open run of an execution, else its latest. With `runId` that one. */
  find(namespace: string, workflowId: string, runId?: string): Promise<ExecutionSummary | null>
  /** Which of these runs are open. */
  openOf(runIds: readonly string[]): Promise<ReadonlySet<string>>
  /** Newest start first; `after` is the run id that the page before ended with. */
  list(filter: ExecutionFilter, limit: number, after: string | null): Promise<readonly ExecutionSummary[]>
  count(filter: ExecutionFilter): Promise<number>
  /** Whole turns that hold events after `after`, in order, at least one if there is any, about `limit` events. */
  history(
    runId: string,
    after: number,
    limit: number,
  ): Promise<readonly { readonly firstEventId: number; readonly events: string }[]>
}

// --------------------------------------------------------------------- whole

/** A hint that there may be something to do. Never needed: everything works by polling without it. */
export type Hint =
  | { readonly kind: 'messages'; readonly runId: string }
  | { readonly kind: 'due' }
  | { readonly kind: 'outbox' }

export interface Storage {
  readonly kind: 'memory' | 'pglite' | 'postgres'
  /** Connects, takes the lock file where there is one, migrates. Refuses a schema newer than it knows. */
  open(): Promise<void>
  close(): Promise<void>
  /** Fails when the database cannot answer. */
  ping(): Promise<void>
  readonly definitions: DefinitionStore
  readonly nodes: NodeStore
  readonly runs: RunStore
  readonly messages: MessageStore
  readonly attempts: AttemptStore
  readonly outbox: OutboxStore
  readonly visibility: VisibilityStore
  /** One transaction, one fsync, one round trip (up to 128 turns or 4 MiB); conflicts reject single turns, never the batch. */
  commit(node: NodeId, turns: readonly Turn[]): Promise<CommitResult>
  /**
   * Deletes closed runs older than the limit in small batches, and deliveries that died before it. Gives how many runs.
   */
  expire(closedBefore: Instant, limit: number): Promise<number>
  onHint(listener: (hint: Hint) => void): () => void
  /**
   * A new ownerless run inside the caller's own transaction. Absent where nobody else can have a connection to the data.
   * Errors of the connection are the caller's and come as they are.
   */
  startIn?(connection: CallerConnection, unstarted: UnstartedRun): Promise<StartInVerdict>
}

/** A commit failed because of what a value holds (not because of the connection): the engine bisects the batch. */
export class StorageDataError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'StorageDataError'
  }
}

/** The connection was lost or refused: whether a commit happened is unknown, so its runs are loaded again. */
export class StorageUnavailableError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'StorageUnavailableError'
  }
}

/** The store cannot be opened as it is: a newer schema, a data directory in use, a refused login. Trying again does not help. */
export class StorageSetupError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'StorageSetupError'
  }
}
