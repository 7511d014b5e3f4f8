/**
 * Delivers cancellations to fibers: once, as `Canceled`, wherever the fiber stands.
 *
 * A cancellation has a depth: the index of the frame that it ends (0: the whole fiber; a step's `timeout` ends the
 * frame of that step). While the steps of a `catch` or `finally` clean up after one, another of the same or a
 * narrower scope is ignored; one of a wider scope is held until they are done, so that it is not lost.
 */
import { canceledError } from '../errors/faults.ts'
import { scopePath } from '../paths.ts'
import type { Completion, Fiber, Frame, State } from '../state.ts'
import { type Turn, wake } from './turn.ts'

export function cancelFiber(turn: Turn, fiber: Fiber, depth: number): void {
  const cleaning = cleaningDepth(fiber, depth)
  if (cleaning !== undefined && cleaning <= depth) return
  const frame = fiber.frames[fiber.frames.length - 1]
  if (cleaning !== undefined || fiber.resume !== undefined || frame?.kind !== 'step') {
    holdCancel(fiber, depth)
    return
  }
  const step = turn.program.plan.steps[frame.step]
  if (step === undefined) throw new Error(`plan: no step ${frame.step}`)
  const reaction = turn.verbOf(step.verb).cancel(turn, fiber, frame, step, depth)
  if (reaction === 'held') holdCancel(fiber, depth)
  if (reaction === 'unwind') wake(turn, fiber, canceled(fiber, depth))
}

/** The cancellation that could not be delivered before, if it can be now. Called between steps. */
export function takeHeldCancel(fiber: Fiber): Completion | undefined {
  const depth = fiber.heldCancel
  if (depth === undefined) return undefined
  for (let n = depth; n < fiber.frames.length; n++) {
    const frame = fiber.frames[n]
    if (frame?.kind !== 'step' || frame.verb !== 'try') continue
    if (frame.stage === 'finally' || frame.cleaningFrom !== undefined) return undefined
  }
  delete fiber.heldCancel
  return canceled(fiber, depth)
}

/**
 * The cancellation that is due between two steps. Of a run that passed its timeout that is so wherever nothing is cleaned
 * up, also behind a `catch` that handled it: it closes as `timedOut` all the same, and would go on for as long as it likes.
 */
export function dueCancel({ state }: Turn, fiber: Fiber): Completion | undefined {
  const held = takeHeldCancel(fiber)
  if (held !== undefined || state.ending?.kind !== 'timeout' || !mustEnd(state, fiber)) return held
  return canceled(fiber, 0)
}

/** Handlers go on until the main steps have ended; compensations always do. */
function mustEnd(state: State, from: Fiber): boolean {
  let fiber: Fiber | undefined = from
  for (;;) {
    const { role, frames, parent }: Fiber = fiber
    if (role.kind === 'compensation' || frames.some(cleansUp)) return false
    if ((role.kind === 'signal' || role.kind === 'update') && state.phase.kind === 'running') return false
    fiber = parent === null ? undefined : state.fibers[parent]
    if (fiber === undefined) return true
  }
}

function cleansUp(frame: Frame): boolean {
  return frame.kind === 'step' && frame.verb === 'try' && frame.stage !== 'body'
}

/** The scope that a held cancellation was to end has ended. */
export function dropHeldCancel(fiber: Fiber, depth: number): void {
  if (fiber.heldCancel !== undefined && fiber.heldCancel >= depth) delete fiber.heldCancel
}

/** True where the completion carries a cancellation from further out than the frame at `depth`. */
export function cancelDepthReached(completion: Completion, depth: number): boolean {
  return (
    completion.kind === 'throw' && completion.canceledFrom !== undefined && completion.canceledFrom < depth
  )
}

/** For later: `takeHeldCancel` delivers it. */
export function holdCancel(fiber: Fiber, depth: number): void {
  fiber.heldCancel = fiber.heldCancel === undefined ? depth : Math.min(fiber.heldCancel, depth)
}

function canceled(fiber: Fiber, depth: number): Completion {
  const frame = fiber.frames[fiber.frames.length - 1]
  const step = frame?.kind === 'step' ? frame.step : null
  return { kind: 'throw', error: canceledError(step, scopePath(fiber)), canceledFrom: depth }
}

/** The widest cancellation that frames from `depth` on are cleaning up after. */
function cleaningDepth(fiber: Fiber, depth: number): number | undefined {
  let widest: number | undefined
  for (let n = depth; n < fiber.frames.length; n++) {
    const frame = fiber.frames[n]
    if (frame?.kind === 'step' && frame.verb === 'try' && frame.cleaningFrom !== undefined) {
      widest = widest === undefined ? frame.cleaningFrom : Math.min(widest, frame.cleaningFrom)
    }
  }
  return widest
}
