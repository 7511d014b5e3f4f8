/**
 * The driver: the life of a node. Starts its parts (`wiring.ts`) and stops them in order, and takes runs up and lets go of
 * those that cannot go on. What callers ask for is in `calls/` and `views/`.
 */
import type { ActivityExecutor } from '../activities/contract.ts'
import type { Limits } from '../schema/limits.ts'
import type { LoadedRun, NodeId, Storage } from '../storage/contract.ts'
import { asError } from './as-error.ts'
import type { Busy } from './busy.ts'
import type { Definitions } from './calls/definitions.ts'
import type { Clock } from './clock.ts'
import type { ExecutionRef } from './contract.ts'
import { EngineError } from './engine-error.ts'
import type { Interpreter } from './interpreter-port.ts'
import type { Log } from './log.ts'
import type { Claims } from './node/claims.ts'
import type { Committer } from './node/committer.ts'
import type { Mailbox } from './node/mailbox.ts'
import type { Ownership } from './node/ownership.ts'
import type { Recovery } from './node/recovery.ts'
import type { Retention } from './node/retention.ts'
import type { OutboxSender } from './outbox/sender.ts'
import type { Programs } from './programs.ts'
import { type Admission, parkingReason } from './runs/admission.ts'
import type { AttemptFlush } from './runs/attempt-flush.ts'
import type { Execution } from './runs/execution.ts'
import type { QueuedInput } from './runs/input-queue.ts'
import type { LoadedRuns } from './runs/loaded-runs.ts'
import type { FirstEvents } from './sends/first-events.ts'
import type { EngineSettings } from './settings.ts'
import type { Watchers } from './waiting/watchers.ts'
import { connectParts } from './wiring.ts'
import { within } from './within.ts'

/** `stopping`: nothing new is claimed, started or dispatched. `stopped`: nothing more is written either. */
export type DriverPhase = 'new' | 'running' | 'stopping' | 'stopped'

export interface DriverParts {
  readonly storage: Storage
  readonly executor: ActivityExecutor
  readonly definitions: Definitions
  readonly unregistered: 'wait' | 'fail'
  readonly interpreter: Interpreter
  readonly clock: Clock
  readonly settings: EngineSettings
  readonly limits: Limits
  readonly nodeName: string
  readonly log: Log
}

export class Driver {
  readonly parts: DriverParts
  readonly busy: Busy
  readonly watchers: Watchers
  readonly programs: Programs
  readonly committer: Committer
  readonly runs: LoadedRuns
  readonly admission: Admission
  readonly ownership: Ownership
  readonly claims: Claims
  readonly mailbox: Mailbox
  readonly recovery: Recovery
  readonly attempts: AttemptFlush
  readonly retention: Retention
  readonly outbox: OutboxSender
  readonly firstEvents: FirstEvents
  readonly #unreachable: (error: Error) => void
  #phase: DriverPhase = 'new'
  #unsubscribe: (() => void) | null = null

  constructor(parts: DriverParts) {
    this.parts = parts
    const node = connectParts(parts, {
      phase: () => this.#phase,
      park: (execution, thrown) => this.#park(execution, thrown),
      restore: (owner, loaded, run, inputs, mark) => this.#restore(owner, loaded, run, inputs, mark),
    })
    this.busy = node.busy
    this.watchers = node.watchers
    this.programs = node.programs
    this.committer = node.committer
    this.runs = node.runs
    this.admission = node.admission
    this.ownership = node.ownership
    this.claims = node.claims
    this.mailbox = node.mailbox
    this.recovery = node.recovery
    this.attempts = node.attempts
    this.retention = node.retention
    this.outbox = node.outbox
    this.firstEvents = node.firstEvents
    this.#unreachable = node.unreachable
  }

  get phase(): DriverPhase {
    return this.#phase
  }

