/**
 * The runs that this process holds: by run id, and the open one by workflow id. Owns who is in memory and how much
 * room is left; what a run does is `execution.ts`. It is the host that the runs know.
 */
import type { ActivityExecutor } from '../../activities/contract.ts'
import type { StoredEvent } from '../../interpreter/events.ts'
import type { Program } from '../../interpreter/program.ts'
import type { Instant, RunChange, Turn, TurnSends } from '../../storage/contract.ts'
import type { Busy } from '../busy.ts'
import type { Clock } from '../clock.ts'
import type { Outcome } from '../contract.ts'
import type { Interpreter } from '../interpreter-port.ts'
import type { Verdict } from '../node/committer.ts'
import type { Sends } from '../sends/sends.ts'
import type { EngineSettings } from '../settings.ts'
import { outcomeOfClose } from '../waiting/outcome.ts'
import type { Watchers } from '../waiting/watchers.ts'
import { Execution } from './execution.ts'
import type { ExecutionHost } from './execution-host.ts'
import type { QueuedInput } from './input-queue.ts'
import type { RunIdentity } from './run-activities.ts'
import { WakeHeap } from './wake-heap.ts'

/** The parts of the engine that the runs are connected to. */
export interface RunLines {
  write(turn: Turn): Promise<Verdict>
  sent(execution: Execution, sends: TurnSends): void
  mayDispatch(): boolean
  takesOutcomes(): boolean
  keepsRuns(): boolean
  fetchMessages(execution: Execution): Promise<void>
  lost(execution: Execution, inputs: readonly QueuedInput[]): void
  park(execution: Execution, thrown: unknown): void
  /** There is room for one more; `wakeAt` is when a released run is due again. */
  left(runId: string, wakeAt: Instant | null): void
}

export class LoadedRuns implements ExecutionHost {
  readonly interpreter: Interpreter
  readonly clock: Clock
  readonly settings: EngineSettings
  readonly busy: Busy
  readonly executor: ActivityExecutor
  readonly unregistered: 'wait' | 'fail'
  readonly heap: WakeHeap
  readonly payloadBytes: number
  readonly sends: Pick<Sends, 'of'>
  readonly #watchers: Watchers
  readonly #lines: RunLines
  readonly #byRun = new Map<string, Execution>()
  readonly #byWorkflow = new Map<string, Execution>()

  constructor(
    parts: {
      readonly interpreter: Interpreter
      readonly clock: Clock
      readonly settings: EngineSettings
      readonly busy: Busy
      readonly executor: ActivityExecutor
      readonly unregistered: 'wait' | 'fail'
      readonly payloadBytes: number
      readonly sends: Pick<Sends, 'of'>
      readonly watchers: Watchers
    },
    lines: RunLines,
  ) {
    this.interpreter = parts.interpreter
    this.clock = parts.clock
    this.settings = parts.settings
    this.busy = parts.busy
    this.executor = parts.executor
    this.unregistered = parts.unregistered
    this.payloadBytes = parts.payloadBytes
    this.sends = parts.sends
    this.#watchers = parts.watchers
    this.#lines = lines
    this.heap = new WakeHeap(parts.clock)
  }

  get size(): number {
    return this.#byRun.size
  }

  /** How many more may be loaded. */
  get room(): number {
    const runs = this.settings.maxLoadedRuns - this.#byRun.size
    if (runs <= 0) return 0
    return this.#bytes() < this.settings.maxLoadedBytes ? runs : 0
  }

  /** Summed over a sample, so that asking costs the same with 100 runs and with 20,000. */
  #bytes(): number {
    let bytes = 0
    let seen = 0
    for (const execution of this.#byRun.values()) {
      bytes += execution.bytes
      seen += 1
      if (seen === 64) break
    }
    return seen === 0 ? 0 : (bytes / seen) * this.#byRun.size
  }

  all(): readonly Execution[] {
    return [...this.#byRun.values()]
  }

  get(runId: string): Execution | undefined {
    return this.#byRun.get(runId)
  }

  /** The open run of an execution, where it is loaded here. */
  find(namespace: string, workflowId: string, runId: string | undefined): Execution | undefined {
    if (runId === undefined) return this.#byWorkflow.get(`${namespace}\n${workflowId}`)
    const execution = this.#byRun.get(runId)
    const same = execution?.identity.namespace === namespace && execution.identity.workflowId === workflowId
    return same ? execution : undefined
  }

  create(identity: RunIdentity, program: Program): Execution {
    const execution = new Execution(this, identity, program)
    this.#byRun.set(identity.runId, execution)
    return execution
  }

  /** Found by its workflow id from here on. A start is, when its first turn is written. */
  open(execution: Execution): void {
    this.#byWorkflow.set(key(execution), execution)
  }

  gone(execution: Execution): void {
    if (this.#byRun.get(execution.runId) === execution) this.#byRun.delete(execution.runId)
    if (this.#byWorkflow.get(key(execution)) === execution) this.#byWorkflow.delete(key(execution))
    this.#lines.left(execution.runId, null)
  }

  /** The node lost its runs, or stops. */
  leaveAll(): void {
    for (const execution of this.all()) execution.leave()
  }

  // ------------------------------------------------------------- ExecutionHost

  mayDispatch(): boolean {
    return this.#lines.mayDispatch()
  }

  takesOutcomes(): boolean {
    return this.#lines.takesOutcomes()
  }

  keepsRuns(): boolean {
    return this.#lines.keepsRuns()
  }

  write(turn: Turn): Promise<Verdict> {
    return this.#lines.write(turn)
  }

  sent(execution: Execution, sends: TurnSends): void {
    this.#lines.sent(execution, sends)
  }

  fetchMessages(execution: Execution): Promise<void> {
    return this.#lines.fetchMessages(execution)
  }

  published(execution: Execution, firstEventId: number, events: readonly StoredEvent[]): void {
    this.#watchers.published(execution.identity, firstEventId, events)
  }

  closed(execution: Execution, close: RunChange & { readonly kind: 'close' }): void {
    this.#watchers.closed(execution.runId, (): Outcome => outcomeOfClose(execution.identity, close))
  }

  released(execution: Execution, wakeAt: Instant | null): void {
    this.#lines.left(execution.runId, wakeAt)
  }

  lost(execution: Execution, inputs: readonly QueuedInput[]): void {
    this.#lines.lost(execution, inputs)
  }

  parkRun(execution: Execution, thrown: unknown): void {
    this.#lines.park(execution, thrown)
  }
}

function key({ identity }: Execution): string {
  return `${identity.namespace}\n${identity.workflowId}`
}
