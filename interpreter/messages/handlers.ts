/**
 * Handlers: the `do` of signals and updates, which run beside the main steps. Owns who of them is under way and who
 * waits for another to end; what starts one is in `signals.ts` and `updates.ts`.
 */
import type { Json } from '../../schema/json.ts'
import { cancelFiber } from '../fibers/cancellation.ts'
import { spawnFiber } from '../fibers/fibers.ts'
import type { Turn } from '../fibers/turn.ts'
import type { Fiber, State } from '../state.ts'

export function handlersUnderWay(state: State): Fiber[] {
  return Object.values(state.fibers).filter(
    (fiber) => fiber.parent === null && (fiber.role.kind === 'signal' || fiber.role.kind === 'update'),
  )
}

/** Under way, or waiting for one that is. What will begin in the next run alone does not count. */
export function hasHandlers(state: State): boolean {
  if (handlersUnderWay(state).length > 0) return true
  return Object.keys(state.handlersQueued).length > 0 && !leavesToNextRun(state)
}

/** The main steps ended with `continueAsNew`: a signal that has not begun its `do` goes along. */
export function leavesToNextRun({ phase }: State): boolean {
  return phase.kind === 'draining' && phase.outcome.kind === 'continuedAsNew'
}

/** The next index in the addresses of handlers of that name, such as `signals.note[2]`. */
export function takeHandlerIndex(state: State, name: string): number {
  const index = state.handled[name] ?? 0
  state.handled[name] = index + 1
  return index
}

export function startSignalHandler(turn: Turn, signal: string, index: number, payload: Json): Fiber {
  const block = turn.program.plan.signals[signal]?.block
  if (block === undefined) throw new Error(`plan: the signal ${signal} has no steps`)
  return spawnFiber(turn, {
    role: { kind: 'signal', signal },
    parent: null,
    path: `signals.${signal}[${index}]`,
    block,
    scope: { results: {}, locals: { signal: payload } },
  })
}

export function queueHandler(
  state: State,
  signal: string,
  queued: State['handlersQueued'][string][number],
): void {
  const queue = state.handlersQueued[signal]
  if (queue === undefined) state.handlersQueued[signal] = [queued]
  else queue.push(queued)
}

/** True where one more may run beside those of that signal, and none waits before it. */
export function hasFreeSlot(state: State, signal: string, concurrency: number): boolean {
  return state.handlersQueued[signal] === undefined && underWay(state, signal) < concurrency
}

/** A handler of the signal has ended: the next that waits begins. Called when its fiber is gone. */
export function handlerSlotFreed(turn: Turn, signal: string): void {
  const { state } = turn
  // Nor where one has failed: the run fails, and what would begin now would only be canceled.
  if (leavesToNextRun(state) || state.ending?.kind === 'handler') return
  const queue = state.handlersQueued[signal] ?? []
  for (let next = queue[0]; next !== undefined; next = queue[0]) {
    if (underWay(state, signal) >= next.concurrency) return
    queue.shift()
    startSignalHandler(turn, signal, next.index, next.payload)
  }
  delete state.handlersQueued[signal]
}

/** Those that did not begin never will. */
export function cancelHandlers(turn: Turn): void {
  turn.state.handlersQueued = {}
  for (const fiber of handlersUnderWay(turn.state)) cancelFiber(turn, fiber, 0)
}

function underWay(state: State, signal: string): number {
  return handlersUnderWay(state).filter(({ role }) => role.kind === 'signal' && role.signal === signal).length
}
