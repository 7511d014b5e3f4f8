/**
 * One loaded run: takes what happened to it turn by turn, through reduce, commit and dispatch.
 * Owns the live state and the order of these three; one of them at a time. Batching is the committer's, what a message
 * or a result is the caller's, who may own the run `ownership.ts`'s. Made and kept by `loaded-runs.ts`.
 */
import type { AttemptOutcome } from '../activities/contract.ts'
import type { InputEvent, Instant, PendingId, StoredEvent } from '../interpreter/events.ts'
import type { Program } from '../interpreter/program.ts'
import type { TurnResult } from '../interpreter/reducer-contract.ts'
import type { State } from '../interpreter/state.ts'
import type { AttemptRecord, NewRun, RunChange, Turn } from '../storage/contract.ts'
import type { Verdict } from './committer.ts'
import type { ExecutionHost } from './execution-host.ts'
import { faultPoint } from './fault-points.ts'
import { type Gathered, gather, InputQueue, type QueuedInput, usedOfQueue } from './input-queue.ts'
import type { Folded } from './load.ts'
import { inputsOfOutcome } from './outcomes.ts'
import { RunActivities, type RunIdentity } from './run-activities.ts'
import { closeOf, snapshotDue, snapshotOf } from './turn.ts'
import type { Sleeper } from './wake-heap.ts'

/**
 * `idle`: nothing to do until an input or its wake time. `working`: in a turn. `lost`: its state was dropped, it is
 * being loaded again. `gone`: closed, released, parked or of another node; takes nothing any more.
 */
export type ExecutionPhase = 'idle' | 'working' | 'lost' | 'gone'

/** How the first turn of a new run ended. */
export type Birth = Verdict | { readonly kind: 'failed'; readonly error: unknown }

/** What a turn took and gave, kept until the store has said yes or no. */
interface OpenTurn {
  readonly inputs: readonly QueuedInput[]
  readonly outcomes: readonly PendingId[]
  readonly result: TurnResult | null
  readonly turn: Turn
}

export class Execution implements Sleeper {
  readonly identity: RunIdentity
  readonly program: Program
  readonly activities: RunActivities
  readonly #host: ExecutionHost
  #phase: ExecutionPhase = 'idle'
  #state: State | null = null
  #queue = new InputQueue()
  #inspections: (() => Promise<void>)[] = []
  /** The first turn brings the run. */
  #birth: { readonly start: NewRun; readonly settle: (birth: Birth) => void } | null = null
  #nextEventId = 1
  #continues = false
  /** A close or release that had not seen a message was refused: the next turn takes all that is there. */
  #takesAll = false
  #seenMessage = 0
  /** Highest sequence that was queued, so that a message is not taken twice. */
  #lastMessage = 0
  /** Taken by turns that recorded nothing; deleted with the next turn that is written. */
  #takenMessages: number[] = []
  #bytesSinceSnapshot = 0
  #snapshotBytes = 0
  #wakeAt: Instant | null = null
  heapIndex = -1
  heapAt = 0
  /** Set while the inputs of this run spoiled a commit once: the second time it is parked. */
  #spoiled = false

  constructor(host: ExecutionHost, identity: RunIdentity, program: Program) {
    this.#host = host
    this.identity = identity
    this.program = program
    this.activities = new RunActivities(identity, host, (activityId, attempt, outcome) =>
      this.#reported(activityId, attempt, outcome),
    )
  }

  get runId(): string {
    return this.identity.runId
  }

  get phase(): ExecutionPhase {
    return this.#phase
  }

  /** The messages that came after this one are not known here. */
  get lastMessage(): number {
    return this.#lastMessage
  }

  /** Events that are committed. */
  get historyLength(): number {
    return this.#nextEventId - 1
  }

  /** Estimate of the memory that its state takes. */
  get bytes(): number {
    return this.#snapshotBytes + this.#bytesSinceSnapshot
  }

