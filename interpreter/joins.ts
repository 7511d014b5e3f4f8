/**
 * What steps with several fibers share: the first failure (or `return`) decides and cancels the rest, the join waits
 * for their cleaning up, and then goes on. `parallel` and `forEach` bring what they keep of a child that succeeded.
 */
import type { Json } from '../schema/json.ts'
import { cancelFiber } from './cancellation.ts'
import { Fault, workflowError } from './fault.ts'
import { canceledError } from './faults.ts'
import { scopePath } from './paths.ts'
import type { Completion, Fiber, ForEachFrame, ParallelFrame } from './state.ts'
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
  const kept =
    completion.kind === 'normal'
      ? await keepResult(turn, parent, child, frame, completion.value ?? null)
      : completion
  if (kept.kind !== 'normal') decideJoin(turn, frame, kept)
  if (frame.children.length > 0) return
  if (frame.decided === undefined && frame.verb === 'forEach' && frame.next < frame.items.length) {
    // A cancellation that every item under way has handled still ends a loop that has items left.
    frame.decided = withDepth(frame, { kind: 'throw', error: canceledError(frame.step, scopePath(parent)) })
  }
  wake(turn, parent, frame.decided ?? { kind: 'normal' })
}

async function keepResult(
  turn: Turn,
  parent: Fiber,
  child: Fiber,
  frame: JoinFrame,
  value: Json,
): Promise<Completion> {
  const step = turn.program.plan.steps[frame.step]
  if (step === undefined) throw new Error(`plan: no step ${frame.step}`)
  try {
    await turn.verbOf(frame.verb).childSucceeded?.(turn, { parent, child, frame, step, value })
    return { kind: 'normal' }
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    return { kind: 'throw', error: workflowError(thrown.shape, { step: frame.step, path: scopePath(child) }) }
  }
}

function decideJoin(turn: Turn, frame: JoinFrame, completion: Completion): void {
  if (frame.decided !== undefined) return
  frame.decided = withDepth(frame, completion)
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
