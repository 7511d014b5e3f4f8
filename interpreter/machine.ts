/**
 * Runs fibers: goes from step to step, unwinds frames, and stops where something must be waited for.
 * Owns the stack discipline; what a verb does is in `verbs/`, what the end of a fiber means is in `fibers.ts`.
 *
 * Every step ends in one `Completion`, as in the ECMAScript specification: normal, throw or return. A frame above
 * hands its completion to the frame below, so `catch`, `finally`, joins and deadlines are each one place.
 */
import type { BlockKey, PlanStep } from '../schema/plan.ts'
import { fiberEnded } from './endings.ts'
import { evaluateCondition } from './expressions/render.ts'
import { dropHeldCancel, dueCancel } from './fibers/cancellation.ts'
import { underDeadline } from './fibers/deadlines.ts'
import { faultAt } from './fibers/fault-at.ts'
import { groupFrame } from './fibers/groups.ts'
import { resultsOf, scopeOf } from './fibers/scope.ts'
import { isLongEnough, type Turn } from './fibers/turn.ts'
import { stepPath } from './paths.ts'
import { cancelTimer, startTimer } from './pending/timers.ts'
import { pushCompensation } from './sagas/compensation.ts'
import type { BlockFrame, Completion, Fiber, StepFrame } from './state.ts'
import { resolveDuration } from './templates/durations.ts'
import type { Move } from './verbs/verb.ts'

/** Starts a block, and stands for a step that was skipped: normal, without a result. */
const begin: Completion = { kind: 'normal' }

/** Runs every fiber that can go on, in order, until all wait or the turn is cut. */
export async function runReady(turn: Turn): Promise<void> {
  const { state } = turn
  while (state.ready.length > 0 && !turn.cut) {
    const id = state.ready.shift()
    const fiber = id === undefined ? undefined : state.fibers[id]
    if (fiber !== undefined) await runFiber(turn, fiber)
  }
}

async function runFiber(turn: Turn, fiber: Fiber): Promise<void> {
  let completion = fiber.resume ?? begin
  delete fiber.resume
  for (;;) {
    const frame = fiber.frames[fiber.frames.length - 1]
    if (frame === undefined) return fiberEnded(turn, fiber, completion)
    const next =
      frame.kind === 'block'
        ? await runBlock(turn, fiber, frame, completion)
        : await resumeStep(turn, fiber, frame, completion)
    if (next === null) return
    completion = next
  }
}

/** Gives what to hand to the new top frame, or null where the fiber waits. */
async function runBlock(
  turn: Turn,
  fiber: Fiber,
  frame: BlockFrame,
  entering: Completion,
): Promise<Completion | null> {
  const steps = turn.program.plan.blocks[frame.block] ?? []
  let completion = entering
  for (;;) {
    if (completion.kind === 'normal') {
      if (completion.value !== undefined) frame.last = completion.value
      completion = dueCancel(turn, fiber) ?? completion
    }
    if (completion.kind !== 'normal') {
      fiber.frames.pop()
      return completion
    }
    const id = steps[frame.position + 1]
    if (id === undefined) {
      fiber.frames.pop()
      return { kind: 'normal', value: frame.last }
    }
    if (isLongEnough(turn)) {
      turn.cut = true
      fiber.resume = begin
      // Behind the others: a fiber that never waits starves none of its own run either.
      turn.state.ready.push(fiber.id)
      return null
    }
    turn.steps += 1
    frame.position += 1
    const step = turn.program.plan.steps[id]
    if (step === undefined) throw new Error(`plan: no step ${id}`)
    const depth = fiber.frames.length
    const entered = await enterStep(turn, fiber, step)
    if (entered === null || fiber.frames.length > depth) return entered
    completion = entered
  }
}

