/**
 * What steps with several fibers share: a child that ends may decide, the rest is then canceled, the join waits for
 * their cleaning up, and goes on. What a success or a failure means is the verb's (`verbs/parallel.ts`,
 * `verbs/for-each.ts`); owned here is what holds for all: `return` and `continueAsNew` in a child decide at once, a
 * cancellation from outside is no child's failure, and nothing counts any more after the decision.
 */

import { Fault, workflowError } from '../errors/fault.ts'
import { canceledError } from '../errors/faults.ts'
import { scopePath } from '../paths.ts'
import type { Completion, Fiber, ForEachFrame, ParallelFrame } from '../state.ts'
import { cancelFiber, holdCancel } from './cancellation.ts'
import { type Turn, wake } from './turn.ts'

export type JoinFrame = ParallelFrame | ForEachFrame

/** A child of the top frame of its parent has ended; it is still in the state, so that its scope can be read. */
export async function childEnded(turn: Turn, child: Fiber, completion: Completion): Promise<void> {
  const parent = child.parent === null ? undefined : turn.state.fibers[child.parent]
  const frame = parent?.frames[parent.frames.length - 1]
  if (parent === undefined || frame?.kind !== 'step')
    throw new Error('a branch without the step that forked it')
  if (frame.verb !== 'parallel' && frame.verb !== 'forEach') throw new Error(`a branch under ${frame.verb}`)
  frame.children.splice(frame.children.indexOf(child.id), 1)
  if (frame.decided === undefined) {
    const decision = await decisionOf(turn, parent, child, frame, completion)
    // While a cancellation goes through, one branch that handled it does not speak for the others.
    const isEarly = decision?.kind === 'normal' && frame.cancelDepth !== undefined
    if (decision !== undefined && !isEarly)
      decideJoin(turn, frame, decision, handBack(parent, child, frame, decision))
  }
  if (frame.children.length > 0) return
  if (frame.decided === undefined && frame.verb === 'forEach' && frame.next < frame.items.length) {
    // A cancellation that every item under way has handled still ends a loop that has items left.
    frame.decided = withDepth(frame, { kind: 'throw', error: canceledError(frame.step, scopePath(parent)) })
  }
  wake(turn, parent, frame.decided ?? { kind: 'normal' })
}

/** Undefined: the others go on. */
async function decisionOf(
  turn: Turn,
  parent: Fiber,
  child: Fiber,
  frame: JoinFrame,
  completion: Completion,
): Promise<Completion | undefined> {
  if (completion.kind === 'return' || completion.kind === 'continueAsNew') return completion
  // The cancellation that the parent handed on comes back. Where the child handled it (a `catch` that names `Canceled`)
  // and raised an error of its own, that is its failure.
  if (completion.kind === 'throw' && completion.canceledFrom !== undefined && frame.cancelDepth !== undefined)
    return completion
  const step = turn.program.plan.steps[frame.step]
  if (step === undefined) throw new Error(`plan: no step ${frame.step}`)
  const verb = turn.verbOf(frame.verb)
  if (completion.kind === 'normal') {
    const value = completion.value ?? null
    try {
      return await verb.childSucceeded?.(turn, { parent, child, frame, step }, value)
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown
      const error = workflowError(thrown.shape, { step: frame.step, path: scopePath(child) })
      return verb.childFailed?.(turn, { parent, child, frame, step }, error)
    }
  }
  const decision = verb.childFailed?.(turn, { parent, child, frame, step }, completion.error)
  // A failure that the join would bear: what ends it is the cancellation that the child never took.
  if (decision === undefined && neverTookCancel(child, frame))
    return {
      kind: 'throw',
      error: canceledError(frame.step, scopePath(parent)),
      canceledFrom: frame.cancelDepth,
    }
  // What a branch raises again is still the error of the handler around the join: it does not become its own cause,
  // and what it names itself (`Retry-After`) goes on with it.
  const isSame = decision?.kind === 'throw' && decision.error === completion.error
  if (!isSame) return decision
  const { rethrow, retryAfterMs } = completion
  return { ...decision, ...(rethrow && { rethrow }), ...(retryAfterMs !== undefined && { retryAfterMs }) }
}

/** It was undoing a group, or cleaning up, and then ended. */
function neverTookCancel(
  child: Fiber,
  frame: JoinFrame,
): frame is JoinFrame & { readonly cancelDepth: number } {
  return frame.cancelDepth !== undefined && child.heldCancel !== undefined
}

/**
 * A cancellation that never reached the child is the parent's again, as if the child's steps were its own: it comes as
 * `Canceled` behind a `catch` that takes the child's error, and ends the chain of a run that continues as new.
 */
function handBack(parent: Fiber, child: Fiber, frame: JoinFrame, decision: Completion): boolean {
  if (decision.kind === 'throw' && decision.canceledFrom !== undefined) return false
  if (!neverTookCancel(child, frame)) return false
  holdCancel(parent, frame.cancelDepth)
  return true
}

function decideJoin(turn: Turn, frame: JoinFrame, completion: Completion, isHandedBack: boolean): void {
  if (frame.decided !== undefined) return
  frame.decided = isHandedBack ? completion : withDepth(frame, completion)
  for (const id of frame.children) {
    const sibling = turn.state.fibers[id]
    if (sibling !== undefined) cancelFiber(turn, sibling, 0)
  }
}

/** A child's depth says nothing in its parent; what counts there is the cancellation that the parent handed on. */
function withDepth(frame: JoinFrame, completion: Completion): Completion {
  if (completion.kind !== 'throw') return completion
  const { canceledFrom: _childDepth, ...rest } = completion
  return frame.cancelDepth === undefined ? rest : { ...rest, canceledFrom: frame.cancelDepth }
}

/** What a cancellation does to a fiber that stands at a join: it goes on to the children. */
export function cancelJoin(turn: Turn, frame: JoinFrame, depth: number): 'held' | 'forwarded' {
  if (frame.decided !== undefined) return 'held'
  frame.cancelDepth = frame.cancelDepth === undefined ? depth : Math.min(frame.cancelDepth, depth)
  for (const id of frame.children) {
    const child = turn.state.fibers[id]
    if (child !== undefined) cancelFiber(turn, child, 0)
  }
  return 'forwarded'
}
