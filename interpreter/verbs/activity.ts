/** `activity`: runs a registered activity and gives what it returned. */
import type { ActivitySettings, ActivityStep, Template } from '../../schema/plan.ts'
import { expressionFault } from '../errors/faults.ts'
import type { Scope } from '../expressions/contract.ts'
import { render } from '../expressions/render.ts'
import { scopeOf } from '../fibers/scope.ts'
import type { Turn } from '../fibers/turn.ts'
import { stepPath } from '../paths.ts'
import { cancelActivity, scheduleActivity } from '../pending/activities.ts'
import { engineActivityDefaults, mergeSettings, ownSettingsKey } from '../pending/activity-settings.ts'
import { compensatedStep } from '../sagas/compensated-step.ts'
import type { ActivityFrame } from '../state.ts'
import { resolveDuration } from '../templates/durations.ts'
import { renderRetry } from '../templates/intervals.ts'
import { withinPayload } from '../templates/payload.ts'
import { renderText } from '../templates/texts.ts'
import { instantAfter } from '../values/time.ts'
import { done, type Verb, waiting } from './verb.ts'

export const activityVerb: Verb<ActivityStep, ActivityFrame> = {
  async enter(turn, fiber, step) {
    const { state, program } = turn
    const scope = scopeOf(state, fiber)
    const rendered = step.input === undefined ? null : await render(program, step.input, scope, turn.context)
    const input = withinPayload(state.limits, rendered, 'the input')
    const taskQueue =
      step.taskQueue === undefined
        ? state.taskQueue
        : await renderText(turn, scope, step.taskQueue, 'taskQueue')
    const summary =
      step.summary === undefined ? undefined : await renderText(turn, scope, step.summary, 'summary')
    const priority = step.priority === undefined ? undefined : await priorityOf(turn, scope, step.priority)
    const settings = mergeSettings([
      await ownSettings(turn, scope, step),
      program.plan.activityDefaults,
      state.activities[ownSettingsKey(step.activity, step.versionRange)],
      engineActivityDefaults,
    ])
    const { scheduleToStartTimeoutMs, scheduleToCloseTimeoutMs, heartbeatTimeoutMs } = settings
    const undoes = compensatedStep(state, fiber)
    const activity = scheduleActivity(
      turn,
      fiber,
      {
        step: step.id,
        path: stepPath(fiber, step.id),
        activity: step.activity,
        ...(step.versionRange !== undefined && { versionRange: step.versionRange }),
        ...(undoes !== undefined && { compensationOf: undoes }),
        input,
        taskQueue,
        ...(priority !== undefined && { priority }),
        cancellation: step.cancellation,
        ...(step.compensation?.when === 'attempted' && { announce: 'due' as const }),
        startToCloseTimeoutMs: settings.startToCloseTimeoutMs ?? engineActivityDefaults.startToCloseTimeoutMs,
        ...(heartbeatTimeoutMs !== undefined && { heartbeatTimeoutMs }),
        ...(scheduleToStartTimeoutMs !== undefined && { scheduleToStartTimeoutMs }),
        ...(scheduleToCloseTimeoutMs !== undefined && {
          scheduleToCloseAt: instantAfter(state.now, scheduleToCloseTimeoutMs),
        }),
        retry: settings.retry ?? {},
      },
      summary,
    )
    fiber.frames.push({ kind: 'step', verb: 'activity', step: step.id, activity })
    return waiting
  },

  resume(_turn, _fiber, _frame, _step, completion) {
    return done(completion)
  },

  cancel(turn, _fiber, frame) {
    const activity = turn.state.activitiesPending[frame.activity]
    return activity === undefined ? 'held' : cancelActivity(turn, activity)
  },
}

async function priorityOf(turn: Turn, scope: Scope, template: Template): Promise<number> {
  const value = await render(turn.program, template, scope, turn.context)
  if (typeof value === 'number') return value
  throw expressionFault(`\`priority\` must be a number, not ${JSON.stringify(value)}`)
}

async function ownSettings(turn: Turn, scope: Scope, step: ActivityStep): Promise<ActivitySettings> {
  const { settings, timeoutTemplates, retryTemplates } = step
  if (timeoutTemplates === undefined && retryTemplates === undefined) return settings
  const rendered: { [key: string]: unknown } = { ...settings }
  for (const [name, duration] of Object.entries(timeoutTemplates ?? {})) {
    rendered[`${name}TimeoutMs`] = await resolveDuration(turn, scope, duration)
  }
  return { ...rendered, ...(await renderRetry(turn, scope, { retry: settings.retry, retryTemplates })) }
}