  /** A new run: `settle` is called once, when its first turn is written or refused. */
  bear(start: NewRun, first: QueuedInput, settle: (birth: Birth) => void): void {
    this.#birth = { start, settle }
    this.feed(first)
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
    this.#state = folded.state
    this.#nextEventId = folded.nextEventId
    this.#continues = folded.continues
    this.#bytesSinceSnapshot = folded.bytesSinceSnapshot
    this.#snapshotBytes = folded.snapshotBytes
    this.#takenMessages = []
    const first = messages[0]?.seq
    this.#seenMessage = first === undefined || first === null ? lastMessage : first - 1
    this.#lastMessage = Math.max(this.#lastMessage, messages.at(-1)?.seq ?? lastMessage)
    this.#queue.restore(messages, lastMessage, returned)
    for (const record of attempts) this.activities.remember(record)
    this.#phase = 'idle'
    if (folded.state !== null) this.activities.reconcile(folded.state, this.#host.clock.now())
    this.#wakeAt = longAgo
    this.wake()
  }

  feed(input: QueuedInput): void {
    if (this.#phase === 'gone') return
    if (input.seq !== null) {
      if (input.seq <= this.#lastMessage) return
      this.#lastMessage = input.seq
    }
    this.#queue.push(input)
    this.wake()
  }

  /** Sees the state between two turns, with all that was committed and nothing else. */
  inspect<T>(look: (state: State) => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#phase === 'gone') return reject(new RunGone())
      this.#inspections.push(async () => {
        if (this.#state === null) return reject(new RunGone())
        try {
          resolve(await look(this.#state))
        } catch (thrown) {
          reject(thrown)
        }
      })
      this.wake()
    })
  }

  /** Its time in the heap has come. */
  due(): void {
    this.wake()
  }

  /** The node may act again: what was held is dispatched. */
  release(): void {
    if (!this.activities.held) return
    this.activities.held = false
    this.#wakeAt = longAgo
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
    this.#queue.clear()
    this.#state = null
    if (!wasWorking) this.#endInspections()
    this.#host.gone(this)
  }

  #reported(activityId: PendingId, attempt: number, outcome: AttemptOutcome): void {
    if (this.#phase === 'gone' || !this.#host.takesOutcomes()) return
    faultPoint('beforeResultCommit')
    const { clock, payloadBytes } = this.#host
    for (const input of inputsOfOutcome(activityId, attempt, outcome, clock.now(), payloadBytes)) {
      this.#queue.push(input)
    }
    this.wake()
  }

  async #work(): Promise<void> {
    try {
      while (this.#phase === 'working') {
        await this.#runInspections()
        const now = this.#host.clock.now()
        const open = await this.#openTurn(now)
        if (this.#phase !== 'working') break
        if (open === null) {
          if (this.#goesOn(now)) continue
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
      this.#host.parkRun(this, thrown)
    } finally {
      if (this.#isGone()) this.#endInspections()
      this.#host.busy.leave()
    }
  }

  /** Control flow analysis does not see that an await may have changed the phase. */
  #isWorking(): boolean {
    return this.#phase === 'working'
  }

  #isGone(): boolean {
    return this.#phase === 'gone'
  }

  /** Null: there is nothing to write. */
  async #openTurn(now: Instant): Promise<OpenTurn | null> {
    const gathered = this.#gather(now)
    if (gathered === null) return this.#mayRelease(now) ? this.#releaseTurn() : null
    const before = this.#state
    const result = await this.#host.interpreter.reduce(this.program, before, gathered.events)
    if (this.#phase !== 'working') return null
    const inputs = this.#queue.take(usedOfQueue(gathered, result.taken))
    this.#state = result.state
    this.#continues = result.continues
    this.#takesAll = false
    const outcomes: PendingId[] = []
    for (const { event, seq } of inputs) {
      if (seq !== null) {
        this.#takenMessages.push(seq)
        if (seq > this.#seenMessage) this.#seenMessage = seq
      } else if ('activityId' in event && event.type !== 'ActivityTaskStarted') {
        outcomes.push(event.activityId)
      }
    }
    const change =
      closeOf(result.state) ?? (this.#mayReleaseAfter(result, now) ? this.#releaseChange() : null)
    if (result.events.length === 0 && change === null) {
      // Nothing of it meant anything; what it took is deleted with the next turn.
      this.activities.settle(result.state, outcomes)
      this.activities.carryOut(result.effects, result.state, now)
      return this.#openTurn(now)
    }
    return { inputs, outcomes, result, turn: this.#turnOf(result.state, result.events, change, outcomes) }
  }

  #gather(now: Instant): Gathered | null {
    const state = this.#state
    const { interpreter, settings } = this.#host
    const wakeAt = this.#wakeAt
    const due: readonly InputEvent[] =
      state !== null && wakeAt !== null && wakeAt <= now
        ? interpreter.dueInputs(state, now, this.activities)
        : noInputs
    return gather(this.#queue, {
      now,
      floor: state?.now ?? 0,
      continues: this.#continues,
      due,
      dueAt: state === null ? now : dueTime(state, due[0], now),
      maximumInputs: this.#takesAll ? Number.POSITIVE_INFINITY : settings.turnInputs,
      maximumBytes: this.#takesAll ? Number.POSITIVE_INFINITY : settings.turnBytes,
    })
  }

  #turnOf(
    state: State,
    events: readonly StoredEvent[],
    change: RunChange | null,
    outcomes: readonly PendingId[],
  ): Turn {
    const text = events.length === 0 ? '[]' : JSON.stringify(events)
    const bytesSince = this.#bytesSinceSnapshot + text.length
    const takesSnapshot =
      change?.kind !== 'close' &&
      snapshotDue(bytesSince, this.#snapshotBytes, this.#host.settings.snapshotBytes)
    const ended = this.activities.endedRecords(state, outcomes)
    return {
      runId: this.runId,
      firstEventId: this.#nextEventId,
      eventCount: events.length,
      events: text,
      start: this.#birth?.start ?? null,
      change,
      seenMessage: this.#seenMessage,
      takenMessages: this.#takenMessages,
      ...(ended.length > 0 && { endedActivities: ended }),
      snapshot: takesSnapshot ? snapshotOf(state, this.#nextEventId + events.length - 1) : null,
    }
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

  #committed({ turn, result, outcomes }: OpenTurn): void {
    this.#spoiled = false
    this.#takenMessages = []
    const firstEventId = this.#nextEventId
    this.#nextEventId += turn.eventCount
    this.#bytesSinceSnapshot += turn.events.length
    if (turn.snapshot !== null) {
      this.#snapshotBytes = turn.snapshot.state.length
      this.#bytesSinceSnapshot = 0
    }
    faultPoint('afterCommitBeforeDispatch')
    const state = this.#state
    const host = this.#host
    // A start for which there was no room is claimed by whoever has some.
    const isOfOthers = turn.start !== null && !turn.start.owned
    if (turn.change !== null || isOfOthers) {
      if (result !== null) host.published(this, firstEventId, result.events)
      this.leave()
      if (turn.change?.kind === 'close') host.closed(this, turn.change)
      else host.released(this, turn.change === null ? host.clock.now() : turn.change.wakeAt)
      this.#born(verdictCommitted)
      return
    }
    if (result !== null && state !== null) {
      this.activities.settle(state, outcomes)
      this.activities.carryOut(result.effects, state, host.clock.now())
      this.#setWake(state)
      host.published(this, firstEventId, result.events)
    }
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
      this.#takesAll = true
      return this.#drop(open.inputs, verdict)
    }
    // The decisions stand, only the release does not: the same turn without it, then the message.
    const { result, turn } = open
    const kept: Turn = { ...turn, change: null }
    if (kept.eventCount > 0) {
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

  /** The state has seen what the store has not: it is loaded again, and what the history lacks is fed again. */
  #drop(inputs: readonly QueuedInput[], verdict: Verdict): void {
    this.#born(verdict)
    this.#phase = 'lost'
    this.#state = null
    this.#host.heap.remove(this)
    this.#host.lost(this, inputs)
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

  // ------------------------------------------------------------------ waiting

  /** Pauses that are over are dispatched without a turn; true where that, or anything else, gave something to do. */
  #goesOn(now: Instant): boolean {
    const state = this.#state
    if (state !== null && this.#wakeAt !== null && this.#wakeAt <= now) {
      for (const activityId of this.#host.interpreter.outstandingActivities(state, now, this.activities)) {
        this.activities.dispatch(state, activityId, now)
      }
      this.#setWake(state)
    }
    return this.#queue.length > 0 || this.#continues || this.#inspections.length > 0
  }

  #setWake(state: State): void {
    this.#wakeAt = this.#host.interpreter.nextWakeAt(state, this.activities)
  }

  #sleep(): void {
    this.#phase = 'idle'
    // What is held goes on when the node may act; until then its time is over but nothing can be done.
    this.#host.heap.set(this, this.activities.held ? null : this.#wakeAt)
  }

  #mayReleaseAfter(result: TurnResult, now: Instant): boolean {
    if (result.continues || this.#continues || this.#queue.length > 0) return false
    for (const effect of result.effects) if (effect.kind === 'dispatchActivity') return false
    return this.#waitsFar(result.state, now)
  }

  #mayRelease(now: Instant): boolean {
    const state = this.#state
    if (state === null || this.#continues || this.#queue.length > 0) return false
    return this.#waitsFar(state, now)
  }

  /** No attempt is under way or could begin, and no timer is near. */
  #waitsFar(state: State, now: Instant): boolean {
    if (this.#inspections.length > 0 || this.#host.keepsRuns()) return false
    for (const pending of Object.values(state.activitiesPending)) {
      if (pending.retryAt === undefined || pending.retryAt <= now || pending.cancelRequested === true)
        return false
      if (this.activities.dispatched(pending.id, pending.attempt)) return false
    }
    this.#setWake(state)
    return this.#wakeAt === null || this.#wakeAt - now >= this.#host.settings.releaseAfterMs
  }

  #releaseChange(): RunChange {
    return { kind: 'release', wakeAt: this.#wakeAt }
  }

  #releaseTurn(): OpenTurn | null {
    const state = this.#state
    if (state === null) return null
    return {
      inputs: [],
      outcomes: [],
      result: null,
      turn: this.#turnOf(state, [], this.#releaseChange(), []),
    }
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

const noInputs: readonly [] = []
/** Look at once at what is due and what is outstanding. */
const longAgo: Instant = 0
const verdictCommitted: Verdict = { kind: 'committed' }

/** The run left this process while someone waited to see it: ask the store instead. */
export class RunGone extends Error {
  constructor() {
    super('the run is no longer loaded here')
    this.name = 'RunGone'
  }
}

/** When the first of what is due was due: what arrived before it comes before it. */
function dueTime(state: State, first: InputEvent | undefined, now: Instant): Instant {
  if (first?.type === 'TimerFired') return state.timers[first.timerId]?.fireAt ?? now
  if (first?.type !== 'ActivityTaskTimedOut') return now
  const pending = state.activitiesPending[first.activityId]
  return (first.kind === 'ScheduleToClose' ? pending?.scheduleToCloseAt : pending?.scheduleToStartAt) ?? now
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
