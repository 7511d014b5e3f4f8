/**
 * What a run has been given and no committed turn has taken yet. Owns the order, the cut of a turn and the times.
 * Called by `live-state.ts` alone.
 */
import type { InputEvent, Instant } from '../../interpreter/events.ts'

export interface QueuedInput {
  /** Stamped with its arrival; raised when taken, so that event time never runs backwards. */
  readonly event: InputEvent
  /** Estimate of its size as JSON. */
  readonly bytes: number
  /** Of a message: its sequence in the inbox. Null: an outcome of this process, which only this queue knows. */
  readonly seq: number | null
}

export class InputQueue {
  #items: QueuedInput[] = []
  #head = 0
  /** So many of the first are in a turn that is being made, which may take a while: nothing is put between them. */
  #lent = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  /** Terminations stay last, in their order: what was accepted before them is recorded before the run closes (keeps I5). */
  push(item: QueuedInput): void {
    const first = this.#head + this.#lent
    let place = this.#items.length
    if (!isTermination(item)) while (place > first && isTermination(this.#items[place - 1])) place -= 1
    if (place === this.#items.length) this.#items.push(item)
    else this.#items.splice(place, 0, item)
  }

  at(index: number): QueuedInput | undefined {
    return this.#items[this.#head + index]
  }

  /** The first `count` go into a turn; how many of them it used is said by `take`. */
  lend(count: number): void {
    this.#lent = count
  }

  /** Removes the first `count`. */
  take(count: number): readonly QueuedInput[] {
    this.#lent = 0
    if (count === 0) return none
    const taken = this.#items.slice(this.#head, this.#head + count)
    this.#head += count
    if (this.#head === this.#items.length) {
      this.#items.length = 0
      this.#head = 0
    } else if (this.#head > 1_000) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return taken
  }

  /**
   * After a reload: the inbox as the store has it (which has seen `loadedTo`), then what only this process knows,
   * `returned` (of the turn that failed) before what came later. Messages go first, so that a close that had not seen
   * one takes it before it is tried again (keeps I5).
   */
  restore(messages: readonly QueuedInput[], loadedTo: number, returned: readonly QueuedInput[]): void {
    const last = messages.at(-1)?.seq ?? loadedTo
    // A message that came since the inbox was read is not in it.
    const rest = [...returned, ...this.#items.slice(this.#head)].filter(
      (item) => item.seq === null || item.seq > last,
    )
    this.clear()
    for (const item of messages) this.push(item)
    for (const item of rest) this.push(item)
  }

  clear(): void {
    this.#items = []
    this.#head = 0
    this.#lent = 0
  }
}

function isTermination(item: QueuedInput | undefined): boolean {
  return item?.event.type === 'WorkflowExecutionTerminated'
}

const none: readonly QueuedInput[] = []

/** The inputs of one turn, and which of them come from where: [continuation][queue before due][due][queue after due]. */
export interface Gathered {
  readonly events: readonly InputEvent[]
  readonly continuation: 0 | 1
  readonly early: number
  readonly due: number
}

export interface GatherOptions {
  readonly now: Instant
  /** The time of the run's last event. */
  readonly floor: Instant
  /** The turn before was cut. */
  readonly continues: boolean
  /** Timers and deadlines that have passed, and when the first of them was due. */
  readonly due: readonly InputEvent[]
  readonly dueAt: Instant
  readonly maximumInputs: number
  readonly maximumBytes: number
}

/** Outcomes are taken as fast as the store writes: a copy of each would be felt (4 % of a step), and most did not wait. */
const outcomeDelayMs = 1_000

/**
 * What waited, for this node or for the store, happens when it is taken: what begins with it has its whole time. When it
 * came decides the order alone. A caller's start has the time that its row has.
 */
function isLate({ event, seq }: QueuedInput, now: Instant): boolean {
  if (seq !== null) return event.timestamp < now
  return now - event.timestamp >= outcomeDelayMs && event.type !== 'WorkflowExecutionStarted'
}

/**
 * What had arrived before the first timer was due comes before it. At the same instant an outcome comes before the
 * timer (what ends in time is in time) and a message after it.
 */
export function gather(queue: InputQueue, options: GatherOptions): Gathered | null {
  const { due, dueAt, maximumInputs, maximumBytes } = options
  if (queue.length === 0 && due.length === 0 && !options.continues) return null
  const events: InputEvent[] = []
  let time = options.floor
  const add = (event: InputEvent) => {
    if (event.timestamp >= time) {
      time = event.timestamp
      events.push(event)
    } else {
      events.push({ ...event, timestamp: time })
    }
  }
  const continuation = options.continues ? 1 : 0
  if (options.continues) add({ type: 'WorkflowTaskContinued', timestamp: options.now })
  let bytes = 0
  let taken = 0
  const fits = (item: QueuedInput) =>
    taken === 0 || (events.length < maximumInputs && bytes + item.bytes <= maximumBytes)
  const takeWhile = (wanted: (item: QueuedInput) => boolean) => {
    for (
      let item = queue.at(taken);
      item !== undefined && wanted(item) && fits(item);
      item = queue.at(taken)
    ) {
      add(isLate(item, options.now) ? { ...item.event, timestamp: options.now } : item.event)
      bytes += item.bytes
      taken += 1
    }
  }
  const isEarly = ({ event, seq }: QueuedInput) =>
    event.timestamp < dueAt || (seq === null && event.timestamp === dueAt)
  if (due.length > 0) takeWhile(isEarly)
  const early = taken
  const dueNow = due.length > maximumInputs ? due.slice(0, maximumInputs) : due
  for (const event of dueNow) add(event)
  if (dueNow.length === due.length) takeWhile(() => true)
  queue.lend(taken)
  // A start is recorded with its outcome: the two stay in one turn.
  const last = queue.at(taken - 1)
  const next = queue.at(taken)
  if (taken > early + 1 && last?.event.type === 'ActivityTaskStarted' && next !== undefined) events.pop()
  return { events, continuation, early, due: dueNow.length }
}

/** How many of the queue a turn has used that looked at `looked` of the gathered inputs. */
export function usedOfQueue(gathered: Gathered, looked: number): number {
  const afterContinuation = Math.max(0, looked - gathered.continuation)
  const early = Math.min(afterContinuation, gathered.early)
  return early + Math.max(0, afterContinuation - gathered.early - gathered.due)
}
