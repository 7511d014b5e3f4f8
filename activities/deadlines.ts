/**
 * The deadlines of all attempts of a process behind one timer.
 *
 * Attempts with the same timeout expire in the order in which they were added, so one linked list per timeout keeps
 * them in order: adding, removing and renewing (a heartbeat) touch two neighbours, and a no-op activity costs no
 * timer of its own (`setTimeout` and `clearTimeout` for each are about 1 µs and keep garbage). The one timer stands
 * at the earliest deadline there was; it is not moved when that attempt ends, but looks again when it fires.
 */
import type { ActivityClock } from './clock.ts'

/** One deadline of an owner; holds its place in the list. Made once for each attempt and kind of timeout. */
export class Deadline<Owner> {
  readonly owner: Owner
  readonly kind: 'StartToClose' | 'Heartbeat'
  at = 0
  list: DeadlineList<Owner> | null = null
  before: Deadline<Owner> | null = null
  after: Deadline<Owner> | null = null

  constructor(owner: Owner, kind: 'StartToClose' | 'Heartbeat') {
    this.owner = owner
    this.kind = kind
  }
}

interface DeadlineList<Owner> {
  first: Deadline<Owner> | null
  last: Deadline<Owner> | null
}

export class Deadlines<Owner> {
  readonly #clock: ActivityClock
  readonly #expired: (deadline: Deadline<Owner>) => void
  readonly #byTimeoutMs = new Map<number, DeadlineList<Owner>>()
  #timer: { cancel(): void } | null = null
  #timerAt = Number.POSITIVE_INFINITY

  constructor(clock: ActivityClock, expired: (deadline: Deadline<Owner>) => void) {
    this.#clock = clock
    this.#expired = expired
  }

  /** Starts (or starts anew) a deadline `timeoutMs` after `from`. */
  set(deadline: Deadline<Owner>, timeoutMs: number, from: number): void {
    if (deadline.list !== null) unlink(deadline)
    let list = this.#byTimeoutMs.get(timeoutMs)
    if (list === undefined) {
      list = { first: null, last: null }
      this.#byTimeoutMs.set(timeoutMs, list)
    }
    deadline.at = from + timeoutMs
    link(list, deadline)
    if (deadline.at < this.#timerAt) this.#arm(deadline.at)
  }

  remove(deadline: Deadline<Owner>): void {
    if (deadline.list !== null) unlink(deadline)
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#timerAt = Number.POSITIVE_INFINITY
    this.#byTimeoutMs.clear()
  }

  #arm(at: number): void {
    this.#timer?.cancel()
    this.#timerAt = at
    this.#timer = this.#clock.schedule(at, () => this.#fire())
  }

  #fire(): void {
    this.#timer = null
    this.#timerAt = Number.POSITIVE_INFINITY
    const now = this.#clock.now()
    let earliest = Number.POSITIVE_INFINITY
    const expired: Deadline<Owner>[] = []
    for (const [timeoutMs, list] of this.#byTimeoutMs) {
      while (list.first !== null && list.first.at <= now) {
        expired.push(list.first)
        unlink(list.first)
      }
      if (list.first === null) this.#byTimeoutMs.delete(timeoutMs)
      else if (list.first.at < earliest) earliest = list.first.at
    }
    if (earliest < this.#timerAt) this.#arm(earliest)
    for (const deadline of expired) this.#expired(deadline)
  }
}

/** At the end, or before those that are later: only an attempt that goes on after a restart is not the last. */
function link<Owner>(list: DeadlineList<Owner>, deadline: Deadline<Owner>): void {
  let before = list.last
  while (before !== null && before.at > deadline.at) before = before.before
  const after = before === null ? list.first : before.after
  deadline.list = list
  deadline.before = before
  deadline.after = after
  if (before === null) list.first = deadline
  else before.after = deadline
  if (after === null) list.last = deadline
  else after.before = deadline
}

function unlink<Owner>(deadline: Deadline<Owner>): void {
  const { list, before, after } = deadline
  if (list === null) return
  if (before === null) list.first = after
  else before.after = after
  if (after === null) list.last = before
  else after.before = before
  deadline.list = null
  deadline.before = null
  deadline.after = null
}
