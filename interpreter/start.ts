/** The first event makes the state: initial variables, the run's deadline, the main line. */
import { type RunLimits, runLimits } from '../schema/limits.ts'
import { mainEnded } from './closing.ts'
import { Fault, workflowError } from './errors/fault.ts'
import type { WorkflowExecutionStarted } from './events.ts'
import { render } from './expressions/render.ts'
import { spawnFiber } from './fibers/fibers.ts'
import { runScope } from './fibers/scope.ts'
import type { Turn } from './fibers/turn.ts'
import { startTimer } from './pending/timers.ts'
import type { Program } from './program.ts'
import { type State, stateVersion } from './state.ts'
import { resolveDuration } from './templates/durations.ts'
import { withinVariable } from './templates/payload.ts'
import { seedFrom } from './values/random.ts'
import { formatInstant } from './values/time.ts'

export function initialState(program: Program, started: WorkflowExecutionStarted): State {
  const { plan } = program
  if (started.digest !== plan.digest)
    throw new Error(`the run began under another content of ${plan.name}@${plan.version}`)
  return {
    stateVersion,
    workflow: {
      id: started.workflowId,
      runId: started.runId,
      name: started.workflow,
      version: started.version,
      startedAt: formatInstant(started.timestamp),
      attempt: started.attempt,
      parent: started.parent,
    },
    childId: started.childId ?? null,
    firstRunId: started.firstRunId ?? started.runId,
    digest: started.digest,
    flags: started.flags,
    limits: limitsOf(started.limits),
    activities: started.activities,
    taskQueue: started.taskQueue ?? 'default',
    input: started.input,
    now: started.timestamp,
    random: seedFrom(started.runId),
    nextId: 1,
    phase: { kind: 'running' },
    ending: null,
    vars: {},
    results: {},
    fibers: {},
    ready: [],
    activitiesPending: {},
    childrenPending: {},
    signalsPending: {},
    timers: {},
    signalWaits: {},
    conditionWaits: {},
    buffer: {},
    handled: {},
    handlersQueued: {},
    compensations: [],
    paused: null,
    pauseWanted: null,
  }
}

/** Only the limits that take part in what a run decides; those of this release where the run names none. One object serves all runs that name none. */
function limitsOf(recorded: Partial<RunLimits>): RunLimits {
  return Object.keys(recorded).length === 0 ? runLimits : { ...runLimits, ...recorded }
}

export async function begin(turn: Turn, started: WorkflowExecutionStarted): Promise<void> {
  const { plan } = turn.program
  const { state } = turn
  if (started.refused !== undefined) {
    mainEnded(turn, { kind: 'throw', error: workflowError(started.refused) })
    return
  }
  try {
    const scope = runScope(state)
    for (const [name, template] of plan.vars) {
      const value = await render(turn.program, template, scope, turn.context)
      state.vars[name] = withinVariable(state.limits, value, name)
    }
    const own = plan.timeout === undefined ? undefined : await resolveDuration(turn, scope, plan.timeout)
    const timeoutMs = Math.min(own ?? Number.POSITIVE_INFINITY, started.timeoutMs ?? Number.POSITIVE_INFINITY)
    const beginsAt = state.now + (started.startDelayMs ?? 0)
    // The deadline of a chain is that of its first run.
    const deadlineAt = started.continuedFrom === undefined ? beginsAt + timeoutMs : started.deadlineAt
    if (deadlineAt !== undefined && Number.isFinite(deadlineAt)) {
      startTimer(turn, null, '', '', 'execution', deadlineAt)
    }
    if (beginsAt > state.now) {
      startTimer(turn, null, '', '', 'startDelay', beginsAt)
      return
    }
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    mainEnded(turn, { kind: 'throw', error: workflowError(thrown.shape) })
    return
  }
  spawnMain(turn)
}

/** At the start, or when its delay has passed. */
export function spawnMain(turn: Turn): void {
  spawnFiber(turn, { role: { kind: 'main' }, parent: null, path: '', block: 'main' })
}