async function enterStep(turn: Turn, fiber: Fiber, step: PlanStep): Promise<Completion | null> {
  const depth = fiber.frames.length
  try {
    if (step.if !== undefined) {
      const scope = scopeOf(turn.state, fiber)
      if (!(await evaluateCondition(turn.program, step.if, scope, turn.context))) {
        if (step.verb !== 'do' || step.otherwise === undefined) {
          // Of a group that runs again, or a state that is entered again: what it gave before is not its result now.
          delete resultsOf(turn.state, fiber)[step.id]
          return begin
        }
        fiber.frames.push(await groupFrame(turn, fiber, step, true))
        return settle(
          turn,
          fiber,
          step,
          depth,
          { kind: 'enter', block: step.otherwise },
          await deadlineOf(turn, fiber, step),
        )
      }
    }
    const deadline = await deadlineOf(turn, fiber, step)
    const move = await turn.verbOf(step.verb).enter(turn, fiber, step)
    return settle(turn, fiber, step, depth, move, deadline)
  } catch (thrown) {
    const error = faultAt(fiber, step.id, thrown)
    fiber.frames.length = depth
    return { kind: 'throw', error }
  }
}

async function deadlineOf(turn: Turn, fiber: Fiber, step: PlanStep): Promise<number | undefined> {
  if (step.timeout === undefined) return undefined
  return turn.state.now + (await resolveDuration(turn, scopeOf(turn.state, fiber), step.timeout))
}

async function resumeStep(
  turn: Turn,
  fiber: Fiber,
  frame: StepFrame,
  completion: Completion,
): Promise<Completion | null> {
  const step = turn.program.plan.steps[frame.step]
  if (step === undefined) throw new Error(`plan: no step ${frame.step}`)
  const depth = fiber.frames.length - 1
  let move: Move
  try {
    move = await turn.verbOf(step.verb).resume(turn, fiber, frame, step, completion)
  } catch (thrown) {
    move = { kind: 'done', completion: { kind: 'throw', error: faultAt(fiber, step.id, thrown) } }
  }
  return settle(turn, fiber, step, depth, move, undefined)
}

/** Carries out what a verb says. `deadline` is given when the step has just been entered. */
function settle(
  turn: Turn,
  fiber: Fiber,
  step: PlanStep,
  depth: number,
  move: Move,
  deadline: number | undefined,
): Completion | null {
  const frame = fiber.frames[depth]
  const stepFrame = frame?.kind === 'step' ? frame : undefined
  if (move.kind === 'done') return leaveStep(turn, fiber, step, depth, stepFrame, move.completion)
  if (deadline !== undefined && stepFrame !== undefined) {
    stepFrame.deadline = startTimer(turn, fiber, step.id, stepPath(fiber, step.id), 'timeout', deadline)
  }
  if (move.kind === 'wait') return null
  enterBlock(fiber, move.block, move.locals)
  return begin
}

function enterBlock(fiber: Fiber, block: BlockKey, locals: BlockFrame['locals']): void {
  fiber.frames.push({ kind: 'block', block, position: -1, last: null, ...(locals && { locals }) })
}

/** The one place where a step ends: its deadline, its result and its compensation. */
function leaveStep(
  turn: Turn,
  fiber: Fiber,
  step: PlanStep,
  depth: number,
  frame: StepFrame | undefined,
  completion: Completion,
): Completion {
  fiber.frames.length = depth
  dropHeldCancel(fiber, depth)
  if (frame?.deadline !== undefined) cancelTimer(turn, frame.deadline)
  if (completion.kind === 'normal') {
    if (completion.value !== undefined) resultsOf(turn.state, fiber)[step.id] = completion.value
    if ((step.verb === 'activity' || step.verb === 'workflow') && step.compensation !== undefined) {
      const attempted =
        frame?.verb === 'activity' || frame?.verb === 'workflow' ? frame.compensation : undefined
      pushCompensation(turn, fiber, step, step.compensation, attempted)
    }
  }
  return frame === undefined ? completion : underDeadline(fiber, step, depth, frame, completion)
}
