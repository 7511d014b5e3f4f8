/**
 * `wait`: for a duration, until a time, for a signal, until a condition holds. `atMost` gives up quietly.
 */
import type { Json } from '../../schema/json.ts'
import type { PlanDuration, WaitStep } from '../../schema/plan.ts'
import type { PendingId, TimerPurpose } from '../events.ts'
import { evaluateCondition } from '../expressions/render.ts'
import { scopeOf } from '../fibers/scope.ts'
import { type Turn, wake } from '../fibers/turn.ts'
import { awaitSignal, takeBuffered } from '../messages/signals.ts'
import { stepPath } from '../paths.ts'
import { awaitCondition } from '../pending/conditions.ts'
import { cancelTimer, startTimer } from '../pending/timers.ts'
import type { Fiber, WaitFrame } from '../state.ts'
import { resolveDuration, resolveInstant } from '../templates/durations.ts'
import { done, ended, type Move, type Verb, waiting } from './verb.ts'

export const waitVerb: Verb<WaitStep, WaitFrame> = {
  async enter(turn, fiber, step) {
    const scope = scopeOf(turn.state, fiber)
    const { now } = turn.state
    const target = step.for
    switch (target.kind) {
      case 'duration':
        return waitUntil(turn, fiber, step, now + (await resolveDuration(turn, scope, target.duration)))
      case 'until':
        return waitUntil(turn, fiber, step, await resolveInstant(turn, scope, target.time))
      case 'signal': {
        const giveUpAt = await giveUpTime(turn, fiber, target.atMost)
        const taken = await takeBuffered(turn, fiber, target.signal, target.where)
        if (taken !== undefined) return ended(taken.payload)
        return waitFor(turn, fiber, step, awaitSignal(turn, fiber, target.signal), giveUpAt)
      }
      case 'condition': {
        const giveUpAt = await giveUpTime(turn, fiber, target.atMost)
        if (await evaluateCondition(turn.program, target.condition, scope, turn.context)) return ended(true)
        return waitFor(turn, fiber, step, awaitCondition(turn, fiber), giveUpAt)
      }
      default:
        return target satisfies never
    }
  },

  resume(turn, _fiber, frame, _step, completion) {
    if (frame.timer !== undefined) cancelTimer(turn, frame.timer)
    return done(completion)
  },

  cancel(turn, _fiber, frame) {
    forgetWait(turn, frame)
    return 'unwind'
  },
}

/** The timer of the wait has fired: a time has come, or `atMost` gives up with null or false. */
export function waitEnded(turn: Turn, fiber: Fiber, timer: PendingId): void {
  const frame = fiber.frames[fiber.frames.length - 1]
  if (frame?.kind !== 'step' || frame.verb !== 'wait' || frame.timer !== timer) return
  delete frame.timer
  const step = turn.program.plan.steps[frame.step]
  forgetWait(turn, frame)
  const given: Json | undefined = step?.verb === 'wait' ? givenUp[step.for.kind] : undefined
  wake(turn, fiber, given === undefined ? { kind: 'normal' } : { kind: 'normal', value: given })
}

const givenUp: { readonly [K in WaitStep['for']['kind']]: Json | undefined } = {
  duration: undefined,
  until: undefined,
  signal: null,
  condition: false,
}

function forgetWait(turn: Turn, frame: WaitFrame): void {
  if (frame.wait === undefined) return
  delete turn.state.signalWaits[frame.wait]
  delete turn.state.conditionWaits[frame.wait]
}

function waitUntil(turn: Turn, fiber: Fiber, step: WaitStep, at: number): Move {
  if (at <= turn.state.now) return ended()
  return waitFor(turn, fiber, step, undefined, { at, purpose: 'wait' })
}

function waitFor(
  turn: Turn,
  fiber: Fiber,
  step: WaitStep,
  wait: PendingId | undefined,
  timer: { readonly at: number; readonly purpose: TimerPurpose } | undefined,
): Move {
  const path = stepPath(fiber, step.id)
  const frame: WaitFrame = { kind: 'step', verb: 'wait', step: step.id }
  if (wait !== undefined) frame.wait = wait
  if (timer !== undefined) frame.timer = startTimer(turn, fiber, step.id, path, timer.purpose, timer.at)
  fiber.frames.push(frame)
  return waiting
}

async function giveUpTime(turn: Turn, fiber: Fiber, atMost: PlanDuration | undefined) {
  if (atMost === undefined) return undefined
  const ms = await resolveDuration(turn, scopeOf(turn.state, fiber), atMost)
  return { at: turn.state.now + ms, purpose: 'atMost' as const }
}
