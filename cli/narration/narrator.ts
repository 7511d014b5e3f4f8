/**
 * Tells a history in words: one sentence for each event, with the step and what it took. Owns the whole table of
 * sentences and the memory of one run; the sentences are in the files of their families, layout is the caller's.
 * Called by `run` for progress and by `history`.
 */
import { Memory } from './memory.ts'
import { activityTellers } from './of-activities.ts'
import { messageTellers } from './of-messages.ts'
import { otherTellers } from './of-others.ts'
import { runTellers } from './of-runs.ts'
import { timerTellers } from './of-timers.ts'
import type { Sentence, Tellers } from './sentence.ts'
import { type ShownEvent, toMs } from './shown-event.ts'

/** A new event does not compile until one of the families has its sentence. */
const tellers: Tellers = {
  ...runTellers,
  ...activityTellers,
  ...timerTellers,
  ...messageTellers,
  ...otherTellers,
}

export class Narrator {
  readonly #memory = new Memory()

  tell(event: ShownEvent): Sentence {
    // The table is keyed by the type of the event that it takes; the compiler cannot follow that through an index.
    const teller = tellers[event.type] as (event: ShownEvent, memory: Memory) => Sentence
    return teller(event, this.#memory)
  }

  /** When the run started; null before its first event. */
  get startedAtMs(): number | null {
    const { startedAt } = this.#memory
    return startedAt === null ? null : toMs(startedAt)
  }

  /** Of activities. */
  get attempts(): number {
    return this.#memory.attempts
  }

  /** Attempts that were not the first. */
  get retries(): number {
    return this.#memory.retries
  }
}
