/** Where a run stands and what it waits for, for `show`, `why` and the page (keeps I6: a run that waits can say for what). */
import type { Plan } from '../schema/plan.ts'
import { stepPath } from './paths.ts'
import type { Program } from './program.ts'
import type { Fiber, State } from './state.ts'
import { formatInstant } from './time.ts'

export interface Position {
  readonly step: string
  readonly path: string
  readonly line: number
}

export interface Wait {
  readonly kind: 'activity' | 'timer' | 'signal' | 'condition'
  readonly step: string
  readonly path: string
  readonly line: number
  readonly text: string
  /** Milliseconds since 1970 UTC. */
  readonly until: number | null
}

export function describeState(
  program: Program,
  state: State,
): { readonly at: readonly Position[]; readonly waits: readonly Wait[] } {
  const at = Object.values(state.fibers).flatMap((fiber) => position(program.plan, fiber) ?? [])
  return {
    at,
    waits: [
      ...activityWaits(program.plan, state),
      ...signalWaits(program.plan, state),
      ...timerWaits(program.plan, state),
    ],
  }
}

function position(plan: Plan, fiber: Fiber): Position | undefined {
  const frame = fiber.frames[fiber.frames.length - 1]
  if (frame?.kind !== 'step') return undefined
  return { step: frame.step, path: stepPath(fiber, frame.step), line: lineOf(plan, frame.step) }
}

function lineOf(plan: Plan, step: string): number {
  return plan.steps[step]?.place.line ?? 0
}

function activityWaits(plan: Plan, state: State): Wait[] {
  return Object.values(state.activitiesPending).map((activity) => {
    const again =
      activity.retryAt === undefined
        ? ''
        : `, attempt ${activity.attempt} at ${formatInstant(activity.retryAt)}`
    const failure =
      activity.lastError === undefined
        ? ''
        : ` after ${activity.lastError.type}: ${activity.lastError.message}`
    return {
      kind: 'activity',
      step: activity.step,
      path: activity.path,
      line: lineOf(plan, activity.step),
      text: `activity \`${activity.activity}\`${again}${failure}`,
      until: activity.scheduleToCloseAt ?? null,
    }
  })
}

function signalWaits(plan: Plan, state: State): Wait[] {
  const waits: Wait[] = []
  for (const wait of Object.values(state.signalWaits)) {
    waits.push(...waitOf(plan, state, wait.fiber, 'signal', `signal \`${wait.signal}\``))
  }
  for (const wait of Object.values(state.conditionWaits)) {
    const fiber = state.fibers[wait.fiber]
    const frame = fiber?.frames[fiber.frames.length - 1]
    const step = frame?.kind === 'step' ? plan.steps[frame.step] : undefined
    const source =
      step?.verb === 'wait' && step.for.kind === 'condition'
        ? plan.expressions[step.for.condition]?.source
        : undefined
    waits.push(...waitOf(plan, state, wait.fiber, 'condition', `condition \`${source ?? ''}\``))
  }
  return waits
}

function waitOf(
  plan: Plan,
  state: State,
  fiberId: number,
  kind: 'signal' | 'condition',
  text: string,
): Wait[] {
  const fiber = state.fibers[fiberId]
  const place = fiber === undefined ? undefined : position(plan, fiber)
  const frame = fiber?.frames[fiber.frames.length - 1]
  if (place === undefined || frame?.kind !== 'step' || frame.verb !== 'wait') return []
  const until = frame.timer === undefined ? null : (state.timers[frame.timer]?.fireAt ?? null)
  return [{ kind, ...place, text, until }]
}

/** Waits of the author alone; a deadline is nothing to wait for. */
function timerWaits(plan: Plan, state: State): Wait[] {
  return Object.values(state.timers)
    .filter((timer) => timer.purpose === 'wait')
    .map((timer) => ({
      kind: 'timer',
      step: timer.step,
      path: timer.path,
      line: lineOf(plan, timer.step),
      text: `until ${formatInstant(timer.fireAt)}`,
      until: timer.fireAt,
    }))
}
