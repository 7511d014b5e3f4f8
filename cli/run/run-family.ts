/**
 * Which runs are part of the execution that `run` shows: its own chain of runs, its children, theirs. Owns how their
 * steps are addressed (`ships[2].ship › label`) and which of them are open; learns both from the events themselves.
 * Called by `follow-run.ts`, `progress.ts` and `own-run-executor.ts`.
 */
import type { HistoryEvent } from '../engine-types.ts'

export interface FamilyMember {
  readonly workflowId: string
  /** The address of the step that started it; null for the execution itself. */
  readonly prefix: string | null
  /** Goes on when its parent closes. */
  readonly abandoned: boolean
}

/** Also where a run is only named by what describes its parent. */
export interface Run {
  readonly workflowId: string
  readonly runId: string
}

const closings: ReadonlySet<HistoryEvent['type']> = new Set([
  'WorkflowExecutionCompleted',
  'WorkflowExecutionFailed',
  'WorkflowExecutionTimedOut',
  'WorkflowExecutionCanceled',
  'WorkflowExecutionTerminated',
])

/** True of the last event of a chain of runs. */
export function isEnd(event: HistoryEvent): boolean {
  return closings.has(event.type)
}

export class RunFamily {
  readonly #root: FamilyMember
  /** Open children by run id, and by workflow id, which is what activities are told. */
  readonly #children = new Map<string, FamilyMember>()
  readonly #byWorkflowId = new Map<string, string>()
  /** Run ids of children that are not known to have started, by the run that decided it and its pending id. */
  readonly #initiated = new Map<string, string>()
  readonly #listeners = new Set<(workflowId: string) => void>()

  constructor(workflowId: string) {
    this.#root = { workflowId, prefix: null, abandoned: false }
  }

  /** Null: another execution's. */
  memberOf(run: Run): FamilyMember | null {
    if (run.workflowId === this.#root.workflowId) return this.#root
    return this.#children.get(run.runId) ?? null
  }

  has(workflowId: string): boolean {
    return workflowId === this.#root.workflowId || this.#byWorkflowId.has(workflowId)
  }

  /** Called with the workflow id of each child that joins from now on. */
  onJoin(listener: (workflowId: string) => void): void {
    this.#listeners.add(listener)
  }

  get openChildren(): readonly FamilyMember[] {
    return [...this.#children.values()]
  }

  /** A child that is known from a description of its parent, or of a parent's event. */
  join(child: Run, parent: FamilyMember, path: string, abandoned: boolean): FamilyMember {
    const { workflowId, runId } = child
    const member = { workflowId, prefix: addressIn(parent, path), abandoned }
    this.#children.set(runId, member)
    this.#byWorkflowId.set(workflowId, runId)
    for (const listener of this.#listeners) listener(workflowId)
    return member
  }

  /** Before the events are shown, since the children's own come right after. */
  learn(run: Run, member: FamilyMember, events: readonly HistoryEvent[]): void {
    for (const event of events) {
      switch (event.type) {
        case 'StartChildWorkflowExecutionInitiated':
          this.#initiated.set(`${run.runId} ${event.childId}`, event.runId)
          this.join(event, member, event.path, event.onParentClose === 'abandon')
          break
        case 'ChildWorkflowExecutionStarted':
          this.#initiated.delete(`${run.runId} ${event.childId}`)
          break
        case 'StartChildWorkflowExecutionFailed': {
          // It was never born.
          const runId = this.#initiated.get(`${run.runId} ${event.childId}`)
          this.#initiated.delete(`${run.runId} ${event.childId}`)
          if (runId !== undefined) this.#leave(runId)
          break
        }
        case 'WorkflowExecutionContinuedAsNew':
          if (!this.#children.delete(run.runId)) break
          this.#children.set(event.newRunId, member)
          this.#byWorkflowId.set(run.workflowId, event.newRunId)
          break
        default:
          if (isEnd(event)) this.#leave(run.runId)
      }
    }
  }

  #leave(runId: string): void {
    const member = this.#children.get(runId)
    if (member === undefined) return
    this.#children.delete(runId)
    // A retried child may have taken the same workflow id meanwhile.
    if (this.#byWorkflowId.get(member.workflowId) === runId) this.#byWorkflowId.delete(member.workflowId)
  }
}

/** Of a step of this member; null where the event belongs to the whole execution. */
export function addressIn(member: FamilyMember, path: string): string
export function addressIn(member: FamilyMember, path: string | null): string | null
export function addressIn({ prefix }: FamilyMember, path: string | null): string | null {
  if (prefix === null) return path
  return path === null ? prefix : `${prefix} › ${path}`
}
