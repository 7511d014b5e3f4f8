/**
 * One loaded run: takes what happened to it turn by turn, through reduce, commit and dispatch.
 * Owns the order of these three, one of them at a time, and what a verdict of the store means. The making of a turn is
 * `live-state.ts`'s, batching the committer's, who may own the run `ownership.ts`'s. Made and kept by `loaded-runs.ts`.
 */
import type { AttemptOutcome } from '../../activities/contract.ts'
import type { PendingId } from '../../interpreter/events.ts'
import type { Program } from '../../interpreter/program.ts'
import type { State } from '../../interpreter/state.ts'
import type { AttemptRecord, NewRun, Turn } from '../../storage/contract.ts'
import { faultPoint } from '../fault-points.ts'
import type { Verdict } from '../node/committer.ts'
import type { ExecutionHost } from './execution-host.ts'
import type { QueuedInput } from './input-queue.ts'
import { LiveState, type OpenTurn, TurnInterrupted } from './live-state.ts'
import type { Folded } from './load.ts'
import { inputsOfOutcome } from './outcomes.ts'
import { RunActivities, type RunIdentity } from './run-activities.ts'
import type { Sleeper } from './wake-heap.ts'

/**
 * `idle`: nothing to do until an input or its wake time. `working`: in a turn. `lost`: its state was dropped, it is
 * being loaded again. `gone`: closed, released, parked or of another node; takes nothing any more.
 */
export type ExecutionPhase = 'idle' | 'working' | 'lost' | 'gone'

/** How the first turn of a new run ended. */
export type Birth = Verdict | { readonly kind: 'failed'; readonly error: unknown }

export class Execution implements Sleeper {
  readonly identity: RunIdentity
  readonly program: Program
  readonly activities: RunActivities
  readonly #host: ExecutionHost
  #phase: ExecutionPhase = 'idle'
  readonly #live: LiveState
  #inspections: (() => Promise<void>)[] = []
  /** The first turn brings the run. */
  #birth: { readonly start: NewRun; readonly settle: (birth: Birth) => void } | null = null
  heapIndex = -1
  heapAt = 0
  /** Set while the inputs of this run spoiled a commit once: the second time it is parked. */
  #spoiled = false

  constructor(host: ExecutionHost, identity: RunIdentity, program: Program) {
    this.#host = host
    this.identity = identity
    this.program = program
    this.activities = new RunActivities(identity, host, (activityId, attempt, outcome, begun) =>
      this.#reported(activityId, attempt, outcome, begun),
    )
    this.#live = new LiveState(host, identity, program, this.activities)
  }

  get runId(): string {
    return this.identity.runId
  }

  get phase(): ExecutionPhase {
    return this.#phase
  }

  /** The messages that came after this one are not known here. */
  get lastMessage(): number {
    return this.#live.lastMessage
  }

  /** Events that are committed. */
  get historyLength(): number {
    return this.#live.nextEventId - 1
  }

  /** Estimate of the memory that its state takes. */
  get bytes(): number {
    return this.#live.bytes
  }

  /**
   * A new run, and what it takes in its first turn, all of it, whatever its size: nobody else knows it (keeps I5).
   * `settle` is called once, when that turn is written or refused.
   */
  bear(start: NewRun, inputs: readonly QueuedInput[], settle: (birth: Birth) => void): void {
    this.#birth = { start, settle }
    this.#live.takeAllNext()
    for (const input of inputs) this.#live.push(input)
    this.wake()
  }

