/**
 * From a claimed row to a live run: finds the program, folds the history, and hands the run to the registry.
 * A run that cannot be folded is parked with the reason; one that is to be terminated needs neither plan nor state.
 */
import type { StoredEvent } from '../interpreter/events.ts'
import { engineFault } from '../interpreter/faults.ts'
import type { Program } from '../interpreter/program.ts'
import {
  type LoadedRun,
  type NodeId,
  type RunChange,
  type RunStore,
  StorageUnavailableError,
  type Turn,
} from '../storage/contract.ts'
import type { Clock } from './clock.ts'
import type { Verdict } from './committer.ts'
import type { QueuedInput } from './input-queue.ts'
import type { Interpreter } from './interpreter-port.ts'
import { baseOf, FoldError, type Folded, foldHistory } from './load.ts'
import { messageInput } from './messages.ts'
import { ProgramError, type Programs } from './programs.ts'

export interface Admitted {
  readonly loaded: LoadedRun
  readonly program: Program
  readonly folded: Folded
  readonly messages: readonly QueuedInput[]
}

export interface AdmissionParts {
  readonly runs: RunStore
  readonly programs: Programs
  readonly interpreter: Interpreter
  readonly clock: Clock
  write(turn: Turn): Promise<Verdict>
  /** A run was closed without being loaded. */
  closed(
    run: LoadedRun,
    firstEventId: number,
    events: readonly StoredEvent[],
    close: RunChange & { readonly kind: 'close' },
  ): void
}

export class Admission {
  readonly #parts: AdmissionParts

  constructor(parts: AdmissionParts) {
    this.#parts = parts
  }

  /** Null: the run is closed or parked now, there is nothing to keep. Rejects where the store cannot be reached. */
  async admit(node: NodeId, loaded: LoadedRun): Promise<Admitted | null> {
    const now = this.#parts.clock.now()
    const messages = loaded.inbox.map((row) => messageInput(row, now))
    if (loaded.parked !== null) {
      await this.#terminate(loaded, messages)
      return null
    }
    try {
      const { program, folded } = await this.fold(loaded)
      return { loaded, program, folded, messages }
    } catch (thrown) {
      const reason = parkingReason(thrown)
      if (reason === null) throw thrown
      if (await this.#terminate(loaded, messages)) return null
      await this.#parts.runs.park(node, loaded.runId, reason)
      return null
    }
  }

  /** The state of a run as its history gives it. Rejects with `FoldError` or `ProgramError`. */
  async fold(loaded: LoadedRun): Promise<{ readonly program: Program; readonly folded: Folded }> {
    const { namespace, workflow, version, runId } = loaded
    const { program } = await this.#parts.programs.get(namespace, workflow, version)
    const base = loaded.snapshot === null ? null : baseOf(program, loaded.snapshot)
    let turns = loaded.turns
    if (loaded.snapshot !== null && base === null) {
      const whole = await this.#parts.runs.load(runId, { fromStart: true })
      turns = whole?.turns ?? []
    }
    return { program, folded: await foldHistory(program, base, turns, this.#parts.interpreter.foldTurn) }
  }

  /** Records what was accepted and closes, without the reducer. False: nobody asked for it. */
  async #terminate(loaded: LoadedRun, messages: readonly QueuedInput[]): Promise<boolean> {
    const termination = messages.find(({ event }) => event.type === 'WorkflowExecutionTerminated')?.event
    if (termination?.type !== 'WorkflowExecutionTerminated') return false
    const others = messages.filter(({ event }) => event.type !== 'WorkflowExecutionTerminated')
    const closedAt = this.#parts.clock.now()
    const events: StoredEvent[] = [
      ...others.map(({ event }) => event),
      { ...termination, timestamp: closedAt },
    ]
    const { reason } = termination
    const error = engineFault('Terminated', reason === null ? 'terminated' : `terminated: ${reason}`)
    const firstEventId = eventIdAfter(loaded)
    const close = { kind: 'close', status: 'terminated', closedAt, outcome: JSON.stringify(error) } as const
    const verdict = await this.#parts.write({
      runId: loaded.runId,
      firstEventId,
      eventCount: events.length,
      events: JSON.stringify(events),
      start: null,
      change: close,
      seenMessage: messages.at(-1)?.seq ?? loaded.lastMessage,
      takenMessages: messages.flatMap(({ seq }) => seq ?? []),
      snapshot: null,
    })
    if (verdict.kind !== 'committed') return false
    this.#parts.closed(loaded, firstEventId, events, close)
    return true
  }
}

/** Why a run is taken out of circulation; null where the fault is the store's, which answers again some day. */
export function parkingReason(thrown: unknown): string | null {
  if (thrown instanceof StorageUnavailableError) return null
  if (thrown instanceof FoldError || thrown instanceof ProgramError) return thrown.message
  return `it cannot go on: ${thrown instanceof Error ? thrown.message : String(thrown)}`
}

function eventIdAfter(loaded: LoadedRun): number {
  const last = loaded.turns.at(-1)
  if (last === undefined) return (loaded.snapshot?.eventId ?? 0) + 1
  return last.firstEventId + (JSON.parse(last.events) as readonly StoredEvent[]).length
}
