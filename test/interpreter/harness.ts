/**
 * Runs a document on the bare reducer: no engine, no store, time is a number. Every turn is checked on the way:
 * the state survives a round trip through JSON at every event, and folding the history gives the same bytes (I3).
 */
import assert from 'node:assert/strict'
import { dueInputs, nextWakeAt } from '../../interpreter/due.ts'
import type { ErrorShape } from '../../interpreter/errors/fault.ts'
import type { InputEvent, StoredEvent } from '../../interpreter/events.ts'
import { linkPlan } from '../../interpreter/expressions/link.ts'
import { foldTurn } from '../../interpreter/fold.ts'
import type { Outgoing } from '../../interpreter/outgoing.ts'
import type { Program } from '../../interpreter/program.ts'
import { reduce } from '../../interpreter/reduce.ts'
import type { AttemptView, TurnResult } from '../../interpreter/reducer-contract.ts'
import type { PendingActivity, State } from '../../interpreter/state.ts'
import type { Json } from '../../schema/json.ts'
import { loadDocument } from '../../schema/load.ts'

export const t0 = Date.UTC(2026, 0, 1)

export type Answer =
  | { readonly returns: Json }
  | { readonly throws: ErrorShape; readonly retryAfterMs?: number }
  | { readonly timesOut: 'StartToClose' | 'Heartbeat' }

export function programOf(yaml: string): Program {
  const { plan, problems } = loadDocument(yaml)
  const errors = problems.filter((problem) => problem.severity === 'error')
  assert.deepEqual(errors, [], 'the document of a test must be valid')
  assert.ok(plan)
  return linkPlan(plan)
}

/** A document without its head. */
export function doc(body: string): string {
  return `dsl: perdure/1\nname: under-test\nversion: 1.0.0\n${body}`
}

export function startOf({ plan }: Program): Extract<InputEvent, { type: 'WorkflowExecutionStarted' }> {
  return {
    type: 'WorkflowExecutionStarted',
    timestamp: t0,
    workflowId: 'w-1',
    runId: '0190a000-0000-7000-8000-000000000001',
    workflow: plan.name,
    version: plan.version,
    digest: plan.digest,
    input: {},
    attempt: 1,
    parent: null,
    activities: {},
    limits: {},
    flags: [],
  }
}

export class Run {
  readonly program: Program
  readonly turns: StoredEvent[][] = []
  /** Sees every turn as the reducer gave it. */
  onTurn: ((turn: TurnResult) => void) | null = null
  /** What the turns sent into the world's books, in order. */
  readonly sent: Outgoing[] = []
  now = t0
  #state: State | null = null
  readonly #dispatched = new Map<number, number>()

  constructor(program: Program) {
    this.program = program
  }

  static async start(
    yaml: string,
    input: Json = {},
    more: Partial<Extract<InputEvent, { type: 'WorkflowExecutionStarted' }>> = {},
  ): Promise<Run> {
    const run = new Run(programOf(yaml))
    await run.feed({ ...startOf(run.program), timestamp: run.now, input, ...more })
    return run
  }

