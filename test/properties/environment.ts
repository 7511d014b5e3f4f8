/**
 * One run on the bare reducer in an environment that does at random what could happen next: activities, children and
 * other executions answer, time passes, people send messages. No engine, no store; time is a number.
 * Owns what can happen; what must hold is `invariants.ts`.
 */
import assert from 'node:assert/strict'
import type { ChildInputEvent } from '../../interpreter/child-events.ts'
import { describeState } from '../../interpreter/describe/describe.ts'
import { dueInputs, nextWakeAt } from '../../interpreter/due.ts'
import type { WorkflowError } from '../../interpreter/errors/fault.ts'
import type { InputEvent, StoredEvent } from '../../interpreter/events.ts'
import { linkPlan } from '../../interpreter/expressions/link.ts'
import type { Outgoing } from '../../interpreter/outgoing.ts'
import type { Program } from '../../interpreter/program.ts'
import { reduce } from '../../interpreter/reduce.ts'
import type { AttemptView } from '../../interpreter/reducer-contract.ts'
import type { PendingActivity, PendingChild, State } from '../../interpreter/state.ts'
import { nextRandom, seedFrom } from '../../interpreter/values/random.ts'
import { loadDocument } from '../../schema/load.ts'
import type { RandomDocument } from './documents.ts'
import { assertUndoneInOrder } from './invariants.ts'

export interface PlayedTurn {
  readonly events: readonly StoredEvent[]
  readonly outgoing: readonly Outgoing[]
  /** The state after it, as a snapshot would hold it. */
  readonly state: string
}

/** More than any random workflow takes, so that nearly all come to their end. */
const mostMoves = 500
/** Of some runs, so that their turns are cut. */
const fewTurnSteps = 5
/** From here on nobody hinders it: what is paused is resumed, nothing is canceled. */
const calmAfter = 300
const startedAt = Date.UTC(2026, 0, 1)

export function programOf(document: RandomDocument): Program {
  const { plan, problems } = loadDocument(document.source)
  const errors = problems.filter((problem) => problem.severity === 'error')
  assert.deepEqual(errors, [], 'a generated document must be valid')
  assert.ok(plan)
  return linkPlan(plan)
}

export class Environment {
  readonly program: Program
  readonly turns: PlayedTurn[] = []
  /** Handed to the run while it was open. */
  signalsSent = 0
  readonly #document: RandomDocument
  readonly #random: [number, number, number, number]
  readonly #dispatched = new Map<number, number>()
  #now = startedAt
  #state: State | null = null
  #updateIds = 0

  constructor(document: RandomDocument, seed: string) {
    this.#document = document
    this.program = programOf(document)
    this.#random = seedFrom(seed)
  }

  get state(): State {
    assert.ok(this.#state)
    return this.#state
  }

  get events(): readonly StoredEvent[] {
    return this.turns.flatMap((turn) => turn.events)
  }

  get outgoing(): readonly Outgoing[] {
    return this.turns.flatMap((turn) => turn.outgoing)
  }

  get isClosed(): boolean {
    return this.#state?.phase.kind === 'closed'
  }

  async play(): Promise<void> {
    const { plan } = this.program
    await this.#feed([
      {
        type: 'WorkflowExecutionStarted',
        timestamp: this.#now,
        workflowId: 'w-1',
        runId: '0190a000-0000-7000-8000-000000000001',
        workflow: plan.name,
        version: plan.version,
        digest: plan.digest,
        input: { round: 1, ms: 1 },
        attempt: 1,
        parent: this.#chance(0.5) ? null : { workflowId: 'parent', runId: 'parent-run' },
        activities: {},
        limits: this.#chance(0.3) ? { turnSteps: fewTurnSteps } : {},
        flags: [],
      },
    ])
    for (let moves = 0; moves < mostMoves && !this.isClosed; moves++) {
      this.#assertWaitsForSomething()
      const isCalm = moves > calmAfter
      const inputs = this.#happens(isCalm)
      // Some come together in one turn.
      while (!isCalm && this.#chance(0.2)) inputs.push(...this.#happens(isCalm))
      if (inputs.length > 0) await this.#feed(untilTerminated(inputs))
    }
  }

