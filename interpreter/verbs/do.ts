/**
 * `do`: a group; with `if` it may have `else` (the machine enters it where `if` is false). Opens no scope. With `retry`
 * it is run again from its first step; with `saga` it has a stack of its own, which is undone before an error leaves it
 * and between rounds, and handed to the scope around it otherwise.
 */
import type { DoStep } from '../../schema/plan.ts'
import { dueCancel } from '../fibers/cancellation.ts'
import { underDeadline } from '../fibers/deadlines.ts'
import { groupFrame } from '../fibers/groups.ts'
import { resultsOf } from '../fibers/scope.ts'
import type { Turn } from '../fibers/turn.ts'
import { stepPath } from '../paths.ts'
import { pauseBeforeRetry, retryDelayMs } from '../pending/retry-pause.ts'
import { cancelTimer } from '../pending/timers.ts'
import { compensationFailed, handOver, stackAround } from '../sagas/compensation.ts'
import { beginUndoing, newUndoing } from '../sagas/undoing.ts'
import type { Completion, DoFrame, Fiber } from '../state.ts'
import { stepsInside } from '../step-blocks.ts'
import { done, type Move, type Verb, waiting } from './verb.ts'

export const doVerb: Verb<DoStep, DoFrame> = {
  async enter(turn, fiber, step) {
    fiber.frames.push(await groupFrame(turn, fiber, step, false))
    return { kind: 'enter', block: step.block }
  },

  resume(turn, fiber, frame, step, completion) {
    if (frame.undoing !== undefined) return undone(turn, fiber, frame, step)
    if (frame.pause !== undefined) {
      delete frame.pause
      if (completion.kind === 'normal') return again(turn, fiber, frame, step)
    }
    return ended(turn, fiber, frame, step, completion)
  },

  /** While it is being undone a cancellation is held, during the pause before a retry it ends that. */
  cancel(turn, _fiber, frame) {
    if (frame.undoing !== undefined) return 'held'
    if (frame.pause !== undefined) cancelTimer(turn, frame.pause)
    return 'unwind'
  },
}

function ended(turn: Turn, fiber: Fiber, frame: DoFrame, step: DoStep, given: Completion): Move {
  const depth = fiber.frames.length - 1
  const completion = underDeadline(fiber, step, depth, frame, given)
  const isLate = frame.timedOut === true
  // It is the step's `Timeout` from here on, once.
  if (completion !== given) delete frame.timedOut
  if (completion.kind !== 'throw') {
    handOver(frame.stack ?? [], stackAround(turn.state, fiber, depth))
    return done(completion)
  }
  const isOwn = !isLate && completion.canceledFrom === undefined
  const delayMs = isOwn ? retryDelayMs(turn, frame, frame.retry ?? step.retry, completion) : null
  if (step.saga !== undefined && frame.stack !== undefined && frame.stack.length > 0) {
    if (delayMs === null) leavesWith(turn, frame, completion)
    else frame.leaving = completion
    const undoing = { ...newUndoing(step.saga), ...(delayMs !== null && { retryDelayMs: delayMs }) }
    frame.undoing = undoing
    if (beginUndoing(turn, { undoing, stack: frame.stack, fiber }) === 'waits') return waiting
    return undone(turn, fiber, frame, step)
  }
  if (delayMs === null) return done(completion)
  return pauseUnlessCanceled(turn, fiber, frame, delayMs)
}

/** A cancellation that was held (a join that failed had to wait for its branches) ends the group, not its next round. */
function pauseUnlessCanceled(turn: Turn, fiber: Fiber, frame: DoFrame, delayMs: number): Move {
  const canceled = dueCancel(turn, fiber)
  if (canceled !== undefined) return done(canceled)
  pauseBeforeRetry(turn, fiber, frame, delayMs)
  return waiting
}

/** The step's deadline does not reach over its compensation. */
function leavesWith(turn: Turn, frame: DoFrame, completion: Completion): void {
  frame.leaving = completion
  if (frame.deadline !== undefined) cancelTimer(turn, frame.deadline)
  delete frame.deadline
}

function undone(turn: Turn, fiber: Fiber, frame: DoFrame, step: DoStep): Move {
  const { undoing, leaving } = frame
  if (undoing === undefined || leaving?.kind !== 'throw')
    throw new Error('a group that is undone leaves with an error')
  delete frame.undoing
  delete frame.leaving
  if (undoing.notUndone.length > 0) {
    const at = { step: step.id, path: stepPath(fiber, step.id) }
    return done({ ...leaving, error: compensationFailed(undoing.notUndone, leaving.error, at) })
  }
  if (undoing.retryDelayMs === undefined) return done(leaving)
  // The deadline passed, or a cancellation came, while it was undone: there is no next round.
  if (frame.timedOut === true) return done(leaving)
  return pauseUnlessCanceled(turn, fiber, frame, undoing.retryDelayMs)
}

function again(turn: Turn, fiber: Fiber, frame: DoFrame, step: DoStep): Move {
  const block = frame.otherwise === true && step.otherwise !== undefined ? step.otherwise : step.block
  const results = resultsOf(turn.state, fiber)
  for (const id of stepsInside(turn.program.plan, block)) delete results[id]
  return { kind: 'enter', block }
}
