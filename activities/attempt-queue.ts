/**
 * The attempts of this process that wait for a place, and the places: a limit for all and one per activity. Owns who
 * is next (by priority, then runs in turn); what starting means is `runner.ts`'s business.
 *
 * An attempt whose activity is at its own limit steps aside and is started when one of that activity ends, so that it
 * holds nobody up. Nothing starts inside `put`: the engine dispatches from its commit loop.
 */
import type { Attempt, Lane } from './attempt.ts'
import { startsPerSlice } from './limits.ts'
import { PriorityQueue } from './priority-queue.ts'
import type { RegisteredActivity } from './registry.ts'

interface LaneQueue extends Lane {
  readonly aside: PriorityQueue<Attempt>
}

export class AttemptQueue {
  readonly #maxConcurrent: number
  readonly #start: (attempt: Attempt) => void
  readonly #waiting = new PriorityQueue<Attempt>()
  readonly #lanes = new Map<RegisteredActivity, LaneQueue>()
  /** Lanes in which a place came free while attempts stood aside. */
  readonly #freed: LaneQueue[] = []
  #running = 0
  #started = 0
  #scheduled = false

  constructor(maxConcurrent: number, start: (attempt: Attempt) => void) {
    this.#maxConcurrent = maxConcurrent
    this.#start = start
  }

  get running(): number {
    return this.#running
  }

  /** Null: the activity has no limit of its own. */
  laneOf(activity: RegisteredActivity): Lane | null {
    const limit = activity.definition.maxConcurrent
    if (limit === undefined) return null
    let lane = this.#lanes.get(activity)
    if (lane === undefined) {
      lane = { limit, running: 0, aside: new PriorityQueue() }
      this.#lanes.set(activity, lane)
    }
    return lane
  }

  put(attempt: Attempt): void {
    put(this.#waiting, attempt)
    this.#schedule()
  }

  remove(attempt: Attempt): void {
    const { runId, priority } = attempt.task
    const waiting = this.#waiting.remove(priority ?? 0, runId, attempt)
    if (!waiting) this.#lanes.get(attempt.activity)?.aside.remove(priority ?? 0, runId, attempt)
  }

  /** A started attempt no longer holds its place. */
  left(attempt: Attempt): void {
    this.#running--
    if (attempt.lane !== null) {
      attempt.lane.running--
      const lane = this.#lanes.get(attempt.activity)
      if (lane !== undefined && lane.aside.size > 0) this.#freed.push(lane)
    }
    if (this.#waiting.size > 0 || this.#freed.length > 0) this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled || this.#running >= this.#maxConcurrent) return
    this.#scheduled = true
    // A microtask is the shortest way; once in a while timers and the network get their turn, since activities that
    // end at once would otherwise go round in microtasks for as long as there are any.
    if (this.#started < startsPerSlice) queueMicrotask(this.#fill)
    else {
      this.#started = 0
      setImmediate(this.#fill)
    }
  }

  readonly #fill = (): void => {
    try {
      while (this.#running < this.#maxConcurrent && this.#started < startsPerSlice) {
        const attempt = this.#next()
        if (attempt === undefined) break
        this.#running++
        this.#started++
        if (attempt.lane !== null) attempt.lane.running++
        this.#start(attempt)
      }
    } finally {
      // Held until here, so that attempts that end inside this loop do not schedule another one.
      this.#scheduled = false
    }
    if (this.#waiting.size > 0 || this.#freed.length > 0) this.#schedule()
  }

  #next(): Attempt | undefined {
    for (let lane = this.#freed.shift(); lane !== undefined; lane = this.#freed.shift())
      if (lane.running < lane.limit) {
        const attempt = lane.aside.take()
        if (attempt !== undefined) return attempt
      }
    for (let attempt = this.#waiting.take(); attempt !== undefined; attempt = this.#waiting.take()) {
      if (attempt.lane === null || attempt.lane.running < attempt.lane.limit) return attempt
      const lane = this.#lanes.get(attempt.activity)
      if (lane !== undefined) put(lane.aside, attempt)
    }
    return undefined
  }
}

function put(queue: PriorityQueue<Attempt>, attempt: Attempt): void {
  queue.put(attempt.task.priority ?? 0, attempt.task.runId, attempt)
}
