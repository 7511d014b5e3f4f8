/**
 * What a loaded run knows between two turns: its state, the inputs that wait, and how far its history is written.
 * Owns the making of a turn (gather, reduce, release or close, snapshot); whether it is written, and what follows,
 * is `execution.ts`, the only caller.
 */
import type { InputEvent, Instant, PendingId, StoredEvent } from '../../interpreter/events.ts'
import type { Program } from '../../interpreter/program.ts'
import type { TurnResult } from '../../interpreter/reducer-contract.ts'
import type { State } from '../../interpreter/state.ts'
import {
  type NewRun,
  type RunChange,
  StorageUnavailableError,
  type Turn,
  type TurnSends,
} from '../../storage/contract.ts'
import { faultPoint } from '../fault-points.ts'
import { bringsReplies, sendsAnything } from '../sends/sends.ts'
import type { ExecutionHost } from './execution-host.ts'
import { type Gathered, gather, InputQueue, type QueuedInput, usedOfQueue } from './input-queue.ts'
import type { Folded } from './load.ts'
import type { RunActivities, RunIdentity } from './run-activities.ts'
import { closeOf, snapshotDue, snapshotOf } from './turn.ts'

/** What a turn took and gave, kept until the store has said yes or no. */
export interface OpenTurn {
  readonly inputs: readonly QueuedInput[]
  /** Activities whose outcome it took. */
  readonly outcomes: readonly PendingId[]
  /** Null: nothing was reduced, the run is let go of as it is. */
  readonly result: TurnResult | null
  readonly turn: Turn
}

/** What a turn sends could not be found out: it is not written, and its inputs are fed again. */
export class TurnInterrupted extends Error {
  readonly inputs: readonly QueuedInput[]
  override readonly cause: StorageUnavailableError

  constructor(inputs: readonly QueuedInput[], cause: StorageUnavailableError) {
    super(cause.message)
    this.name = 'TurnInterrupted'
    this.inputs = inputs
    this.cause = cause
  }
}

type Host = Pick<ExecutionHost, 'interpreter' | 'settings' | 'keepsRuns' | 'sends'>

export class LiveState {
  readonly #host: Host
  readonly #run: RunIdentity
  readonly #program: Program
  readonly #activities: RunActivities
  #state: State | null = null
  #queue = new InputQueue()
  #nextEventId = 1
  #continues = false
  #takesAll = false
  #seenMessage = 0
  /** Highest sequence that was queued, so that a message is not taken twice. */
  #lastMessage = 0
  /** What the store knows of how many messages the run has taken and not dealt with. */
  #pendingMessages = 0
  /** Taken by turns that recorded nothing; deleted with the next turn that is written. */
  #takenMessages: number[] = []
  #bytesSinceSnapshot = 0
  #snapshotBytes = 0
  #wakeAt: Instant | null = null
  /**
   * Without it a turn that an input brought takes only timers that are overdue: at the very instant of a deadline the
   * outcomes come first, also when the run was just loaded and its attempts have not told theirs again.
   */
  #isRipe = false
  /** A committed turn put messages into the run's own inbox, and none has come yet: it is not let go of meanwhile. */
  #awaitsReplies = false
  /** The last message that was known when the turn was made that sends. */
  #messagesBefore = 0

  constructor(host: Host, run: RunIdentity, program: Program, activities: RunActivities) {
    this.#host = host
    this.#run = run
    this.#program = program
    this.#activities = activities
  }

  /** Null before the first turn, and while it is being loaded again. */
  get state(): State | null {
    return this.#state
  }

  /** Its first turn is about to be made: there is nothing to see yet, and soon will be. */
  get isUnborn(): boolean {
    return this.#state === null && this.#queue.length > 0
  }

  get lastMessage(): number {
    return this.#lastMessage
  }

  get nextEventId(): number {
    return this.#nextEventId
  }

  get bytes(): number {
    return this.#snapshotBytes + this.#bytesSinceSnapshot
  }

  /** When it must be looked at though nothing arrives. */
  get wakeAt(): Instant | null {
    return this.#wakeAt
  }

  get hasInputs(): boolean {
    return this.#queue.length > 0 || this.#continues
  }

