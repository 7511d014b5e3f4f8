/**
 * What one call of the reducer works with: the state that it changes, and what it has recorded and decided so far.
 * Owns recording; every part of the interpreter gets it as its first argument and keeps nothing of it.
 */

import type { PlanStep, VerbName } from '../../schema/plan.ts'
import type { DecisionEvent, StoredEvent } from '../events.ts'
import type { EvaluationContext } from '../expressions/contract.ts'
import type { Outgoing } from '../outgoing.ts'
import type { Program } from '../program.ts'
import type { Effect } from '../reducer-contract.ts'
import type { Completion, Fiber, State, StepFrame } from '../state.ts'
import { nextRandom } from '../values/random.ts'
import type { Verb } from '../verbs/verb.ts'

export interface Turn {
  readonly program: Program
  readonly state: State
  readonly context: TurnContext
  /** The table of verbs, handed in so that verbs may use the parts below them without a circle of imports. */
  readonly verbOf: (name: VerbName) => Verb<PlanStep, StepFrame>
  readonly events: StoredEvent[]
  readonly effects: Effect[]
  /** Written with the turn (keeps I8). */
  readonly outgoing: Outgoing[]
  /** Steps entered since the input that is being handled; not since the start of the turn, so that a fold may cut its turns elsewhere. */
  steps: number
  /** The turn was long enough, with fibers still ready. */
  cut: boolean
}

export interface TurnContext extends EvaluationContext {
  /** Steps of expressions since the input that is being handled. */
  expressionSteps: number
}

/** A class, not a literal with closures: one is made for each turn of each run. */
class RunContext implements TurnContext {
  readonly #state: State
  readonly limits: EvaluationContext['limits']
  expressionSteps = 0

  constructor(state: State) {
    this.#state = state
    this.limits = state.limits
  }

  get now(): number {
    return this.#state.now
  }

  random(): number {
    return nextRandom(this.#state.random)
  }

  spent(steps: number): void {
    this.expressionSteps += steps
  }
}

export function openTurn(program: Program, state: State, verbOf: Turn['verbOf']): Turn {
  return {
    program,
    state,
    context: new RunContext(state),
    verbOf,
    events: [],
    effects: [],
    outgoing: [],
    steps: 0,
    cut: false,
  }
}

/**
 * After so many steps, or once their expressions together took what a single one may at most: what waits to be written
 * and what came meanwhile (a cancel, say) gets its turn.
 */
export function isLongEnough({ steps, context, state }: Turn): boolean {
  const { turnSteps, expressionSteps } = state.limits
  return steps >= turnSteps || context.expressionSteps >= expressionSteps
}

/** A decision without its time, which is that of the input being handled. */
type Undated<E> = E extends DecisionEvent ? Omit<E, 'timestamp'> : never

export function decide(turn: Turn, decision: Undated<DecisionEvent>): void {
  turn.events.push({ ...decision, timestamp: turn.state.now } as DecisionEvent)
}

export function takeId(turn: Turn): number {
  const id = turn.state.nextId
  turn.state.nextId = id + 1
  return id
}

/** The fiber goes on with `completion` when its turn comes; of a paused run, after it is resumed. */
export function wake(turn: Turn, fiber: Fiber, completion: Completion): void {
  const { paused } = turn.state
  if (paused !== null) {
    paused.held.push({ kind: 'wake', fiber: fiber.id, completion })
    return
  }
  fiber.resume = completion
  turn.state.ready.push(fiber.id)
}
