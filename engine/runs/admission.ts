/**
 * From a claimed row to a live run: finds the program, folds the history, and hands the run to the registry.
 * A run that cannot be folded is parked with the reason; one that is to be terminated needs neither plan nor state.
 */

import { engineFault } from '../../interpreter/errors/faults.ts'
import type { StoredEvent, WorkflowExecutionTerminated } from '../../interpreter/events.ts'
import type { Program } from '../../interpreter/program.ts'
import {
  type Instant,
  type LoadedRun,
  type NodeId,
  type RunChange,
  type RunStore,
  StorageUnavailableError,
  type Turn,
  type TurnSends,
} from '../../storage/contract.ts'
import type { Clock } from '../clock.ts'
import type { Interpreter } from '../interpreter-port.ts'
import { type Message, messageInput } from '../messages.ts'
import type { Verdict } from '../node/committer.ts'
import { ProgramError, type Programs } from '../programs.ts'
import type { QueuedInput } from './input-queue.ts'
import { baseOf, checkStart, FoldError, type Folded, foldHistory } from './load.ts'
import { sendsOfUnloadedClose } from './unloaded-close.ts'

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
  /** A run was parked: it may have got a message meanwhile that ends it. */
  parked(): void
  /** A turn that sends is written. */
  sent(sends: TurnSends): void
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
      // Where it stays open it must not stay owned: nobody would close it.
      if (!(await this.#terminate(loaded))) await this.#park(node, loaded, loaded.parked)
      return null
    }
    try {
      const { program, folded } = await this.fold(loaded)
      return { loaded, program, folded, messages }
    } catch (thrown) {
      const reason = parkingReason(thrown)
      if (reason === null) throw thrown
      if (await this.#terminate(loaded)) return null
      await this.#park(node, loaded, reason)
      return null
    }
  }

  /**
   * Takes a run out of circulation. A termination that it has, or gets meanwhile, is found and carried out all the same
   * (keeps I5), by whichever node looks first.
   */
  async park(node: NodeId, runId: string, reason: string, seenMessage = 0): Promise<void> {
    await this.#parts.runs.park(node, runId, reason, seenMessage)
    this.#parts.parked()
  }

  #park(node: NodeId, { runId, lastMessage }: LoadedRun, reason: string): Promise<void> {
    return this.park(node, runId, reason, lastMessage)
  }

  /** The state of a run as its history gives it. Rejects with `FoldError` or `ProgramError`. */
  async fold(loaded: LoadedRun): Promise<{ readonly program: Program; readonly folded: Folded }> {
    const { namespace, workflow, version, runId } = loaded
    const { program } = await this.#parts.programs.get(namespace, workflow, version)
    const { foldTurn } = this.#parts.interpreter
    if (loaded.snapshot === null) {
      // A child, or the next run of a chain: what would be its history stands in its inbox.
      if (loaded.turns.length === 0) checkStart(program, firstMessage(loaded))
      return { program, folded: await foldHistory(program, null, loaded.turns, foldTurn) }
    }
    const base = baseOf(program, loaded.snapshot)
    if (base !== null) {
      try {
        return { program, folded: await foldHistory(program, base, loaded.turns, foldTurn) }
      } catch (thrown) {
        // The snapshot may be what is wrong: the history alone decides (keeps I3).
        if (!(thrown instanceof FoldError)) throw thrown
      }
    }
    const whole = await this.#parts.runs.load(runId, { fromStart: true })
    return { program, folded: await foldHistory(program, null, whole?.turns ?? [], foldTurn) }
  }

  /**
   * Records what was accepted and closes, without the reducer. False: nobody asked for it, or it is not ours any more.
   * Rejects where the store cannot be reached.
   */
  async #terminate(claimed: LoadedRun): Promise<boolean> {
    let loaded = claimed
    for (;;) {
      const verdict = await this.#terminateOnce(loaded)
      if (verdict === null) return false
      if (verdict.kind === 'committed') return true
      // Parked now, it would count as looked at: it stays owned instead, and is loaded again when the store answers.
      if (verdict.kind === 'unknown') throw verdict.error
      if (verdict.kind !== 'rejected' || verdict.rejection.reason !== 'unseenMessage') return false
      // A message came in between: it goes before the close (keeps I5).
      const again = await this.#parts.runs.load(loaded.runId)
      if (again === null) return false
      loaded = again
    }
  }

  /** Null: nobody asked for it. */
  async #terminateOnce(loaded: LoadedRun): Promise<Verdict | null> {
    const now = this.#parts.clock.now()
    const termination = terminationOf(loaded, now)
    if (termination === null) return null
    const messages = loaded.inbox.map((row) => messageInput(row, now))
    const { nextEventId, time } = endOf(loaded)
    // Event time never runs backwards, whatever the clock does.
    const closedAt = Math.max(now, time)
    const others = messages.filter(({ event }) => event.type !== 'WorkflowExecutionTerminated')
    const events: StoredEvent[] = [
      ...others.map(({ event }) => ({ ...event, timestamp: closedAt })),
      { ...termination, timestamp: closedAt },
    ]
    const { reason } = termination
    const error = engineFault('Terminated', reason === null ? 'terminated' : `terminated: ${reason}`)
    const close = { kind: 'close', status: 'terminated', closedAt, outcome: JSON.stringify(error) } as const
    const whole = await this.#parts.runs.load(loaded.runId, { fromStart: true })
    const inbox = others.map(({ event }) => event as Message)
    const sends = sendsOfUnloadedClose(loaded, whole?.turns ?? [], inbox, error, closedAt)
    const verdict = await this.#parts.write({
      runId: loaded.runId,
      firstEventId: nextEventId,
      eventCount: events.length,
      events: JSON.stringify(events),
      start: null,
      change: close,
      seenMessage: messages.at(-1)?.seq ?? loaded.lastMessage,
      takenMessages: messages.flatMap(({ seq }) => seq ?? []),
      ...(sends !== undefined && { sends }),
      snapshot: null,
    })
    if (verdict.kind === 'committed') {
      this.#parts.closed(loaded, nextEventId, events, close)
      if (sends !== undefined) this.#parts.sent(sends)
    }
    return verdict
  }
}

