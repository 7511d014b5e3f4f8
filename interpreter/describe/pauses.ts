/** What a run waits for of people: an operator's resume, or a signal that leaves its state. Used by `describe.ts`. */
import type { Plan } from '../../schema/plan.ts'
import type { State, StatesFrame } from '../state.ts'
import { formatInstant } from '../values/time.ts'
import { lineOf, type Wait, waitAt } from './place.ts'

export function pauseWaits(plan: Plan, state: State): Wait[] {
  const { paused } = state
  if (paused === null) return []
  const { stuck, reason, since, held } = paused
  const why = reason === null ? '' : `: ${reason}`
  const how =
    stuck === undefined ? 'to be resumed' : 'an operator resumes it (it is tried again) or skips the step'
  const waiting = held.length === 0 ? '' : `; ${held.length} that came meanwhile take effect then`
  return [
    {
      kind: 'paused',
      step: stuck?.step ?? null,
      path: stuck?.path ?? null,
      line: stuck === undefined ? null : lineOf(plan, stuck.step),
      text: `paused since ${formatInstant(since)}${why}; ${how}${waiting}`,
      until: null,
    },
  ]
}

/** A state whose `do` has ended, and which no transition of `next` left. */
export function transitionWaits(plan: Plan, state: State): Wait[] {
  return Object.values(state.fibers).flatMap((fiber) => {
    const frame = fiber.frames[fiber.frames.length - 1]
    if (frame?.kind !== 'step' || frame.verb !== 'states' || frame.stage !== 'resting') return []
    const step = plan.steps[frame.step]
    const signals = step?.verb === 'states' ? Object.keys(step.states[frame.state]?.on ?? {}) : []
    const until = firstAfter(state, frame)
    const names = signals.map((signal) => `\`${signal}\``).join(', ')
    const ways = [
      ...(signals.length > 0 ? [`by one of the signals ${names}`] : []),
      ...(until === null ? [] : [`at ${formatInstant(until)}`]),
    ]
    const left = ways.length > 0 ? `is left ${ways.join(', or ')}` : 'is left by nothing any more'
    return waitAt(plan, fiber, 'transition', `the state \`${frame.state}\` ${left}`, until)
  })
}

function firstAfter(state: State, frame: StatesFrame): number | null {
  const times = Object.keys(frame.after).flatMap((id) => state.timers[Number(id)]?.fireAt ?? [])
  return times.length === 0 ? null : Math.min(...times)
}
