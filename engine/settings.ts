/**
 * Every setting of the engine, by name, with its default. Owns the numbers; the settings file, environment and flags
 * give them from outside (`cli/settings/`). Limits of the language are in `schema/limits.ts`.
 */
import type { EventSink } from './outbox/event-sinks.ts'

export interface EngineSettings {
  /** Runs kept in memory at once; no more are claimed while there are so many. */
  readonly maxLoadedRuns: number
  /** Bytes of loaded state, estimated from its history; no more is claimed while there is so much. */
  readonly maxLoadedBytes: number
  /** Turns written by one commit. */
  readonly commitTurns: number
  /** Bytes of events and snapshots written by one commit, unless one turn alone is larger. */
  readonly commitBytes: number
  /** Commits under way at once. One gives 31,000 steps/s, two 42,000 to 48,000, a third nothing. */
  readonly commitsInFlight: number
  /** Inputs of one turn. */
  readonly turnInputs: number
  /** Bytes of the inputs of one turn, unless one input alone is larger. */
  readonly turnBytes: number
  /** Runs taken by one claim. */
  readonly claimBatch: number
  /** How often the store is asked for what no hint told. */
  readonly pollIntervalMs: number
  /** How often this node says that it lives, and looks at the others. */
  readonly heartbeatIntervalMs: number
  /** A node whose counter stood still for so long (of the observer's own clock) is declared dead. */
  readonly leaseTtlMs: number
  /**
   * No other process can have this store open (PGlite behind its lock file, a scenario's memory): every other node in
   * it is dead when this one starts, and nothing needs to be observed or polled. Absent: true but for PostgreSQL.
   */
  readonly soleNode?: boolean
  /** A snapshot is taken when the history since the last one exceeds this and the size of the last one. */
  readonly snapshotBytes: number
  /** A run that only waits stays in memory when its next timer is nearer than this. */
  readonly releaseAfterMs: number
  /** Closed runs are deleted after so many days; 0: never. */
  readonly retentionDays: number
  /** Runs deleted at once by retention. */
  readonly retentionBatch: number
  readonly retentionIntervalMs: number
  /** How often starts and heartbeats of long attempts are written beside the history. */
  readonly attemptFlushIntervalMs: number
  /** The pause before the store is asked again after it could not be reached: doubles from the first to the second. */
  readonly reconnectInitialMs: number
  readonly reconnectMaximumMs: number
  /** Loads of single runs under way at once (messages, reloads); what is beyond waits for the next claim. */
  readonly loadsInFlight: number
  /** Where events of `emit` go. Without one they stand in the history alone. */
  readonly eventSinks: readonly EventSink[]
  /**
   * An event that is due for so long though no live node has its sink in its settings is dead, until one has; looked
   * for as often.
   */
  readonly unservedSinkMs: number
  /** POSTs under way at once to one sink. */
  readonly eventSendsInFlight: number
  /** What `stop` gives to activities under way. */
  readonly stopGraceMs: number
  /** Beyond the grace, `stop` gives so long to commits, the hand-over and the closing of the store. */
  readonly stopCommitMs: number
}

export const defaultEngineSettings: EngineSettings = {
  maxLoadedRuns: 20_000,
  maxLoadedBytes: 1024 * 1024 * 1024,
  commitTurns: 128,
  commitBytes: 4 * 1024 * 1024,
  commitsInFlight: 2,
  turnInputs: 100,
  turnBytes: 256 * 1024,
  claimBatch: 200,
  pollIntervalMs: 500,
  heartbeatIntervalMs: 500,
  leaseTtlMs: 3_000,
  snapshotBytes: 64 * 1024,
  releaseAfterMs: 1_000,
  retentionDays: 30,
  retentionBatch: 500,
  retentionIntervalMs: 10 * 60_000,
  attemptFlushIntervalMs: 1_000,
  reconnectInitialMs: 50,
  reconnectMaximumMs: 2_000,
  loadsInFlight: 16,
  eventSinks: [],
  unservedSinkMs: 60_000,
  eventSendsInFlight: 8,
  stopGraceMs: 10_000,
  stopCommitMs: 5_000,
}
