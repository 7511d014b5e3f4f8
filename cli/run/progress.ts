/**
 * The progress of one execution and its children on standard error: a line for each event worth one, and what it waits
 * for once nothing has happened for a moment. Owns when a line is due; the sentences are `narration/`, who belongs to
 * it is `run-family.ts`. Called by `run`.
 */
import type { ExecutionDescription, HistoryEvent } from '../engine-types.ts'
import { Narrator } from '../narration/narrator.ts'
import { sentenceLine } from '../narration/sentence-line.ts'
import { showMoment } from '../narration/shown-event.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { addressIn, type FamilyMember, isEnd, type Run } from './run-family.ts'

/** Nothing new for so long: what the run waits for is worth a line. Shorter and each activity would get two lines. */
const quietMs = 400
/** Of children that are waited for, so many are asked what they wait for themselves. */
const askedChildren = 10

export interface ProgressSource {
  /** Of the execution itself where no run is named. */
  describe(run?: Run): Promise<ExecutionDescription>
}

interface Told {
  readonly narrator: Narrator
  lastEventId: number
}

/** A wait with the address of its step, as progress shows it. */
interface ShownWait {
  readonly kind: ExecutionDescription['waitingFor'][number]['kind']
  readonly path: string | null
  readonly text: string
  readonly until: string | null
}

export class Progress {
  readonly #terminal: Terminal
  readonly #source: ProgressSource
  /** Added to what a wait for a message says: how one could come. */
  readonly #advice: string | null
  /** By run id; those that are open. */
  readonly #runs = new Map<string, Told>()
  #startedAtMs: number | null = null
  #attempts = 0
  #retries = 0
  #timer: NodeJS.Timeout | undefined
  #told = new Set<string>()
  #closed = false

  constructor(terminal: Terminal, source: ProgressSource, advice: string | null) {
    this.#terminal = terminal
    this.#source = source
    this.#advice = advice
  }

  /** When the first run that is known of started; null before its first event. */
  get startedAtMs(): number | null {
    return this.#startedAtMs
  }

  /** Of activities, those of children included. */
  get attempts(): number {
    return this.#sum(this.#attempts, (narrator) => narrator.attempts)
  }

  /** Attempts that were not the first. */
  get retries(): number {
    return this.#sum(this.#retries, (narrator) => narrator.retries)
  }

  /** Of an earlier process: remembered, not shown. */
  recall(run: Run, member: FamilyMember, events: readonly HistoryEvent[]): void {
    const told = this.#toldOf(run)
    for (const event of events) {
      told.narrator.tell(event)
      told.lastEventId = event.eventId
    }
    this.#noteStart(member, told)
  }

  show(run: Run, member: FamilyMember, events: readonly HistoryEvent[]): void {
    const told = this.#toldOf(run)
    for (const event of events) {
      // The stream and the history that was recalled may overlap.
      if (event.eventId <= told.lastEventId) continue
      told.lastEventId = event.eventId
      const sentence = told.narrator.tell(event)
      this.#noteStart(member, told)
      if (isEnd(event) || event.type === 'WorkflowExecutionContinuedAsNew') this.#leave(run, told)
      if (isEnd(event) && member.prefix === null) this.#closed = true
      if (sentence.detail === true || (isEnd(event) && isToldElsewhere(member))) continue
      const placed = { ...sentence, path: addressIn(member, sentence.path) }
      this.#terminal.message(
        sentenceLine(placed, event.timestamp, this.#startedAtMs, this.#terminal.messageColours),
      )
    }
    this.watch()
  }

  /** Looks what the run waits for as soon as it is quiet. */
  watch(): void {
    clearTimeout(this.#timer)
    if (this.#closed) return
    this.#timer = setTimeout(() => {
      this.#waits().then(
        (waits) => this.#tellWaits(waits),
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

  #sum(closed: number, of: (narrator: Narrator) => number): number {
    let sum = closed
    for (const { narrator } of this.#runs.values()) sum += of(narrator)
    return sum
  }

  #toldOf({ runId }: Run): Told {
    const known = this.#runs.get(runId)
    if (known !== undefined) return known
    const made = { narrator: new Narrator(), lastEventId: 0 }
    this.#runs.set(runId, made)
    return made
  }

  #noteStart(member: FamilyMember, { narrator }: Told): void {
    if (member.prefix === null) this.#startedAtMs ??= narrator.startedAtMs
  }

  #leave({ runId }: Run, { narrator }: Told): void {
    this.#runs.delete(runId)
    this.#attempts += narrator.attempts
    this.#retries += narrator.retries
  }

  /** What it waits for; in place of a child that it waits for, what the child does. */
  async #waits(run?: Run, prefix: string | null = null): Promise<readonly ShownWait[]> {
    const description = await this.#source.describe(run)
    const place = (path: string | null) => addressIn({ workflowId: '', prefix, abandoned: false }, path)
    // A timer had its line when it started, a pause between attempts when the attempt failed.
    const backingOff = new Set(
      description.pendingActivities.filter(({ state }) => state === 'backingOff').map(({ path }) => path),
    )
    const own = description.waitingFor
      .filter(({ kind, path }) => kind !== 'timer' && !(path !== null && backingOff.has(path)))
      .map(({ kind, path, text, until }) => ({ kind, path: place(path), text, until }))
    const children = description.pendingChildren.slice(0, askedChildren)
    const below = await Promise.all(
      children.map(async (child) => {
        const path = place(child.path)
        return { path, waits: await this.#waits(child, path).catch(() => []) }
      }),
    )
    // That a child is under way was told when it started.
    const told = new Set(below.map(({ path }) => path))
    return [
      ...own.filter(({ kind, path }) => kind !== 'child' || !told.has(path)),
      ...below.flatMap(({ waits }) => waits),
    ]
  }

  #tellWaits(waits: readonly ShownWait[]): void {
    if (this.#closed) return
    const { messageColours: colours } = this.#terminal
    for (const { kind, path, text, until } of waits) {
      const key = `${kind} ${path} ${text}`
      if (this.#told.has(key)) continue
      this.#told.add(key)
      const moment = until === null ? '' : `, until ${showMoment(until, Date.now())}`
      this.#terminal.message(
        `${' '.repeat(11)}${colours.notice('…')} ${colours.strong(path ?? 'run')}  ${text}${moment}`,
      )
    }
    const onlyMessages = waits.length > 0 && waits.every(({ kind }) => byMessage.has(kind))
    if (onlyMessages && this.#advice !== null && !this.#told.has('advice')) {
      this.#told.add('advice')
      this.#terminal.message(`${' '.repeat(13)}${this.#advice}`)
    }
  }
}

const byMessage: ReadonlySet<ShownWait['kind']> = new Set(['signal', 'condition', 'transition', 'paused'])

/** How the execution itself ended is told with the outcome; how a child did, by its parent, unless that let it go. */
function isToldElsewhere(member: FamilyMember): boolean {
  return member.prefix === null || !member.abandoned
}
