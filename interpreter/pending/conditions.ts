/** `wait: { condition }`: tested at the start, and after each event once nothing else can go on. */
import { evaluateCondition } from '../expressions/render.ts'
import { faultAt } from '../fibers/fault-at.ts'
import { scopeOf } from '../fibers/scope.ts'
import { type Turn, takeId, wake } from '../fibers/turn.ts'
import type { Completion, ConditionWait, Fiber } from '../state.ts'

export function awaitCondition(turn: Turn, fiber: Fiber): number {
  const id = takeId(turn)
  turn.state.conditionWaits[id] = { id, fiber: fiber.id }
  return id
}

/** Wakes the longest waiting fiber whose condition holds. False: none does. */
export async function wakeOneCondition(turn: Turn): Promise<boolean> {
  for (const wait of Object.values(turn.state.conditionWaits)) {
    const fiber = turn.state.fibers[wait.fiber]
    if (fiber === undefined) throw new Error('a condition wait without its fiber')
    const completion = await test(turn, fiber)
    if (completion === undefined) continue
    endWait(turn, wait)
    wake(turn, fiber, completion)
    return true
  }
  return false
}

function endWait(turn: Turn, wait: ConditionWait): void {
  delete turn.state.conditionWaits[wait.id]
}

async function test(turn: Turn, fiber: Fiber): Promise<Completion | undefined> {
  const frame = fiber.frames[fiber.frames.length - 1]
  const step = frame?.kind === 'step' ? turn.program.plan.steps[frame.step] : undefined
  if (step?.verb !== 'wait' || step.for.kind !== 'condition')
    throw new Error('a condition wait without its step')
  try {
    const scope = scopeOf(turn.state, fiber)
    const holds = await evaluateCondition(turn.program, step.for.condition, scope, turn.context)
    return holds ? { kind: 'normal', value: true } : undefined
  } catch (thrown) {
    return { kind: 'throw', error: faultAt(fiber, step.id, thrown) }
  }
}
