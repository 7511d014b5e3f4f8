/**
 * Signals: first in, first out; buffered from the start of the run; the longest waiting takes one. A signal with `do`
 * starts a handler instead. Owns the buffer and the waits.
 */
import type { Json } from '../schema/json.ts'
import type { ExpressionIndex } from '../schema/plan.ts'
import { evaluateCondition } from './expressions/render.ts'
import { faultAt } from './fault-at.ts'
import { spawnFiber } from './fibers.ts'
import { scopeOf } from './scope.ts'
import type { Fiber, SignalWait } from './state.ts'
import { type Turn, takeId, wake } from './turn.ts'

export async function signalReceived(turn: Turn, signal: string, payload: Json): Promise<void> {
  const declared = turn.program.plan.signals[signal]
  const { phase } = turn.state
  if (declared?.block !== undefined) {
    if (phase.kind === 'running' || (phase.kind === 'draining' && phase.outcome.kind === 'completed')) {
      const count = turn.state.handled[signal] ?? 0
      turn.state.handled[signal] = count + 1
      spawnFiber(turn, {
        role: { kind: 'signal', signal },
        parent: null,
        path: `signals.${signal}[${count}]`,
        block: declared.block,
        scope: { results: {}, locals: { signal: payload } },
      })
    }
    return
  }
  for (const wait of Object.values(turn.state.signalWaits)) {
    if (wait.signal === signal && (await offer(turn, wait, payload))) return
  }
  const buffer = turn.state.buffer[signal]
  if (buffer === undefined) turn.state.buffer[signal] = [payload]
  else buffer.push(payload)
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
    if (!(await picks(turn, fiber, where, payload))) continue
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

/** True where the fiber takes the signal. A `where` that fails, fails its step; the signal stays for another. */
async function offer(turn: Turn, wait: SignalWait, payload: Json): Promise<boolean> {
  const fiber = turn.state.fibers[wait.fiber]
  const frame = fiber?.frames[fiber.frames.length - 1]
  if (fiber === undefined || frame?.kind !== 'step') throw new Error('a signal wait without its step')
  const step = turn.program.plan.steps[frame.step]
  const where = step?.verb === 'wait' && step.for.kind === 'signal' ? step.for.where : undefined
  try {
    if (!(await picks(turn, fiber, where, payload))) return false
  } catch (thrown) {
    const error = faultAt(fiber, frame.step, thrown)
    delete turn.state.signalWaits[wait.id]
    wake(turn, fiber, { kind: 'throw', error })
    return false
  }
  delete turn.state.signalWaits[wait.id]
  wake(turn, fiber, { kind: 'normal', value: payload })
  return true
}

async function picks(
  turn: Turn,
  fiber: Fiber,
  where: ExpressionIndex | undefined,
  payload: Json,
): Promise<boolean> {
  if (where === undefined) return true
  const scope = scopeOf(turn.state, fiber, { signal: payload })
  return evaluateCondition(turn.program, where, scope, turn.context)
}