  adopt(
    folded: Folded,
    messages: readonly QueuedInput[],
    lastMessage: number,
    returned: readonly QueuedInput[],
  ): void {
    this.#state = folded.state
    this.#nextEventId = folded.nextEventId
    this.#continues = folded.continues
    this.#bytesSinceSnapshot = folded.bytesSinceSnapshot
    this.#snapshotBytes = folded.snapshotBytes
    this.#pendingMessages = this.#pendingOf(folded.state)
    this.#takenMessages = []
    this.#awaitsReplies = false
    const first = messages[0]?.seq
    this.#seenMessage = first === undefined || first === null ? lastMessage : first - 1
    this.#lastMessage = Math.max(this.#lastMessage, messages.at(-1)?.seq ?? lastMessage)
    this.#queue.restore(messages, lastMessage, returned)
    this.lookAtOnce()
  }

  push(input: QueuedInput): void {
    if (input.seq !== null) {
      if (input.seq <= this.#lastMessage) return
      this.#lastMessage = input.seq
      this.#awaitsReplies = false
    }
    this.#queue.push(input)
  }

  /** The state has seen what the store has not. Inputs that came since stay. */
  drop(): void {
    this.#state = null
  }

  clear(): void {
    this.#state = null
    this.#queue.clear()
  }

  /** A close had not seen a message: the next turn takes all that is there, or more messages than a turn takes would keep the run open for ever. */
  takeAllNext(): void {
    this.#takesAll = true
  }

  /** The clock has come to the wake time: what is due at this very millisecond counts too. */
  ripen(): void {
    this.#isRipe = true
  }

  /** Whatever is due or outstanding is looked for at the next turn. */
  lookAtOnce(): void {
    this.#wakeAt = longAgo
  }

  /**
   * Null: there is nothing to write. `alive` says after the reducer whether the run is still wanted.
   * Rejects with `TurnInterrupted` where the store cannot be reached.
   */
  async openTurn(now: Instant, start: NewRun | null, alive: () => boolean): Promise<OpenTurn | null> {
    for (;;) {
      const gathered = this.#gather(now)
      if (gathered === null) return this.#releaseTurn(now)
      const result = await this.#host.interpreter.reduce(this.#program, this.#state, gathered.events)
      if (!alive()) return null
      const { state, events } = result
      const inputs = this.#queue.take(usedOfQueue(gathered, result.taken))
      this.#state = state
      this.#continues = result.continues
      this.#takesAll = false
      const outcomes = this.#take(inputs)
      let sends: TurnSends | undefined
      if (sendsAnything(state, result.outgoing)) {
        sends = await this.#sendsOf(result, start, now, inputs)
        if (!alive()) return null
        faultPoint('afterSendsBeforeCommit')
      }
      const keeps = sends !== undefined && bringsReplies(sends)
      const change = closeOf(state) ?? (!keeps && this.#mayReleaseAfter(result, now) ? this.#release() : null)
      if (events.length > 0 || change !== null || sends !== undefined) {
        const turn = this.#turnOf(state, events, change, outcomes, start, sends)
        return { inputs, outcomes, result, turn }
      }
      // Nothing of it meant anything; what it took is deleted with the next turn.
      this.#activities.settle(state, outcomes)
      this.#activities.carryOut(result.effects, state, now)
    }
  }

  /** The turn is written. Its effects may go out now, NEVER before (keeps I1). */
  committed({ turn, outcomes }: OpenTurn): void {
    this.#takenMessages = []
    // A poll may have brought them while the commit was on its way back.
    const came = this.#lastMessage > this.#messagesBefore
    if (turn.sends !== undefined && bringsReplies(turn.sends)) this.#awaitsReplies = !came
    this.#pendingMessages = turn.pendingMessages ?? this.#pendingMessages
    this.#nextEventId += turn.eventCount
    this.#bytesSinceSnapshot += turn.events.length
    if (turn.snapshot !== null) {
      this.#snapshotBytes = turn.snapshot.state.length
      this.#bytesSinceSnapshot = 0
    }
    if (this.#state !== null) this.#activities.settle(this.#state, outcomes)
  }

  /** Dispatches attempts whose pause is over, which takes no turn. */
  dispatchDue(now: Instant): void {
    const state = this.#state
    if (state === null || this.#wakeAt === null || this.#wakeAt > now) return
    for (const activityId of this.#host.interpreter.outstandingActivities(state, now, this.#activities)) {
      this.#activities.dispatch(state, activityId, now)
    }
    this.reckonWake()
  }

  reckonWake(): void {
    if (this.#state !== null) {
      this.#wakeAt = this.#host.interpreter.nextWakeAt(this.#state, this.#activities)
    }
  }

  #gather(now: Instant): Gathered | null {
    const state = this.#state
    const { interpreter, settings } = this.#host
    const isDue = state !== null && this.#wakeAt !== null && this.#wakeAt <= now
    const due = isDue
      ? interpreter.dueInputs(state, this.#isRipe ? now : now - 1, this.#activities)
      : noInputs
    this.#isRipe = false
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

  /** What the reducer wants sent, found out before the commit that writes it. */
  async #sendsOf(
    { state, events, outgoing }: TurnResult,
    start: NewRun | null,
    now: Instant,
    inputs: readonly QueuedInput[],
  ): Promise<TurnSends | undefined> {
    const firstEventId = this.#nextEventId
    const run = this.#run
    this.#messagesBefore = this.#lastMessage
    try {
      return await this.#host.sends.of({ run, start, state, events, firstEventId, outgoing, now })
    } catch (thrown) {
      if (thrown instanceof StorageUnavailableError) throw new TurnInterrupted(inputs, thrown)
      throw thrown
    }
  }

  /** Gives the activities whose outcome is among the inputs. */
  #take(inputs: readonly QueuedInput[]): readonly PendingId[] {
    const outcomes: PendingId[] = []
    for (const { event, seq } of inputs) {
      if (seq !== null) {
        this.#takenMessages.push(seq)
        if (seq > this.#seenMessage) this.#seenMessage = seq
      } else if ('activityId' in event && event.type !== 'ActivityTaskStarted') {
        outcomes.push(event.activityId)
      }
    }
    return outcomes
  }

  #turnOf(
    state: State,
    events: readonly StoredEvent[],
    change: RunChange | null,
    outcomes: readonly PendingId[],
    start: NewRun | null,
    sends: TurnSends | undefined,
  ): Turn {
    const text = events.length === 0 ? '[]' : JSON.stringify(events)
    const bytesSince = this.#bytesSinceSnapshot + text.length
    const takesSnapshot =
      change?.kind !== 'close' &&
      snapshotDue(bytesSince, this.#snapshotBytes, this.#host.settings.snapshotBytes)
    const ended = this.#activities.endedRecords(state, outcomes)
    const pending = this.#pendingOf(state)
    return {
      runId: this.#run.runId,
      firstEventId: this.#nextEventId,
      eventCount: events.length,
      events: text,
      start,
      change,
      seenMessage: this.#seenMessage,
      takenMessages: this.#takenMessages,
      ...(pending !== this.#pendingMessages && { pendingMessages: pending }),
      ...(ended.length > 0 && { endedActivities: ended }),
      ...(sends !== undefined && { sends }),
      snapshot: takesSnapshot ? snapshotOf(state, this.#nextEventId + events.length - 1) : null,
    }
  }

  #pendingOf(state: State | null): number {
    return state === null ? 0 : this.#host.interpreter.pendingMessages(state)
  }

  #mayReleaseAfter(result: TurnResult, now: Instant): boolean {
    for (const effect of result.effects) if (effect.kind === 'dispatchActivity') return false
    return this.#waitsFar(result.state, now)
  }

  /** No input waits, no attempt is under way or could begin, and no timer is near. */
  #waitsFar(state: State, now: Instant): boolean {
    if (this.hasInputs || this.#awaitsReplies || this.#host.keepsRuns()) return false
    const isPaused = state.paused !== null
    for (const { id, attempt, retryAt, cancelRequested } of Object.values(state.activitiesPending)) {
      if (this.#activities.dispatched(id, attempt) || cancelRequested === true) return false
      // What a paused run would begin waits for its resume.
      if (!isPaused && (retryAt === undefined || retryAt <= now)) return false
    }
    this.reckonWake()
    return this.#wakeAt === null || this.#wakeAt - now >= this.#host.settings.releaseAfterMs
  }

  #release(): RunChange {
    return { kind: 'release', wakeAt: this.#wakeAt }
  }

  /** Lets go of a run that has nothing to do; null where it has, or is about to. */
  #releaseTurn(now: Instant): OpenTurn | null {
    const state = this.#state
    if (state === null || !this.#waitsFar(state, now)) return null
    const turn = this.#turnOf(state, [], this.#release(), [], null, undefined)
    return { inputs: [], outcomes: [], result: null, turn }
  }
}

const noInputs: readonly InputEvent[] = []
/** Look at once at what is due and what is outstanding. */
const longAgo: Instant = 0

/** When the first of what is due was due: what arrived before it comes before it. */
function dueTime(state: State, first: InputEvent | undefined, now: Instant): Instant {
  if (first?.type === 'TimerFired') return state.timers[first.timerId]?.fireAt ?? now
  if (first?.type !== 'ActivityTaskTimedOut') return now
  const pending = state.activitiesPending[first.activityId]
  return (first.kind === 'ScheduleToClose' ? pending?.scheduleToCloseAt : pending?.scheduleToStartAt) ?? now
}