  get state(): State {
    assert.ok(this.#state)
    return this.#state
  }

  get events(): StoredEvent[] {
    return this.turns.flat()
  }

  get types(): string[] {
    return this.events.map((event) => event.type)
  }

  readonly attempts: AttemptView = {
    dispatched: (id, attempt) => this.#dispatched.get(id) === attempt,
    started: (id) => this.#dispatched.has(id),
  }

  async feed(...inputs: InputEvent[]): Promise<void> {
    let pending: readonly InputEvent[] = inputs
    for (;;) {
      // The live state always is one that came back from JSON.
      const before: State | null = this.#state === null ? null : JSON.parse(JSON.stringify(this.#state))
      const result = await reduce(this.program, before, pending)
      this.onTurn?.(result)
      if (result.events.length > 0) this.turns.push([...result.events])
      this.sent.push(...(JSON.parse(JSON.stringify(result.outgoing)) as Outgoing[]))
      this.#state = result.state
      pending = pending.slice(result.taken)
      if (result.continues) pending = [{ type: 'WorkflowTaskContinued', timestamp: this.now }, ...pending]
      if (pending.length === 0) break
    }
    await this.checkFold()
  }

  /** Folding from the start gives the live state, byte for byte. */
  async checkFold(): Promise<void> {
    let folded: State | null = null
    for (const turn of this.turns)
      folded = await foldTurn(this.program, folded, JSON.parse(JSON.stringify(turn)))
    assert.equal(JSON.stringify(folded), JSON.stringify(this.#state))
  }

  pending(step: string): PendingActivity {
    const found = Object.values(this.state.activitiesPending).find((activity) => activity.step === step)
    assert.ok(found, `no pending activity of step ${step}; pending: ${this.waitingSteps().join(', ')}`)
    return found
  }

  waitingSteps(): string[] {
    return Object.values(this.state.activitiesPending).map((activity) => activity.step)
  }

  /** Ends the attempt under way of a step. */
  async answer(step: string, answer: Answer): Promise<void> {
    const { id: activityId, attempt } = this.pending(step)
    const base = { timestamp: this.now, activityId, attempt }
    const started: InputEvent = { type: 'ActivityTaskStarted', ...base, startedAt: this.now }
    if ('returns' in answer)
      await this.feed(started, { type: 'ActivityTaskCompleted', ...base, result: answer.returns })
    else if ('throws' in answer) {
      const delay = answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs }
      await this.feed(started, { type: 'ActivityTaskFailed', ...base, error: answer.throws, ...delay })
    } else await this.feed(started, { type: 'ActivityTaskTimedOut', ...base, kind: answer.timesOut })
  }

  /** The activity of a step that was asked to stop has stopped. */
  async stopped(step: string): Promise<void> {
    const { id: activityId, attempt } = this.pending(step)
    await this.feed({ type: 'ActivityTaskCanceled', timestamp: this.now, activityId, attempt })
  }

  async signal(signal: string, input: Json = {}): Promise<void> {
    await this.feed({ type: 'WorkflowSignalReceived', timestamp: this.now, signal, input })
  }

  async pause(reason: string | null = null): Promise<void> {
    await this.feed({ type: 'WorkflowExecutionPaused', timestamp: this.now, reason })
  }

  async resume(options: { readonly skip?: true } = {}): Promise<void> {
    await this.feed({ type: 'WorkflowExecutionResumed', timestamp: this.now, reason: null, ...options })
  }

  async cancel(reason: string | null = null): Promise<void> {
    await this.feed({ type: 'WorkflowExecutionCancelRequested', timestamp: this.now, reason })
  }

  /** Moves the clock and feeds what has become due, in order, each at its own time. */
  async advance(ms: number): Promise<void> {
    const until = this.now + ms
    for (;;) {
      for (const { id, attempt, retryAt, announce } of Object.values(this.state.activitiesPending)) {
        if (announce !== 'due' && (retryAt ?? 0) <= this.now) this.#dispatched.set(id, attempt)
      }
      const next = nextWakeAt(this.state, this.attempts)
      if (next === null || next > until) break
      this.now = Math.max(this.now, next)
      const due = dueInputs(this.state, this.now, this.attempts)
      if (due.length > 0) await this.feed(...due)
    }
    this.now = until
  }

  get isOpen(): boolean {
    return this.state.phase.kind !== 'closed'
  }

  get outcome() {
    const { phase } = this.state
    return phase.kind === 'closed' ? phase.outcome : null
  }

  result(): Json {
    const { outcome } = this
    assert.equal(outcome?.kind, 'completed', `not completed: ${JSON.stringify(outcome ?? this.state.phase)}`)
    return outcome?.kind === 'completed' ? outcome.result : null
  }

  error() {
    const { outcome } = this
    assert.ok(
      outcome !== null && 'error' in outcome,
      `no error: ${JSON.stringify(outcome ?? this.state.phase)}`,
    )
    return outcome.error
  }
}
