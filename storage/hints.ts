/**
 * Who listens to hints in this process, and their delivery. Hints are told after the call that caused them has
 * answered, never inside it.
 */
import type { Hint } from './contract.ts'

export class HintListeners {
  readonly #listeners = new Set<(hint: Hint) => void>()
  /** Of this round: a run is named once, `due` and `outbox` once, however many calls caused it. */
  readonly #runs = new Set<string>()
  #due = false
  #outbox = false
  #scheduled = false

  add(listener: (hint: Hint) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  tell(hint: Hint): void {
    if (hint.kind === 'messages') this.#runs.add(hint.runId)
    else if (hint.kind === 'due') this.#due = true
    else this.#outbox = true
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => this.#deliver())
  }

  #deliver(): void {
    const hints: Hint[] = [...this.#runs].map((runId) => ({ kind: 'messages', runId }))
    if (this.#due) hints.push({ kind: 'due' })
    if (this.#outbox) hints.push({ kind: 'outbox' })
    this.#runs.clear()
    this.#due = false
    this.#outbox = false
    this.#scheduled = false
    for (const hint of hints) for (const listener of [...this.#listeners]) listener(hint)
  }
}