  /** Takes over what a load gave; called when claimed, and after its state was dropped. */
  adopt(
    folded: Folded,
    messages: readonly QueuedInput[],
    lastMessage: number,
    attempts: readonly AttemptRecord[],
    returned: readonly QueuedInput[] = [],
  ): void {
    if (this.#phase === 'gone') return
    for (const record of attempts) this.activities.remember(record)
    this.#live.adopt(folded, messages, lastMessage, returned)
    this.#phase = 'idle'
    if (folded.state !== null) this.activities.reconcile(folded.state, this.#host.clock.now())
    this.wake()
  }

  feed(input: QueuedInput): void {
    if (this.#phase === 'gone') return
    this.#live.push(input)
    this.wake()
  }

  /** Sees the state between two turns, with all that was committed and nothing else. */
  inspect<T>(look: (state: State) => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#phase === 'gone') return reject(new RunGone())
      this.#inspections.push(async () => {
        const { state } = this.#live
        if (state === null) return reject(new RunGone())
        try {
          resolve(await look(state))
        } catch (thrown) {
          reject(thrown)
        }
      })
      this.wake()
    })
  }

  /** Its time in the heap has come. */
  due(): void {
    this.#live.ripen()
    this.wake()
  }

  /** The node may act again: what was held is dispatched. */
  release(): void {
    if (!this.activities.held) return
    this.activities.held = false
    this.#live.lookAtOnce()
    this.wake()
  }

  wake(): void {
    if (this.#phase !== 'idle') return
    this.#phase = 'working'
    this.#host.busy.enter()
    void this.#work()
  }

  /** The run is no longer of this node, or over: nothing of it acts or is written from here on. */
  leave(): void {
    if (this.#phase === 'gone') return
    const wasWorking = this.#phase === 'working'
    this.#phase = 'gone'
    this.#host.heap.remove(this)
    this.activities.forgetAll()
    this.#live.clear()
    if (!wasWorking) this.#endInspections()
    this.#host.gone(this)
  }

  #reported(activityId: PendingId, attempt: number, outcome: AttemptOutcome, begun: boolean): void {
    if (this.#phase === 'gone' || !this.#host.takesOutcomes()) return
    faultPoint('beforeResultCommit')
    const { clock, payloadBytes } = this.#host
    const inputs = inputsOfOutcome(activityId, attempt, outcome, clock.now(), payloadBytes)
    for (const input of begun ? inputs : inputs.slice(1)) this.#live.push(input)
    this.wake()
  }

  async #work(): Promise<void> {
    try {
      while (this.#phase === 'working') {
        if (this.#inspections.length > 0 && !this.#live.isUnborn) await this.#runInspections()
        const now = this.#host.clock.now()
        const open = await this.#live.openTurn(now, this.#birth?.start ?? null, this.#isAlive)
        if (!this.#isWorking()) break
        if (open === null) {
          this.#live.dispatchDue(now)
          if (this.#live.hasInputs || this.#inspections.length > 0) continue
          this.#sleep()
          break
        }
        const verdict = await this.#host.write(open.turn)
        if (!this.#isWorking()) {
          // Dropped meanwhile; whoever started it is told what became of it all the same.
          this.#born(verdict)
          break
        }
        await this.#settle(open, verdict)
      }
    } catch (thrown) {
      // Of a run that left meanwhile: whoever has it now sees for himself.
      if (this.#isGone()) return
      if (thrown instanceof TurnInterrupted) {
        this.#drop(thrown.inputs, { kind: 'unknown', error: thrown.cause })
      } else this.#host.parkRun(this, thrown)
    } finally {
      if (this.#isGone()) {
        this.#endInspections()
        // Left before its first turn was written, which may take a while to make.
        this.#born(verdictFenced)
      }
      this.#host.busy.leave()
    }
  }

  /** Control flow analysis does not see that an await may have changed the phase. */
  #isWorking(): boolean {
    return this.#phase === 'working'
  }

  readonly #isAlive = () => this.#phase === 'working'

  #isGone(): boolean {
    return this.#phase === 'gone'
  }

  /** keeps I1: the only place from which the effects of a turn go out, and the store has said that it is written. */
  async #settle(open: OpenTurn, verdict: Verdict): Promise<void> {
    switch (verdict.kind) {
      case 'committed':
        return this.#committed(open)
      case 'rejected':
        return this.#rejected(open, verdict)
      case 'unstorable':
        return this.#unstorable(open, verdict)
      case 'unknown':
        return this.#drop(open.inputs, verdict)
      case 'fenced':
        this.#born(verdict)
        return this.leave()
      default:
        return verdict satisfies never
    }
  }

  #committed(open: OpenTurn): void {
    const { turn, result } = open
    const host = this.#host
    this.#spoiled = false
    this.#live.committed(open)
    faultPoint('afterCommitBeforeDispatch')
    // A start for which there was no room is claimed by whoever has some.
    const isOfOthers = turn.start !== null && !turn.start.owned
    if (turn.change !== null || isOfOthers) {
      if (result !== null) {
        host.published(this, turn.firstEventId, result.events)
        this.activities.letGo(result.effects)
      }
      this.leave()
      if (turn.change?.kind === 'close') host.closed(this, turn.change)
      else host.released(this, turn.change === null ? host.clock.now() : turn.change.wakeAt)
      if (turn.sends !== undefined) host.sent(this, turn.sends)
      this.#born(verdictCommitted)
      return
    }
    if (result !== null) {
      this.activities.carryOut(result.effects, result.state, host.clock.now())
      this.#live.reckonWake()
      if (result.events.length > 0) host.published(this, turn.firstEventId, result.events)
    }
    if (turn.sends !== undefined) host.sent(this, turn.sends)
    this.#born(verdictCommitted)
  }

  async #rejected(open: OpenTurn, verdict: Verdict & { kind: 'rejected' }): Promise<void> {
    const { reason } = verdict.rejection
    if (this.#birth !== null) {
      this.#born(verdict)
      return this.leave()
    }
    if (reason !== 'unseenMessage') return this.#drop(open.inputs, verdict)
    if (open.turn.change?.kind === 'close') {
      // The message goes before the close (keeps I5): what this turn took comes again, behind it.
      this.#live.takeAllNext()
      return this.#drop(open.inputs, verdict)
    }
    // The decisions stand, only the release does not: the same turn without it, then the message.
    const { result, turn } = open
    const kept: Turn = { ...turn, change: null }
    if (kept.eventCount > 0 || kept.sends !== undefined) {
      const again = await this.#host.write(kept)
      if (!this.#isWorking()) return
      await this.#settle({ ...open, turn: kept, result }, again)
      if (!this.#isWorking()) return
    }
    await this.#host.fetchMessages(this)
  }

  /** What this turn holds cannot be stored: the result that brought it fails, or the start is refused, or the run is parked. */
  #unstorable(open: OpenTurn, verdict: Verdict & { kind: 'unstorable' }): void {
    if (this.#birth !== null) {
      this.#born(verdict)
      return this.leave()
    }
    if (this.#spoiled) return this.#host.parkRun(this, verdict.error)
    this.#spoiled = true
    this.#drop(open.inputs.map(refusedResult), verdict)
  }

  /**
   * The state has seen what the store has not: it is loaded again, and what the history lacks is fed again. Never its
   * start and what came with it: a run that the store has was written with them, and fed twice the whole document would
   * run twice.
   */
  #drop(inputs: readonly QueuedInput[], verdict: Verdict): void {
    this.#born(verdict)
    this.#phase = 'lost'
    this.#live.drop()
    this.#host.heap.remove(this)
    this.#host.lost(this, inputs[0]?.event.type === 'WorkflowExecutionStarted' ? [] : inputs)
  }

  #born(birth: Birth): void {
    const waiting = this.#birth
    this.#birth = null
    waiting?.settle(birth)
  }

  /** The node stops and the store has not answered: whether the start was written is not known. */
  unanswered(): void {
    this.#born({ kind: 'unknown', error: new Error('this node stopped before the store answered') })
  }

  /** Called by the host where the first turn could not be made at all. */
  stillborn(error: unknown): boolean {
    if (this.#birth === null) return false
    this.#born({ kind: 'failed', error })
    return true
  }

  #sleep(): void {
    this.#phase = 'idle'
    // What is held goes on when the node may act; until then its time is over but nothing can be done.
    this.#host.heap.set(this, this.activities.held ? null : this.#live.wakeAt)
  }

  async #runInspections(): Promise<void> {
    while (this.#inspections.length > 0) {
      const waiting = this.#inspections
      this.#inspections = []
      for (const inspection of waiting) await inspection()
    }
  }

  #endInspections(): void {
    const waiting = this.#inspections
    this.#inspections = []
    for (const inspection of waiting) void inspection()
  }
}

const verdictCommitted: Verdict = { kind: 'committed' }
const verdictFenced: Verdict = { kind: 'fenced' }

/** The run left this process while someone waited to see it: ask the store instead. */
export class RunGone extends Error {
  constructor() {
    super('the run is no longer loaded here')
    this.name = 'RunGone'
  }
}

function refusedResult(input: QueuedInput): QueuedInput {
  const { event } = input
  if (event.type !== 'ActivityTaskCompleted') return input
  return {
    ...input,
    event: {
      type: 'ActivityTaskFailed',
      timestamp: event.timestamp,
      activityId: event.activityId,
      attempt: event.attempt,
      error: {
        type: 'ActivityOutputInvalid',
        message: 'the database refused what this result led to: it holds text that cannot be stored',
        retryable: false,
      },
    },
  }
}