/** Why a run is taken out of circulation; null where the fault is the store's, which answers again some day. */
export function parkingReason(thrown: unknown): string | null {
  if (thrown instanceof StorageUnavailableError) return null
  if (thrown instanceof FoldError || thrown instanceof ProgramError) return thrown.message
  // A text may have half a gigabyte (V8): long before, such a run fills the memory of its node.
  if (thrown instanceof RangeError && thrown.message === 'Invalid string length')
    return 'its state is too large to be stored: keep large values elsewhere and pass references to them'
  return `it cannot go on: ${thrown instanceof Error ? thrown.message : String(thrown)}`
}

function firstMessage(loaded: LoadedRun): StoredEvent | undefined {
  const [first] = loaded.inbox
  return first === undefined ? undefined : messageInput(first, Number.POSITIVE_INFINITY).event
}

function terminationOf(loaded: LoadedRun, now: Instant): WorkflowExecutionTerminated | null {
  for (const row of loaded.inbox) {
    const { event } = messageInput(row, now)
    if (event.type === 'WorkflowExecutionTerminated') return event
  }
  return null
}

/** Where its history ends. A row that was damaged counts as one event at the beginning of time. */
function endOf(loaded: LoadedRun): { readonly nextEventId: number; readonly time: Instant } {
  const last = loaded.turns.at(-1)
  if (last === undefined) return { nextEventId: (loaded.snapshot?.eventId ?? 0) + 1, time: 0 }
  const stored: unknown = JSON.parse(last.events)
  const events: readonly unknown[] = Array.isArray(stored) ? stored : [stored]
  const event = events.at(-1)
  const time =
    typeof event === 'object' && event !== null && 'timestamp' in event ? Number(event.timestamp) : 0
  return { nextEventId: last.firstEventId + Math.max(1, events.length), time: Number.isNaN(time) ? 0 : time }
}
