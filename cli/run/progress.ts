/**
 * The progress of one run on standard error: a line for each event worth one, and what it waits for once nothing has
 * happened for a moment. Owns when a line is due; the sentences are `narration/`. Called by `run`.
 */
import type { ExecutionDescription, HistoryEvent } from '../engine-types.ts'
import { Narrator } from '../narration/narrator.ts'
import { sentenceLine } from '../narration/sentence-line.ts'
import { showMoment } from '../narration/shown-event.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** Nothing new for so long: what the run waits for is worth a line. Shorter and each activity would get two lines. */
const quietMs = 400

export interface ProgressSource {
  describe(): Promise<ExecutionDescription>
}

export class Progress {
  readonly narrator = new Narrator()
  readonly #terminal: Terminal
  readonly #source: ProgressSource
  /** Added to what a wait for a message says: how one could come. */
  readonly #advice: string | null
  #lastEventId = 0
  #timer: NodeJS.Timeout | undefined
  #told = new Set<string>()
  #closed = false

  constructor(terminal: Terminal, source: ProgressSource, advice: string | null) {
    this.#terminal = terminal
    this.#source = source
    this.#advice = advice
  }

  /** Of an earlier process: remembered, not shown. */
  recall(events: readonly HistoryEvent[]): void {
    for (const event of events) {
      this.narrator.tell(event)
      this.#lastEventId = event.eventId
    }
  }

  show(events: readonly HistoryEvent[]): void {
    for (const event of events) {
      // The stream and the history that was recalled may overlap.
      if (event.eventId <= this.#lastEventId) continue
      this.#lastEventId = event.eventId
      const sentence = this.narrator.tell(event)
      const closing = /^WorkflowExecution(Completed|Failed|TimedOut|Canceled|Terminated)$/.test(event.type)
      // How it ended is told with the outcome.
      if (closing) this.#closed = true
      else if (!sentence.detail)
        this.#terminal.message(
          sentenceLine(sentence, event.timestamp, this.narrator.startedAtMs, this.#terminal.messageColours),
        )
    }
    this.watch()
  }

  /** Looks what the run waits for as soon as it is quiet. */
  watch(): void {
    clearTimeout(this.#timer)
    if (this.#closed) return
    this.#timer = setTimeout(() => {
      this.#source.describe().then(
        (description) => this.#tellWaits(description),
        // Closed or stopping: the outcome tells.
        () => undefined,
      )
    }, quietMs)
    this.#timer.unref()
  }

  stop(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #tellWaits(description: ExecutionDescription): void {
    if (this.#closed) return
    const { waitingFor: waits } = description
    const backingOff = new Set(
      description.pendingActivities.filter(({ state }) => state === 'backingOff').map(({ path }) => path),
    )
    const { messageColours: colours } = this.#terminal
    for (const wait of waits) {
      // A timer had its line when it started, a pause between attempts when the attempt failed.
      const told = wait.kind === 'timer' || (wait.path !== null && backingOff.has(wait.path))
      const key = `${wait.kind} ${wait.path} ${wait.text}`
      if (told || this.#told.has(key)) continue
      this.#told.add(key)
      const until = wait.until === null ? '' : `, until ${showMoment(wait.until, Date.now())}`
      this.#terminal.message(
        `${' '.repeat(11)}${colours.notice('…')} ${colours.strong(wait.path ?? 'run')}  ${wait.text}${until}`,
      )
    }
    const onlyMessages =
      waits.length > 0 && waits.every((wait) => wait.kind === 'signal' || wait.kind === 'condition')
    if (onlyMessages && this.#advice !== null && !this.#told.has('advice')) {
      this.#told.add('advice')
      this.#terminal.message(`${' '.repeat(13)}${this.#advice}`)
    }
  }
}
