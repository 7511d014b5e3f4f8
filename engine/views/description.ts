/**
 * Where an execution stands and what it waits for (keeps I6: every open one can say for what). Pure: from the state,
 * and from what only this process knows of its attempts.
 */
import { notRegisteredText } from '../../activities/index.ts'
import type { Program } from '../../interpreter/program.ts'
import type { PendingActivity, PendingChild, State } from '../../interpreter/state.ts'
import type { Json } from '../../schema/json.ts'
import type { ExecutionSummary } from '../../storage/contract.ts'
import type { ExecutionDescription, PendingActivityView, WaitingFor } from '../contract.ts'
import type { Interpreter } from '../interpreter-port.ts'
import type { Execution } from '../runs/execution.ts'
import { outcomeOfSummary } from '../waiting/outcome.ts'

export interface Seen {
  readonly program: Program | null
  readonly state: State | null
  /** Where the run is loaded here. */
  readonly loaded: Execution | null
  readonly historyLength: number
}

export function descriptionOf(
  interpreter: Interpreter,
  summary: ExecutionSummary,
  seen: Seen,
): ExecutionDescription {
  const { program, state } = seen
  const shown =
    program === null || state === null ? { at: [], waits: [] } : interpreter.describeState(program, state)
  const outcome = outcomeOfSummary(summary)
  const isRunning = summary.status === 'running'
  const activities = isRunning ? Object.values(state?.activitiesPending ?? {}) : []
  const children = isRunning ? Object.values(state?.childrenPending ?? {}) : []
  return {
    workflowId: summary.workflowId,
    runId: summary.runId,
    workflow: summary.workflow,
    version: summary.version,
    status: summary.status,
    startedAt: isoTime(summary.startedAt),
    closedAt: summary.closedAt === null ? null : isoTime(summary.closedAt),
    memo: parsed(summary.memo),
    searchAttributes: parsed(summary.searchAttributes),
    at: isRunning ? shown.at : [],
    waitingFor: isRunning ? waitingFor(summary, seen, shown.waits) : [],
    pendingActivities: activities.map((pending) => pendingView(pending, seen)),
    pendingChildren: children.map(childView),
    parent:
      summary.parent === null ? null : { workflowId: summary.parent.workflowId, runId: summary.parent.runId },
    firstRunId: summary.firstRunId,
    state: state?.workflow.state ?? null,
    paused: pausedView(state),
    vars: state === null ? {} : structuredClone(state.vars),
    ...('result' in outcome && { result: outcome.result }),
    ...('error' in outcome && { error: outcome.error }),
    ...('newRunId' in outcome && { continuedAs: outcome.newRunId }),
    parked: summary.parked,
    historyLength: seen.historyLength,
  }
}

function waitingFor(
  summary: ExecutionSummary,
  seen: Seen,
  waits: ReturnType<Interpreter['describeState']>['waits'],
): readonly WaitingFor[] {
  if (summary.parked !== null) {
    return [nowhere('parked', `parked: ${summary.parked}. Mend the cause and start it anew, or terminate it`)]
  }
  const { state } = seen
  const found = waits.map((wait): WaitingFor => {
    const { step, path, line, text } = wait
    const until = wait.until === null ? null : isoTime(wait.until)
    return { kind: wait.kind, step, path, line, text, until }
  })
  const missing = state === null ? [] : workersMissing(state, seen)
  const withWorkers = found.filter(
    (wait) => wait.kind !== 'activity' || !missing.some((worker) => worker.path === wait.path),
  )
  const all = [...withWorkers, ...missing]
  return all.length > 0 ? all : [nowhere('node', 'a node that goes on with it: it is ready')]
}

function pausedView(state: State | null): ExecutionDescription['paused'] {
  if (state === null || state.paused === null) return null
  const { since, reason, stuck } = state.paused
  return { since: isoTime(since), reason, step: stuck?.step ?? null }
}

function workersMissing(state: State, { loaded, program }: Seen): readonly WaitingFor[] {
  if (loaded === null) return []
  const { executor } = loaded.activities
  return Object.values(state.activitiesPending)
    .filter((pending) => loaded.activities.isWaitingForWorker(pending.id))
    .map((pending) => ({
      kind: 'worker',
      step: pending.step,
      path: pending.path,
      line: program?.plan.steps[pending.step]?.place.line ?? null,
      text: `a worker of the task queue \`${pending.taskQueue}\` that has the activity \`${pending.activity}\`: ${notRegisteredText(pending.activity, pending.versionRange, executor.versions?.(pending.activity))}`,
      until: pending.scheduleToStartAt === undefined ? null : isoTime(pending.scheduleToStartAt),
    }))
}

function childView(child: PendingChild): ExecutionDescription['pendingChildren'][number] {
  const { step, path, workflow, workflowId, runId, attempt } = child
  return { step, path, workflow, workflowId, runId, attempt }
}

function pendingView(pending: PendingActivity, { loaded, state }: Seen): PendingActivityView {
  return {
    activityId: pending.id,
    step: pending.step,
    path: pending.path,
    activity: pending.activity,
    taskQueue: pending.taskQueue,
    attempt: pending.attempt,
    state: stateOf(pending, loaded, state),
    scheduledAt: isoTime(pending.scheduledAt),
    nextAttemptAt: pending.retryAt === undefined ? null : isoTime(pending.retryAt),
    lastFailure: pending.lastError ?? null,
  }
}

function stateOf(
  pending: PendingActivity,
  loaded: Execution | null,
  state: State | null,
): PendingActivityView['state'] {
  if (pending.cancelRequested === true) return 'cancelRequested'
  if (loaded?.activities.dispatched(pending.id, pending.attempt) === true) {
    return loaded.activities.started(pending.id, pending.attempt) ? 'running' : 'scheduled'
  }
  return pending.retryAt !== undefined && pending.retryAt > (state?.now ?? 0) ? 'backingOff' : 'scheduled'
}

function nowhere(kind: WaitingFor['kind'], text: string): WaitingFor {
  return { kind, step: null, path: null, line: null, text, until: null }
}

function isoTime(at: number): string {
  return new Date(at).toISOString()
}

function parsed(text: string | null): Json {
  return text === null ? null : (JSON.parse(text) as Json)
}