  async start(): Promise<void> {
    if (this.#phase !== 'new') return
    const { storage, settings } = this.parts
    await storage.open()
    this.#phase = 'running'
    await this.ownership.start()
    this.#unsubscribe = storage.onHint((hint) => {
      if (hint.kind === 'due') this.claims.poke()
      else if (hint.kind === 'outbox') this.outbox.poke()
      else this.mailbox.poke(hint.runId, false)
    })
    this.claims.start()
    this.mailbox.start()
    this.attempts.start(settings.attemptFlushIntervalMs)
    this.retention.start()
    this.outbox.start()
  }

  /** A message of this run was accepted by the store. */
  delivered(runId: string, owner: NodeId | null): void {
    if (owner === null) this.claims.poke()
    else this.mailbox.poke(runId, owner === this.ownership.node)
  }

  /** The node that was asked to terminate a parked run takes it up itself, so that the answer finds it closed. */
  async terminateParked(ref: ExecutionRef & { readonly runId: string }): Promise<void> {
    const { runId } = ref
    if (this.runs.get(runId) !== undefined) return
    const summary = await this.parts.storage.visibility.find(ref.namespace, ref.workflowId, runId)
    const node = this.ownership.node
    if (summary === null || summary.parked === null || summary.status !== 'running' || node === null) return
    const claimed = await this.parts.storage.runs.claimOne(node, runId, { parked: true })
    if (claimed === null) return
    await this.busy.during(() => this.#restore(node, claimed, null, [], this.mailbox.mark))
  }

  /** Throws `Draining` or `Unavailable` where nothing new can be taken. */
  assertServing(): void {
    if (this.#phase !== 'running') {
      throw new EngineError(
        'Draining',
        this.#phase === 'new' ? 'this node has not started' : 'this node is stopping',
        { suggestion: 'ask another node, or try again later' },
      )
    }
    // A late heartbeat holds back dispatching, not starts: what they write is fenced by the commit itself.
    if (this.ownership.node !== null && !this.recovery.down) return
    throw new EngineError('Unavailable', 'this node cannot reach its database', {
      suggestion: 'try again; a start or signal with the same requestId happens once',
    })
  }

  /** Bounded by the grace and `stopCommitMs`: what has not ended then is left to whoever takes the runs over. */
  async stop(graceMs: number): Promise<void> {
    if (this.#phase === 'stopped' || this.#phase === 'stopping') return
    const wasRunning = this.#phase === 'running'
    this.#phase = 'stopping'
    const { executor, settings, storage, log } = this.parts
    this.claims.stop()
    this.#unsubscribe?.()
    const sent = this.outbox.stop(graceMs)
    if (wasRunning) {
      await within(graceMs + settings.stopCommitMs, executor.stop(graceMs))
      await within(graceMs + settings.stopCommitMs, sent)
      await within(settings.stopCommitMs, this.#settled())
    }
    this.#end()
    if (wasRunning) {
      const handOver = async () => {
        await this.attempts.flush()
        await this.ownership.leave()
        await this.retention.stop()
      }
      await within(settings.stopCommitMs, handOver()).catch((error: unknown) => {
        log.warn(
          { error },
          'could not hand over the runs; the other nodes take them over when the lease ends',
        )
      })
    }
    await within(settings.stopCommitMs, storage.close())
  }

  /** As if the process had died: nothing is handed over, nothing more is written, the store stays open. For tests. */
  abandon(): void {
    this.#phase = 'stopping'
    this.claims.stop()
    this.#unsubscribe?.()
    void this.outbox.stop(0)
    this.#end()
  }

  #end(): void {
    this.#phase = 'stopped'
    this.ownership.stop()
    this.mailbox.stop()
    this.recovery.stop()
    this.attempts.stop()
    void this.retention.stop()
    this.watchers.end()
    const left = this.runs.all()
    this.runs.leaveAll()
    for (const execution of left) execution.unanswered()
    this.runs.heap.close()
  }

  /** Turns under way are written, and what their outcomes led to. */
  async #settled(): Promise<void> {
    await this.busy.quiet()
    await this.committer.idle()
  }

  async #restore(
    node: NodeId,
    loaded: LoadedRun,
    run: Execution | null,
    inputs: readonly QueuedInput[],
    mark: number,
  ): Promise<void> {
    const admitted = await this.admission.admit(node, loaded)
    if (admitted === null || this.ownership.node !== node || this.#phase === 'stopped') {
      return run?.leave()
    }
    if (run === null && this.runs.get(loaded.runId) !== undefined) return
    const { namespace, workflowId, runId, workflow, version, firstRunId } = loaded
    const identity = { namespace, workflowId, runId, workflow, version, firstRunId }
    const execution = run ?? this.runs.create(identity, admitted.program)
    this.runs.open(execution)
    execution.adopt(admitted.folded, admitted.messages, loaded.lastMessage, loaded.attempts, inputs)
    this.mailbox.arrived(runId, mark)
  }

  /** The reducer threw, or a value cannot be stored at all: a bug or a poisoned run, which must not spin. */
  #park(execution: Execution, thrown: unknown): void {
    const { runId } = execution
    if (execution.stillborn(thrown)) return execution.leave()
    const reason = parkingReason(thrown) ?? 'the store could not be reached while it was worked on'
    this.parts.log.error({ runId, error: thrown }, 'parked a run')
    const node = this.ownership.node
    execution.leave()
    if (node === null) return
    void this.busy.during(async () => {
      try {
        await this.admission.park(node, runId, reason)
      } catch (error) {
        // It stays owned and unloaded; found again as an orphan when the store answers.
        this.#unreachable(asError(error))
      }
    })
  }
}
