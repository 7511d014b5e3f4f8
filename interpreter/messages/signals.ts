/**
 * Signals: first in, first out; buffered from the start of the run; the longest waiting takes one. A signal with `do`
 * starts a handler instead. Owns the buffer and the waits; which handlers run is `handlers.ts`'s.
 */
import type { Json } from '../../schema/json.ts'
import type { ExpressionIndex, StepId, Template } from '../../schema/plan.ts'
import { Fault, workflowError } from '../errors/fault.ts'
import type { EvaluationContext } from '../expressions/contract.ts'
import { evaluateCondition } from '../expressions/render.ts'
import { faultAt } from '../fibers/fault-at.ts'
import { runScope, scopeOf } from '../fibers/scope.ts'
import { type Turn, takeId, wake } from '../fibers/turn.ts'
import type { Completion, Fiber, SignalWait, State } from '../state.ts'
import { renderConcurrency } from '../templates/counts.ts'
import {
  hasFreeSlot,
  leavesToNextRun,
  queueHandler,
  startSignalHandler,
  takeHandlerIndex,
} from './handlers.ts'

export async function signalReceived(turn: Turn, signal: string, payload: Json): Promise<void> {
  const { state } = turn
  const declared = turn.program.plan.signals[signal]
  if (declared?.block !== undefined && !leavesToNextRun(state)) {
    const { phase } = state
    if (phase.kind === 'running' || (phase.kind === 'draining' && phase.outcome.kind === 'completed')) {
      await handle(turn, signal, declared.concurrency, payload)
    }
    return
  }
  for (const wait of Object.values(turn.state.signalWaits)) {
    if (wait.signal === signal && (await offer(turn, wait, payload))) return
  }
  const buffer = state.buffer[signal]
  if (buffer === undefined) state.buffer[signal] = [payload]
  else buffer.push(payload)
  if (!leavesToNextRun(state)) return
  if (state.arrivals === undefined) state.arrivals = [signal]
  else state.arrivals.push(signal)
}

/** Its `do` begins, or waits for as many of the same name as may run at once. The queue keeps their order. */
async function handle(
  turn: Turn,
  signal: string,
  concurrency: Template | undefined,
  payload: Json,
): Promise<void> {
  const { state } = turn
  const index = takeHandlerIndex(state, signal)
  let slots: number
  try {
    // Over the scope of the run, as it is when the signal comes.
    slots =
      concurrency === undefined
        ? Number.POSITIVE_INFINITY
        : await renderConcurrency(turn, runScope(state), concurrency)
  } catch (thrown) {
    // As an error in its `do`: the handler begins, and fails before its first step.
    const handler = startSignalHandler(turn, signal, index, payload)
    if (!(thrown instanceof Fault)) throw thrown
    const error = workflowError(thrown.shape, { path: handler.path })
    handler.resume = { kind: 'throw', error }
    return
  }
  if (hasFreeSlot(state, signal, slots)) startSignalHandler(turn, signal, index, payload)
  else queueHandler(state, signal, { index, payload, concurrency: slots })
}

interface PassedOn {
  readonly signal: string
  readonly input: Json
}

/**
 * What goes along where the run continues as new: first what waited before it left, by name, those of a `do` before
 * others; then in order of arrival what came since, which the `do` of several names may have to keep.
 */
export function signalsForNextRun({ handlersQueued, buffer, arrivals }: State): readonly PassedOn[] {
  const waited = new Map(Object.entries(buffer).map(([signal, payloads]) => [signal, [...payloads]]))
  const since: PassedOn[] = []
  // From the last on: what a handler has taken meanwhile was the first of its name.
  for (const signal of arrivals?.toReversed() ?? []) {
    const input = waited.get(signal)?.pop()
    if (input !== undefined) since.push({ signal, input })
  }
  const names = new Set([...Object.keys(handlersQueued), ...waited.keys()])
  const before = [...names].flatMap((signal) => [
    ...(handlersQueued[signal] ?? []).map(({ payload }) => ({ signal, input: payload })),
    ...(waited.get(signal) ?? []).map((input) => ({ signal, input })),
  ])
  return [...before, ...since.reverse()]
}

/** Takes the first buffered signal that the fiber's `where` picks; undefined: none. */
export async function takeBuffered(
  turn: Turn,
  fiber: Fiber,
  signal: string,
  where: ExpressionIndex | undefined,
): Promise<{ readonly payload: Json } | undefined> {
  const buffer = turn.state.buffer[signal] ?? []
  for (const [n, payload] of buffer.entries()) {
    if (!(await picks(turn, fiber, where, payload, turn.context))) continue
    buffer.splice(n, 1)
    if (buffer.length === 0) delete turn.state.buffer[signal]
    return { payload }
  }
  return undefined
}

export function awaitSignal(turn: Turn, fiber: Fiber, signal: string): number {
  const id = takeId(turn)
  turn.state.signalWaits[id] = { id, fiber: fiber.id, signal }
  return id
}

/**
 * The longest waiting that picks the signal, which stays as it is: for who must know before anything is recorded.
 * Throws a `Fault` where a `where` fails.
 */
export async function waitThatPicks(
  turn: Turn,
  signal: string,
  payload: Json,
  context: EvaluationContext,
): Promise<SignalWait | undefined> {
  for (const wait of Object.values(turn.state.signalWaits)) {
    if (wait.signal !== signal) continue
    const { fiber, where } = waiterOf(turn, wait)
    if (await picks(turn, fiber, where, payload, context)) return wait
  }
  return undefined
}

export function giveSignal(turn: Turn, wait: SignalWait, payload: Json): void {
  endWait(turn, wait, { kind: 'normal', value: payload })
}

/** True where the fiber takes the signal. A `where` that fails, fails its step; the signal stays for another. */
async function offer(turn: Turn, wait: SignalWait, payload: Json): Promise<boolean> {
  const { fiber, step, where } = waiterOf(turn, wait)
  try {
    if (!(await picks(turn, fiber, where, payload, turn.context))) return false
  } catch (thrown) {
    endWait(turn, wait, { kind: 'throw', error: faultAt(fiber, step, thrown) })
    return false
  }
  giveSignal(turn, wait, payload)
  return true
}

function endWait(turn: Turn, wait: SignalWait, completion: Completion): void {
  delete turn.state.signalWaits[wait.id]
  wake(turn, waiterOf(turn, wait).fiber, completion)
}

function waiterOf(
  turn: Turn,
  wait: SignalWait,
): { readonly fiber: Fiber; readonly step: StepId; readonly where: ExpressionIndex | undefined } {
  const fiber = turn.state.fibers[wait.fiber]
  const frame = fiber?.frames[fiber.frames.length - 1]
  if (fiber === undefined || frame?.kind !== 'step') throw new Error('a signal wait without its step')
  const step = turn.program.plan.steps[frame.step]
  const where = step?.verb === 'wait' && step.for.kind === 'signal' ? step.for.where : undefined
  return { fiber, step: frame.step, where }
}

async function picks(
  turn: Turn,
  fiber: Fiber,
  where: ExpressionIndex | undefined,
  payload: Json,
  context: EvaluationContext,
): Promise<boolean> {
  if (where === undefined) return true
  const scope = scopeOf(turn.state, fiber, { signal: payload })
  return evaluateCondition(turn.program, where, scope, context)
}
