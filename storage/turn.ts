/**
 * What one commit writes: new runs, the turns of runs, what they send, and what the store makes of them. Part of the
 * contract, which gives all of it again (`contract.ts`); owns the shapes of the turn alone.
 */
import type { ClosedStatus, Instant } from './contract.ts'

export interface NewRun {
  readonly namespace: string
  readonly workflowId: string
  readonly workflow: string
  readonly version: string
  readonly startedAt: Instant
  /** True: owned by the committing node from birth. False: ownerless, due at `startedAt`. */
  readonly owned: boolean
  /** What a closed execution of the same id means. An open one is always a conflict. */
  readonly idReuse: 'allow' | 'allowFailedOnly' | 'reject'
  /** A start with the same request id is answered with the run that it made. */
  readonly requestId: string | null
  readonly memo: string | null
  readonly searchAttributes: string | null
  /** The first run of its chain; null: this one. */
  readonly firstRunId: string | null
  readonly parent: ParentLink | null
}

/** Who is told when the run has ended. `childId`: where the parent keeps it. */
export interface ParentLink {
  readonly workflowId: string
  readonly runId: string
  readonly childId: number
}

/**
 * What a turn sends, written with it or not at all (keeps I8). Every text is the JSON of an inbox message. Absent in
 * nearly every turn, and then it costs nothing.
 */
export interface TurnSends {
  /** When it was decided: whom a message or a note wakes is due from then on. */
  readonly at: Instant
  /** Children: the run and its inbox, without history, ownerless and due. */
  readonly births: readonly ChildBirth[]
  /** Continue-as-new, in a turn that closes as `continuedAsNew`: born as a child is, when the id is free. */
  readonly successor: {
    readonly runId: string
    readonly run: NewRun
    readonly inbox: readonly string[]
  } | null
  readonly messages: readonly TurnMessage[]
  readonly answers: readonly AnswerWrite[]
  readonly outbox: readonly OutboxWrite[]
  /** Into the run's own inbox: what the engine found out before the commit (no such definition, …). */
  readonly notes: readonly string[]
}

/**
 * A second birth of the same run id is the first one. Exactly one of the two texts goes to the inbox of the run whose
 * turn this is. A closed execution of the id is no hindrance (`idReuse`, `requestId` and `owned` of a birth are not read).
 */
export interface ChildBirth {
  readonly runId: string
  readonly run: NewRun
  readonly inbox: readonly string[]
  readonly whenBorn: string
  /** An open execution has the workflow id. */
  readonly whenTaken: string
}

export interface TurnMessage {
  readonly namespace: string
  readonly workflowId: string
  /** Exactly this run. */
  readonly runId?: string
  /** The open run of the chain that began with it. Neither: the open run of the execution. */
  readonly firstRunId?: string
  readonly payload: string
  /** Into the inbox of the run whose turn this is; null: not answered. An execution without an open run is not found. */
  readonly whenAccepted: string | null
  readonly whenNotFound: string | null
  /** Where the addressee has so many messages that it has not dealt with, the sender is told `notice` instead. */
  readonly whenFull?: { readonly mostPending: number; readonly notice: string }
}

export interface AnswerWrite {
  readonly messageId: string
  /** JSON text of an `Answer`. */
  readonly answer: string
}

/** One CloudEvent for one sink. */
export interface OutboxWrite {
  /** Unique for the event and the sink: a second one with it is dropped. */
  readonly key: string
  readonly sink: string
  readonly namespace: string
  /** JSON text of the CloudEvent. */
  readonly event: string
  readonly dueAt: Instant
}

export type RunChange =
  | {
      readonly kind: 'close'
      readonly status: ClosedStatus
      readonly closedAt: Instant
      /** JSON text of the result or of the error. */
      readonly outcome: string
    }
  /** The run is let go of; `wakeAt` is its next timer or deadline, null when only a message can wake it. */
  | { readonly kind: 'release'; readonly wakeAt: Instant | null }

export interface SnapshotRecord {
  /** The last event that the state has seen. */
  readonly eventId: number
  readonly stateVersion: number
  readonly planDigest: string
  /** JSON text of the state. */
  readonly state: string
}

/** One run's turn: what it took and what it decided, written whole or not at all. At most one per run in a batch. */
export interface Turn {
  readonly runId: string
  /** Of the first event here. `(run_id, first_event_id)` is unique (keeps I2). */
  readonly firstEventId: number
  readonly eventCount: number
  /** JSON text of a list of `StoredEvent`. An empty list is allowed where only a release or a snapshot is written. */
  readonly events: string
  /** The first turn of a run brings the run. */
  readonly start: NewRun | null
  /** Close or release; such a turn is rejected unless `seenMessage` is the run's last (keeps I5). */
  readonly change: RunChange | null
  /** The highest message sequence that this turn or an earlier one took. */
  readonly seenMessage: number
  /** Inbox rows that this turn took. */
  readonly takenMessages: readonly number[]
  /** Messages that the run has taken and not dealt with, where their number is another than the turn before left. */
  readonly pendingMessages?: number
  /** Activities that ended in this turn: what `AttemptStore` keeps of them is deleted. A close deletes all of its run. */
  readonly endedActivities?: readonly number[]
  readonly sends?: TurnSends
  readonly snapshot: SnapshotRecord | null
}

export type TurnRejection =
  /** Another writer owns the run, or it is closed: drop it from memory. */
  | { readonly runId: string; readonly reason: 'conflict' }
  /** A message came that this close or release has not seen: take it, then try again. */
  | { readonly runId: string; readonly reason: 'unseenMessage' }
  /** A start whose id is taken; `existing` is the open run, or the closed one that `idReuse` refuses. */
  | { readonly runId: string; readonly reason: 'exists'; readonly existing: string; readonly open: boolean }
  /** A start whose request was seen before. */
  | { readonly runId: string; readonly reason: 'duplicateRequest'; readonly existing: string }

export type CommitResult =
  | { readonly outcome: 'committed'; readonly rejected: readonly TurnRejection[] }
  /** The node was declared dead. Nothing was written. */
  | { readonly outcome: 'fenced' }

/** A connection of the caller's to our database, such as a `Client` or `PoolClient` of `pg`. */
export interface CallerConnection {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>
}

export interface UnstartedRun {
  readonly runId: string
  readonly run: NewRun
  /** JSON texts, the WorkflowExecutionStarted first. */
  readonly inbox: readonly string[]
}

/** As the caller's transaction sees it. `vanished`: what was in the way is gone, and it may be tried again. */
export type StartInVerdict =
  | { readonly kind: 'born' | 'vanished' }
  | {
      readonly kind: 'requested' | 'open' | 'closed'
      readonly existing: { readonly runId: string; readonly workflowId: string; readonly version: string }
    }