  readonly #attempts: AttemptView = {
    dispatched: (id, attempt) => this.#dispatched.get(id) === attempt,
    started: (id) => this.#dispatched.has(id),
  }

  async #feed(inputs: readonly InputEvent[]): Promise<void> {
    this.signalsSent += inputs.filter(({ type }) => type === 'WorkflowSignalReceived').length
    let pending = inputs
    for (;;) {
      const before = this.turns.at(-1)?.state
      const result = await reduce(this.program, this.#state, pending)
      this.#state = result.state
      const { events, outgoing } = result
      const turn = { events, outgoing, state: JSON.stringify(result.state) }
      if (events.length > 0) this.turns.push(turn)
      else {
        assert.equal(turn.state, before, 'what leaves no trace changes nothing')
        if (outgoing.length > 0) this.turns.push(turn)
      }
      assertUndoneInOrder(result.state)
      assert.ok(result.taken > 0 || result.continues, 'a turn takes something')
      pending = pending.slice(result.taken)
      if (result.continues) pending = [{ type: 'WorkflowTaskContinued', timestamp: this.#now }, ...pending]
      if (pending.length === 0 || this.isClosed) return
    }
  }

  /** What happens next, by chance; empty where it is nothing that the run hears of. */
  #happens(isCalm: boolean): InputEvent[] {
    const dice = this.#next()
    if (!isCalm && dice < 0.12) return this.#message(dice / 0.12)
    if (this.state.paused !== null && (isCalm || dice < 0.3))
      return [
        {
          type: 'WorkflowExecutionResumed',
          timestamp: this.#now,
          reason: null,
          ...(isCalm || this.#chance(0.5) ? { skip: true as const } : {}),
        },
      ]
    const answers = this.#answers()
    const answer = answers[Math.floor(this.#next() * answers.length)]
    if (answer !== undefined && dice < 0.8) return answer()
    return this.#passTime()
  }

  #message(dice: number): InputEvent[] {
    const at = { timestamp: this.#now }
    const signal = (name: string): InputEvent[] => {
      const replyTo = { kind: 'caller', messageId: 'signal/by chance' } as const
      return [
        {
          ...at,
          type: 'WorkflowSignalReceived',
          signal: name,
          input: Math.floor(this.#next() * 5),
          ...(this.#document.isMachine ? { replyTo } : {}),
        },
      ]
    }
    const { signals, updates } = this.#document
    if (dice < 0.5) return signal(signals[Math.floor(this.#next() * signals.length)] ?? 'go')
    if (dice < 0.75) {
      // The sender of the last one asks again, now and then.
      if (this.#updateIds === 0 || this.#chance(0.8)) this.#updateIds += 1
      return [
        {
          ...at,
          type: 'WorkflowUpdateAccepted',
          update: updates[this.#updateIds % updates.length] ?? 'poke',
          updateId: `u-${this.#updateIds}`,
          input: Math.floor(this.#next() * 5),
        },
      ]
    }
    if (dice < 0.83) return [{ ...at, type: 'WorkflowExecutionCancelRequested', reason: null }]
    if (dice < 0.84) return [{ ...at, type: 'WorkflowExecutionTerminated', reason: null }]
    if (dice < 0.94) return [{ ...at, type: 'WorkflowExecutionPaused', reason: 'by chance' }]
    return [{ ...at, type: 'WorkflowExecutionResumed', reason: null }]
  }

  #answers(): (() => InputEvent[])[] {
    const { state } = this
    const running = Object.values(state.activitiesPending).filter(
      ({ retryAt, announce }) => (retryAt ?? 0) <= this.#now && announce !== 'due',
    )
    return [
      // Of a paused run no attempt is dispatched; those under way go on.
      ...running
        .filter(({ id, attempt }) => state.paused === null || this.#dispatched.get(id) === attempt)
        .map((activity) => () => this.#ofActivity(activity)),
      ...Object.values(state.childrenPending).map((child) => () => [this.#ofChild(child)]),
      ...Object.values(state.signalsPending).map(({ id: signalId }) => (): InputEvent[] => [
        this.#chance(0.6)
          ? { type: 'ExternalWorkflowSignaled', timestamp: this.#now, signalId, runId: 'other-run' }
          : {
              type: 'SignalExternalFailed',
              timestamp: this.#now,
              signalId,
              error: { type: 'SignalTargetNotFound', message: 'nobody is there', retryable: true },
            },
      ]),
    ]
  }

  #ofActivity({ id: activityId, attempt, cancelRequested }: PendingActivity): InputEvent[] {
    const base = { timestamp: this.#now, activityId, attempt }
    const started: InputEvent[] = this.#chance(0.7)
      ? [{ type: 'ActivityTaskStarted', ...base, startedAt: this.#now }]
      : []
    if (cancelRequested === true && this.#chance(0.5))
      return [...started, { type: 'ActivityTaskCanceled', ...base }]
    const dice = this.#next()
    if (dice < 0.7)
      return [...started, { type: 'ActivityTaskCompleted', ...base, result: Math.floor(dice * 10) }]
    if (dice < 0.95) return [...started, { type: 'ActivityTaskFailed', ...base, error: this.#error() }]
    return [...started, { type: 'ActivityTaskTimedOut', ...base, kind: 'StartToClose' }]
  }

  #ofChild({ id: childId, workflowId, runId, started, cancelRequested }: PendingChild): ChildInputEvent {
    const at = { timestamp: this.#now, childId }
    if (!started && this.#chance(0.7))
      return { type: 'ChildWorkflowExecutionStarted', ...at, workflowId, runId, version: '1.0.0' }
    if (!started)
      return {
        type: 'StartChildWorkflowExecutionFailed',
        ...at,
        error: { type: 'WorkflowAlreadyRunning', message: 'it runs', retryable: true },
      }
    const of = { ...at, workflowId, runId }
    const error = (type: string): WorkflowError => ({
      type,
      message: 'of the child',
      retryable: this.#chance(0.7),
      details: null,
      step: null,
      path: null,
      attempt: null,
      cause: null,
    })
    const dice = this.#next()
    if (cancelRequested === true && dice < 0.5)
      return { type: 'ChildWorkflowExecutionCanceled', ...of, error: error('Canceled') }
    if (dice < 0.6) return { type: 'ChildWorkflowExecutionCompleted', ...of, result: { n: 1 } }
    if (dice < 0.85) return { type: 'ChildWorkflowExecutionFailed', ...of, error: error('Down') }
    if (dice < 0.9) return { type: 'ChildWorkflowExecutionTimedOut', ...of, error: error('Timeout') }
    if (dice < 0.95) return { type: 'ChildWorkflowExecutionCanceled', ...of, error: error('Canceled') }
    return { type: 'ChildWorkflowExecutionTerminated', ...of, error: error('Terminated') }
  }

  #error() {
    const type = ['Down', 'Chosen', 'Other'][Math.floor(this.#next() * 3)] ?? 'Down'
    return { type, message: 'by chance', ...(this.#chance(0.2) ? { retryable: false } : {}) }
  }

  #passTime(): InputEvent[] {
    for (const { id, attempt, retryAt } of Object.values(this.state.activitiesPending))
      if ((retryAt ?? 0) <= this.#now && this.state.paused === null) this.#dispatched.set(id, attempt)
    const next = nextWakeAt(this.state, this.#attempts)
    this.#now = next === null ? this.#now + 1_000 : Math.max(this.#now, next)
    return [...dueInputs(this.state, this.#now, this.#attempts)]
  }

  /** I6: nothing sleeps for ever by accident, and it can be said for what it waits. */
  #assertWaitsForSomething(): void {
    const { waits } = describeState(this.program, this.state)
    // A saga that asks to be paused is heard at once.
    const due = dueInputs(this.state, this.#now, this.#attempts)
    assert.ok(waits.length + due.length > 0, `an open run waits for nothing: ${JSON.stringify(this.state)}`)
    // A pause that comes while a turn is cut leaves what was ready to its resume; nothing else leaves any.
    const { ready, paused, limits } = this.state
    if (paused === null || limits.turnSteps > fewTurnSteps)
      assert.deepEqual(ready, [], 'nothing is left to do between turns')
  }

  #next(): number {
    return nextRandom(this.#random)
  }

  #chance(probability: number): boolean {
    return this.#next() < probability
  }
}

/** Nothing is heard after a termination. */
function untilTerminated(inputs: readonly InputEvent[]): readonly InputEvent[] {
  const end = inputs.findIndex(({ type }) => type === 'WorkflowExecutionTerminated')
  return end < 0 ? inputs : inputs.slice(0, end + 1)
}
