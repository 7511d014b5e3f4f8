/**
 * Who in this process waits for events or the close of a run. Owns the listeners; what they are told is committed
 * (keeps I1). Costs nothing for runs that nobody watches.
 */
import type { HistoryEvent, StoredEvent } from '../../interpreter/events.ts'
import type { Answer } from '../../interpreter/outgoing.ts'
import type { Outcome } from '../contract.ts'
import type { RunIdentity } from '../runs/run-activities.ts'

type EventListener = (
  run: { readonly namespace: string; readonly workflowId: string; readonly runId: string },
  events: readonly HistoryEvent[],
) => void

export class Watchers {
  readonly #events = new Set<EventListener>()
  readonly #ends = new Set<() => void>()
  readonly #closes = new Map<string, Set<(outcome: Outcome) => void>>()
  readonly #news = new Map<string, Set<() => void>>()
  readonly #answers = new Map<string, Set<(answer: Answer) => void>>()
  readonly #vanished = new Map<string, Set<() => void>>()

  onEvents(listener: EventListener): () => void {
    this.#events.add(listener)
    return () => this.#events.delete(listener)
  }

  /** Calls back once, when the run closes in this process. Gives what stops waiting. */
  onClose(runId: string, listener: (outcome: Outcome) => void): () => void {
    return listen(this.#closes, runId, listener)
  }

  /** Calls back with the answer to a message, where this process commits it. */
  onAnswer(firstRunId: string, messageId: string, listener: (answer: Answer) => void): () => void {
    return listen(this.#answers, `${firstRunId}/${messageId}`, listener)
  }

  /** `text` is as it was written. */
  answered(firstRunId: string, messageId: string, text: string): void {
    const waiting = this.#answers.get(`${firstRunId}/${messageId}`)
    if (waiting === undefined) return
    for (const listener of [...waiting]) listener(JSON.parse(text) as Answer)
  }

  /** Calls back with each turn of the run that this process commits. */
  onNews(runId: string, listener: () => void): () => void {
    return listen(this.#news, runId, listener)
  }

  /** Calls back when this process stops: nobody is told anything any more. */
  onEnd(listener: () => void): () => void {
    this.#ends.add(listener)
    return () => this.#ends.delete(listener)
  }

  end(): void {
    for (const listener of [...this.#ends]) listener()
  }

  /** Calls back when the run left this process and the store must be asked what became of it. */
  onVanished(runId: string, listener: () => void): () => void {
    return listen(this.#vanished, runId, listener)
  }

  vanished(runId: string): void {
    for (const listener of [...(this.#vanished.get(runId) ?? [])]) listener()
  }

  published(run: RunIdentity, firstEventId: number, events: readonly StoredEvent[]): void {
    const news = this.#news.get(run.runId)
    if (news !== undefined) for (const listener of [...news]) listener()
    if (this.#events.size === 0) return
    const shown = events.map((event, index) => ({ ...event, eventId: firstEventId + index }))
    const { namespace, workflowId, runId } = run
    for (const listener of [...this.#events]) listener({ namespace, workflowId, runId }, shown)
  }

  /** The outcome is made only where someone waits. */
  closed(runId: string, outcome: () => Outcome): void {
    const waiting = this.#closes.get(runId)
    if (waiting === undefined) return
    this.#closes.delete(runId)
    const told = outcome()
    for (const listener of waiting) listener(told)
  }
}

function listen<L>(listeners: Map<string, Set<L>>, key: string, listener: L): () => void {
  const known = listeners.get(key)
  const set = known ?? new Set<L>()
  if (known === undefined) listeners.set(key, set)
  set.add(listener)
  return () => {
    set.delete(listener)
    if (set.size === 0 && listeners.get(key) === set) listeners.delete(key)
  }
}
