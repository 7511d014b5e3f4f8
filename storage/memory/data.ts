/**
 * The tables of the memory driver as plain maps. Owns their shape and the two indexes that move with a run's owner
 * (`setOwner`, `setDue`); the rules are in the files beside it. Outlives a `Storage`, so that a test can throw an
 * engine away and build another one over the same data.
 */
import type {
  AttemptRecord,
  DefinitionRecord,
  Instant,
  NodeId,
  OutboxWrite,
  ParentLink,
  RunStatus,
  SnapshotRecord,
} from '../contract.ts'
import { HintListeners } from '../hints.ts'
import { DueQueue } from './due-queue.ts'

export interface MemoryTurn {
  readonly firstEventId: number
  readonly eventCount: number
  readonly events: string
}

export interface MemoryNode {
  readonly node: NodeId
  readonly name: string
  /** Event sinks that it serves; null: it did not say. */
  readonly sinks: readonly string[] | null
  beats: number
  readonly runs: Set<MemoryRun>
}

export interface RunBirth {
  readonly runId: string
  readonly namespace: string
  readonly workflowId: string
  readonly workflow: string
  readonly version: string
  readonly startedAt: Instant
  readonly requestId: string | null
  readonly memo: string | null
  readonly searchAttributes: string | null
  readonly firstRunId: string | null
  readonly parent: ParentLink | null
}

/** One row of `answer`: what became of a message that is to be answered. */
export interface MemoryAnswer {
  /** The run that took the message. */
  readonly run: MemoryRun
  answer: string | null
  isLost: boolean
}

/** One row of `outbox`. */
export interface MemoryDelivery {
  /** Ascending in the order of the commits. */
  readonly number: number
  readonly write: OutboxWrite
  attempts: number
  isDead: boolean
  /** Dead for want of a node that serves the sink. */
  isUnserved: boolean
  /** While it is being sent, the end of its lease. */
  dueAt: Instant
  lastError: string | null
}

/** One row each of `run` and `execution`, and what hangs on them. */
export class MemoryRun {
  readonly birth: RunBirth
  readonly runId: string
  status: RunStatus = 'running'
  closedAt: Instant | null = null
  outcome: string | null = null
  owner: NodeId | null = null
  wakeAt: Instant | null = null
  takeovers = 0
  parked: string | null = null
  lastMessage = 0
  /** Messages that it has taken and not dealt with, as its last turn that changed it said. */
  pendingMessages = 0
  readonly turns: MemoryTurn[] = []
  snapshot: SnapshotRecord | null = null
  /** Messages that no turn has taken, by sequence, ascending. */
  readonly inbox = new Map<number, string>()
  readonly seenKeys = new Set<string>()
  readonly attempts = new Map<number, AttemptRecord>()

  constructor(birth: RunBirth) {
    this.birth = birth
    this.runId = birth.runId
  }

  dueAt(): Instant | null {
    return this.status === 'running' && this.owner === null && this.parked === null ? this.wakeAt : null
  }

  /** The first run of its chain. */
  firstRunId(): string {
    return this.birth.firstRunId ?? this.runId
  }

  /** Has so many messages that it has not dealt with, taken or not. */
  hasPending(most: number): boolean {
    return this.pendingMessages + this.inbox.size >= most
  }

  /** Event ids are dense from 1. */
  nextEventId(): number {
    const last = this.turns.at(-1)
    return last === undefined ? 1 : last.firstEventId + last.eventCount
  }
}

export class MemoryData {
  readonly definitions = new Map<string, DefinitionRecord>()
  /** Live nodes. A node that left or was declared dead is gone, its number is never used again. */
  readonly nodes = new Map<NodeId, MemoryNode>()
  lastNode: NodeId = 0
  readonly runs = new Map<string, MemoryRun>()
  /** The runs of an execution, oldest first. */
  readonly executions = new Map<string, MemoryRun[]>()
  readonly openRuns = new Map<string, MemoryRun>()
  /** Which run a request made. */
  readonly requests = new Map<string, MemoryRun>()
  /** By the first run of the chain, then by message id. */
  readonly answers = new Map<string, Map<string, MemoryAnswer>>()
  /** By number. */
  readonly outbox = new Map<number, MemoryDelivery>()
  readonly outboxKeys = new Set<string>()
  lastDelivery = 0
  readonly due = new DueQueue<MemoryRun>()
  /** Open runs that are parked; one with a time to wake at has a message that nobody has looked at. */
  readonly parked = new Set<MemoryRun>()
  readonly hints = new HintListeners()

  /** A run that continued as new is older than the run that it became, also where both began in one millisecond. */
  latestRun(executionKey: string): MemoryRun | undefined {
    const runs = this.executions.get(executionKey) ?? []
    const last = runs.at(-1)
    if (last?.status !== 'continuedAsNew') return last
    const isLater = ({ status, birth }: MemoryRun) =>
      status !== 'continuedAsNew' && birth.startedAt === last.birth.startedAt
    return runs.findLast(isLater) ?? last
  }

  setOwner(run: MemoryRun, owner: NodeId | null): void {
    if (run.owner !== null) this.nodes.get(run.owner)?.runs.delete(run)
    run.owner = owner
    if (owner !== null) this.nodes.get(owner)?.runs.add(run)
  }

  setDue(run: MemoryRun, wakeAt: Instant | null): void {
    run.wakeAt = wakeAt
    this.due.add(run)
  }
}

export function createMemoryData(): MemoryData {
  return new MemoryData()
}

/** A key of two parts that no other pair of texts has. */
export function pairKey(namespace: string, id: string): string {
  return `${namespace.length}:${namespace}${id}`
}
