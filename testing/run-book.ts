/**
 * What became of the runs of a world, as their commits told: which are closed and how their chains go on, whom a
 * cancellation has still to stop, what was undone.
 * Owns the book; `world.ts` writes into it what is committed, so that it outlives the engines as the store does.
 */
import type { CommittedTurn } from './store-life.ts'

export interface Undone {
  readonly workflowId: string
  /** The step whose compensation was begun. */
  readonly step: string
}

export class RunBook {
  readonly #workflowIds = new Map<string, string>()
  /** Of ids that are drawn anew whenever the same happens: what they stand for. */
  readonly #names = new Map<string, string>()
  readonly #closed = new Set<string>()
  readonly #successors = new Map<string, string>()
  readonly #toBeStopped = new Set<string>()
  readonly #updates = new Map<string, 'accepted' | 'completed'>()
  readonly #signals = new Set<string>()
  readonly #undone: Undone[] = []

  take(turn: CommittedTurn): void {
    const { runId } = turn
    for (const event of turn.events) {
      switch (event.type) {
        case 'WorkflowExecutionStarted':
          this.#workflowIds.set(runId, event.workflowId)
          break
        case 'StartChildWorkflowExecutionInitiated':
          this.#nameChild(runId, event.workflowId, event.path)
          this.#names.set(event.runId, '(run id)')
          break
        case 'WorkflowExecutionCancelRequested':
          this.#toBeStopped.add(runId)
          break
        case 'WorkflowExecutionContinuedAsNew':
          this.#successors.set(runId, event.newRunId)
          this.#names.set(event.newRunId, '(run id)')
          break
        case 'WorkflowSignalReceived':
          if (event.requestId !== undefined) this.#signals.add(event.requestId)
          break
        case 'WorkflowUpdateAccepted':
          this.#updates.set(event.updateId, 'accepted')
          break
        case 'WorkflowUpdateCompleted':
          this.#updates.set(event.updateId, 'completed')
          break
        case 'CompensationScheduled':
          this.#undone.push({ workflowId: this.#workflowIds.get(runId) ?? '', step: event.step })
          break
        default:
      }
    }
    if (!turn.closes) return
    this.#closed.add(runId)
    this.#toBeStopped.delete(runId)
  }

  isClosed(runId: string): boolean {
    return this.#closed.has(runId)
  }

  /** The run that the chain of this one has come to. */
  lastOf(runId: string): string {
    let last = runId
    for (;;) {
      const next = this.#successors.get(last)
      if (next === undefined) return last
      last = next
    }
  }

  /** True where the chain went on from the one to the other. */
  isAfter(runId: string, later: string): boolean {
    for (let next = this.#successors.get(runId); next !== undefined; next = this.#successors.get(next))
      if (next === later) return true
    return false
  }

  /** True while a run that was asked to stop cleans up. */
  get isStopping(): boolean {
    return this.#toBeStopped.size > 0
  }

  /** Null: it was refused, or has not come. */
  updateOf(updateId: string): 'accepted' | 'completed' | null {
    return this.#updates.get(updateId) ?? null
  }

  /** True once the signal of this request stands in a history. */
  hasSignal(requestId: string): boolean {
    return this.#signals.has(requestId)
  }

  /** Compensations of all runs, in the order in which they were begun. */
  get undone(): readonly Undone[] {
    return this.#undone
  }

  /**
   * The ids that runs and children draw for themselves, with a name that is the same whenever the same happens: the
   * place of a child in its parent. Longest first, so that one that begins another is not replaced inside it.
   */
  get ids(): readonly (readonly [id: string, name: string])[] {
    const runIds = [...this.#workflowIds.keys()].map((runId) => [runId, '(run id)'] as const)
    return [...new Map([...runIds, ...this.#names])].toSorted(([one], [other]) => other.length - one.length)
  }

  /** True where one execution was all there was: then everything that it did has one order. */
  get isAlone(): boolean {
    return new Set(this.#workflowIds.values()).size <= 1
  }

  #nameChild(parentRunId: string, workflowId: string, path: string): void {
    if (this.#names.has(workflowId)) return
    const parentId = this.#workflowIds.get(parentRunId) ?? ''
    const place = `${this.#names.get(parentId) ?? parentId}/${path}`
    const taken = new Set(this.#names.values())
    let name = place
    for (let count = 2; taken.has(name); count++) name = `${place} (${count})`
    this.#names.set(workflowId, name)
  }
}
