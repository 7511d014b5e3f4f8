/**
 * Where a run stands and what it waits for, for `show`, `why` and the page. Everything that a state can wait for has its
 * line here (keeps I6: a run that waits can say for what); a deadline is nothing to wait for.
 */
import type { Plan } from '../../schema/plan.ts'
import type { Program } from '../program.ts'
import type { State } from '../state.ts'
import { formatInstant } from '../values/time.ts'
import { childWaits, externalSignalWaits } from './others.ts'
import { pauseWaits, transitionWaits } from './pauses.ts'
import { lineOf, type Position, positionOf, type Wait, waitAt } from './place.ts'

export type { Position, Wait } from './place.ts'

export function describeState(
  program: Program,
  state: State,
): { readonly at: readonly Position[]; readonly waits: readonly Wait[] } {
  const { plan } = program
  const at = Object.values(state.fibers).flatMap((fiber) => positionOf(plan, fiber) ?? [])
  return {
    at,
    waits: [
      ...pauseWaits(plan, state),
      ...activityWaits(plan, state),
      ...childWaits(plan, state),
      ...externalSignalWaits(plan, state),
      ...signalWaits(plan, state),
      ...queuedSignals(state),
      ...transitionWaits(plan, state),
      ...timerWaits(plan, state),
    ],
  }
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
      ...placeOf(plan, activity),
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
  const frame = fiber?.frames[fiber.frames.length - 1]
  if (fiber === undefined || frame?.kind !== 'step' || frame.verb !== 'wait') return []
  const until = frame.timer === undefined ? null : (state.timers[frame.timer]?.fireAt ?? null)
  return waitAt(plan, fiber, kind, text, until)
}

/** Signals that were accepted and did not begin their `do`; they have no step yet. */
function queuedSignals(state: State): Wait[] {
  return Object.entries(state.handlersQueued).map(([signal, queued]) => ({
    kind: 'signal',
    step: null,
    path: `signals.${signal}[${queued[0]?.index ?? 0}]`,
    line: null,
    text: `${queued.length} of the signal \`${signal}\` until a handler of it has ended (\`concurrency\`)`,
    until: null,
  }))
}

/** Waits of the author and pauses before another attempt; those with a line of their own have their time there. */
function timerWaits(plan: Plan, state: State): Wait[] {
  return Object.values(state.timers).flatMap((timer) => {
    if (timer.purpose === 'startDelay') return delayedStart(timer.fireAt)
    if (timer.purpose !== 'wait' && timer.purpose !== 'retry') return []
    const what = timer.purpose === 'retry' ? 'to be tried again at' : 'until'
    return {
      kind: 'timer' as const,
      ...placeOf(plan, timer),
      text: `${what} ${formatInstant(timer.fireAt)}`,
      until: timer.fireAt,
    }
  })
}

function delayedStart(fireAt: number): Wait {
  const text = `the start, which is delayed until ${formatInstant(fireAt)}`
  return { kind: 'timer', step: null, path: null, line: null, text, until: fireAt }
}

function placeOf(plan: Plan, { step, path }: { readonly step: string; readonly path: string }): Position {
  return { step, path, line: lineOf(plan, step) }
}
