/**
 * `workflow`: runs a child workflow and gives its result; `detached` starts it and goes on with its ids.
 * Owns when a child is tried again; the book of children is `children.ts`'s.
 */
import type { WorkflowStep } from '../../schema/plan.ts'
import { render } from '../expressions/render.ts'
import { takeHeldCancel } from '../fibers/cancellation.ts'
import { scopeOf } from '../fibers/scope.ts'
import type { Turn } from '../fibers/turn.ts'
import { stepPath } from '../paths.ts'
import { type ChildToStart, cancelChild, startChild } from '../pending/children.ts'
import { pauseBeforeRetry, retryDelayMs } from '../pending/retry-pause.ts'
import { cancelTimer } from '../pending/timers.ts'
import { compensatedStep } from '../sagas/compensated-step.ts'
import type { Completion, Fiber, WorkflowFrame } from '../state.ts'
import { renderRetry } from '../templates/intervals.ts'
import { withinPayload } from '../templates/payload.ts'
import { renderText } from '../templates/texts.ts'
import { done, type Move, type Verb, waiting } from './verb.ts'

export const workflowVerb: Verb<WorkflowStep, WorkflowFrame> = {
  async enter(turn, fiber, step) {
    const given = await childOf(turn, fiber, step)
    const retry = await renderRetry(turn, scopeOf(turn.state, fiber), step)
    const child = startChild(turn, fiber, given)
    fiber.frames.push({
      kind: 'step',
      verb: 'workflow',
      step: step.id,
      child: child.id,
      attempt: 1,
      failures: [],
      ...retry,
    })
    return waiting
  },

  resume(turn, fiber, frame, step, completion) {
    if (frame.pause === undefined) return childEnded(turn, fiber, frame, step, completion)
    delete frame.pause
    if (completion.kind !== 'normal') return done(completion)
    const canceled = takeHeldCancel(fiber)
    return canceled === undefined ? tryAgain(turn, fiber, frame, step) : done(canceled)
  },

  cancel(turn, _fiber, frame) {
    if (frame.pause !== undefined) {
      cancelTimer(turn, frame.pause)
      return 'unwind'
    }
    const child = frame.child === undefined ? undefined : turn.state.childrenPending[frame.child]
    return child === undefined ? 'held' : cancelChild(turn, child)
  },
}

/** A failure that a cancellation stands behind is not tried again. */
function childEnded(
  turn: Turn,
  fiber: Fiber,
  frame: WorkflowFrame,
  step: WorkflowStep,
  completion: Completion,
): Move {
  delete frame.child
  if (completion.kind !== 'throw' || completion.canceledFrom !== undefined) return done(completion)
  const delayMs = retryDelayMs(turn, frame, frame.retry ?? step.retry, completion)
  if (delayMs === null) return done(completion)
  pauseBeforeRetry(turn, fiber, frame, delayMs)
  return waiting
}

/** A run of its own under the same id: the one before it has closed. */
function tryAgain(turn: Turn, fiber: Fiber, frame: WorkflowFrame, step: WorkflowStep): Move {
  const { again, attempt } = frame
  if (again === undefined) throw new Error('a child is tried again without what it is to be given')
  delete frame.again
  frame.child = startChild(turn, fiber, { ...constantsOf(turn, fiber, step), ...again, attempt }).id
  return waiting
}

async function childOf(turn: Turn, fiber: Fiber, step: WorkflowStep): Promise<ChildToStart> {
  const scope = scopeOf(turn.state, fiber)
  const rendered =
    step.input === undefined ? null : await render(turn.program, step.input, scope, turn.context)
  const input = withinPayload(turn.state.limits, rendered, 'the input')
  const { versionRange, workflowId } = step
  return {
    ...constantsOf(turn, fiber, step),
    input,
    attempt: 1,
    ...(versionRange !== undefined && {
      versionRange: await renderText(turn, scope, versionRange, 'version'),
    }),
    ...(workflowId !== undefined && { workflowId: await renderText(turn, scope, workflowId, 'workflowId') }),
  }
}

function constantsOf(turn: Turn, fiber: Fiber, step: WorkflowStep) {
  const undoes = compensatedStep(turn.state, fiber)
  return {
    step: step.id,
    path: stepPath(fiber, step.id),
    workflow: step.workflow,
    cancellation: step.cancellation,
    onParentClose: step.onParentClose,
    ...(undoes !== undefined && { compensationOf: undoes }),
  }
}
