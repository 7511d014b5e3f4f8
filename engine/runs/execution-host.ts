/**
 * What a loaded run needs of the engine around it; narrower than the engine, so that a test can stand in for it.
 * Implemented by `loaded-runs.ts`.
 */
import type { StoredEvent } from '../../interpreter/events.ts'
import type { Instant, RunChange, Turn, TurnSends } from '../../storage/contract.ts'
import type { Busy } from '../busy.ts'
import type { Clock } from '../clock.ts'
import type { Interpreter } from '../interpreter-port.ts'
import type { Verdict } from '../node/committer.ts'
import type { Sends } from '../sends/sends.ts'
import type { EngineSettings } from '../settings.ts'
import type { Execution } from './execution.ts'
import type { QueuedInput } from './input-queue.ts'
import type { ActivityHost } from './run-activities.ts'
import type { WakeHeap } from './wake-heap.ts'

export interface ExecutionHost extends ActivityHost {
  readonly interpreter: Interpreter
  readonly clock: Clock
  readonly settings: EngineSettings
  readonly busy: Busy
  readonly heap: WakeHeap
  /** Limit of one value (`schema/limits.ts`). */
  readonly payloadBytes: number
  /** False once the node has stopped or was fenced: what activities still report is dropped. */
  takesOutcomes(): boolean
  /** True while the node is stopping: runs are handed over as they are, not released one by one. */
  keepsRuns(): boolean
  /** What a turn sends is found out here, before its commit. */
  readonly sends: Pick<Sends, 'of'>
  write(turn: Turn): Promise<Verdict>
  /** It is written: whoever gets something of it may look now. */
  sent(execution: Execution, sends: TurnSends): void
  /** Feeds what the inbox of the run holds beyond `lastMessage`. */
  fetchMessages(execution: Execution): Promise<void>
  /** Events of a committed turn, for whoever watches. */
  published(execution: Execution, firstEventId: number, events: readonly StoredEvent[]): void
  closed(execution: Execution, close: RunChange & { readonly kind: 'close' }): void
  released(execution: Execution, wakeAt: Instant | null): void
  /** It takes nothing any more: there is room for another. */
  gone(execution: Execution): void
  /** Its state was dropped: to be loaded again, with these inputs fed again where the history lacks them. */
  lost(execution: Execution, inputs: readonly QueuedInput[]): void
  /** It cannot be reduced: out of circulation, with the reason. */
  parkRun(execution: Execution, thrown: unknown): void
}
