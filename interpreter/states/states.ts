/**
 * The state machine as its parts share it: where it stands, which transition holds, and how leaving a state begins.
 * What the stages do is `verbs/states.ts`'s; what asks for a transition from outside is in `states/signals.ts` and
 * `states/timers.ts`. The machine is one step, alone in the main line, so its expressions see the scope of the run.
 */
import type { Json } from '../../schema/json.ts'
import type { PlanState, PlanTransition, StatesStep } from '../../schema/plan.ts'
import type { WorkflowError } from '../errors/fault.ts'
import type { EvaluationContext } from '../expressions/contract.ts'
import { evaluateCondition } from '../expressions/render.ts'
import { cancelFiber } from '../fibers/cancellation.ts'
import { runScope } from '../fibers/scope.ts'
import { type Turn, wake } from '../fibers/turn.ts'
import { cancelTimer } from '../pending/timers.ts'
import type { Program } from '../program.ts'
import type { Fiber, StateMove, StatesFrame } from '../state.ts'

export interface Machine {
  readonly fiber: Fiber
  /** The index of its frame. */
  readonly depth: number
  readonly frame: StatesFrame
  readonly step: StatesStep
}

/** The state-machine form is one step, alone in `main`. Its signals are answered. */
export function isStateMachine({ plan }: Program): boolean {
  return plan.steps[plan.blocks['main']?.[0] ?? '']?.verb === 'states'
}

/** Undefined where the plan has none, and when the main line has left it. */
export function machineOf(turn: Turn): Machine | undefined {
  // Set by the machine alone: an ordinary run pays this look and no more.
  if (turn.state.workflow.state === undefined) return undefined
  const fiber = Object.values(turn.state.fibers).find(({ role }) => role.kind === 'main')
  return fiber === undefined ? undefined : machineIn(turn, fiber)
}

export function machineIn(turn: Turn, fiber: Fiber): Machine | undefined {
  for (const [depth, frame] of fiber.frames.entries()) {
    if (frame.kind !== 'step' || frame.verb !== 'states') continue
    const step = turn.program.plan.steps[frame.step]
    if (step?.verb !== 'states') throw new Error(`plan: no state machine ${frame.step}`)
    return { fiber, depth, frame, step }
  }
  return undefined
}

export function stateOf(step: StatesStep, name: string): PlanState {
  const state = step.states[name]
  if (state === undefined) throw new Error(`plan: no state ${name}`)
  return state
}

/** The index of the first transition whose `when` holds. Throws a `Fault` where one fails. */
export async function firstThatHolds(
  turn: Turn,
  transitions: readonly PlanTransition[],
  locals: { readonly [name: string]: Json },
  context: EvaluationContext = turn.context,
): Promise<number | undefined> {
  const scope = runScope(turn.state, locals)
  for (const [index, { when }] of transitions.entries()) {
    if (when === undefined || (await evaluateCondition(turn.program, when, scope, context))) return index
  }
  return undefined
}

export function transitionOf(step: StatesStep, frame: StatesFrame, { place }: StateMove): PlanTransition {
  const [list, at, index] = place
  const state = stateOf(step, frame.state)
  const lists = {
    next: () => state.next[index],
    catch: () => state.catches[index]?.transition,
    after: () => state.after[Number(at)]?.transitions[index],
    on: () => state.on[at]?.[index],
  }
  const transition = lists[list]()
  if (transition === undefined) throw new Error(`plan: no transition ${place.join('/')} in ${frame.state}`)
  return transition
}

/** The state is left: what runs in it is canceled, and when that has ended the machine goes on as `why` says. */
export function beginLeaving(turn: Turn, machine: Machine, why: StateMove | WorkflowError): void {
  const { fiber, frame, depth } = machine
  const isResting = frame.stage === 'resting'
  startLeaving(turn, frame, why)
  if (isResting) wake(turn, fiber, { kind: 'normal' })
  else cancelFiber(turn, fiber, depth + 1)
}

/** The same where nothing runs in it any more. */
export function startLeaving(turn: Turn, frame: StatesFrame, why: StateMove | WorkflowError): void {
  stopTimers(turn, frame)
  frame.stage = 'leaving'
  delete frame.moving
  delete frame.failure
  if ('trigger' in why) frame.moving = why
  else frame.failure = why
}

export function stopTimers(turn: Turn, frame: StatesFrame): void {
  for (const timer of Object.keys(frame.after)) cancelTimer(turn, Number(timer))
  frame.after = {}
}
