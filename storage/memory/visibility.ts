/** What lists and descriptions show, on maps: `VisibilityStore`, and the end of old runs. */
import type { ExecutionFilter, ExecutionSummary, Instant, VisibilityStore } from '../contract.ts'
import { forgetAnswers } from './answers.ts'
import { byStart } from './births.ts'
import { type MemoryData, type MemoryRun, pairKey } from './data.ts'
import { forgetDead } from './outbox.ts'
import { firstTurnWith } from './runs.ts'

export function memoryVisibility(data: MemoryData): VisibilityStore {
  return {
    async find(namespace, workflowId, runId) {
      const key = pairKey(namespace, workflowId)
      const run =
        runId === undefined
          ? (data.openRuns.get(key) ?? data.latestRun(key))
          : data.executions.get(key)?.find((candidate) => candidate.runId === runId)
      return run === undefined ? null : summary(run)
    },

    async openOf(runIds) {
      return new Set(runIds.filter((runId) => data.runs.get(runId)?.status === 'running'))
    },

    async list(filter, limit, after) {
      const runs = matching(data, filter).sort((a, b) => byStart(b, a))
      const last = after === null ? undefined : data.runs.get(after)
      const rest = last === undefined ? runs : runs.filter((run) => byStart(run, last) < 0)
      return after !== null && last === undefined ? [] : rest.slice(0, limit).map(summary)
    },

    async count(filter) {
      return matching(data, filter).length
    },

    async history(runId, after, limit) {
      const run = data.runs.get(runId)
      if (run === undefined) return []
      const from = firstTurnWith(run, after + 1)
      const page = run.turns.slice(from)
      const end = page.findIndex((turn) => turn.firstEventId > after + limit)
      return page
        .slice(0, end === -1 ? undefined : Math.max(end, 1))
        .map(({ firstEventId, events }) => ({ firstEventId, events }))
    },
  }
}

/** Deletes closed runs, oldest close first, with all that hangs on them. */
export function expireRuns(data: MemoryData, closedBefore: Instant, limit: number): number {
  const expired = [...data.runs.values()]
    .filter((run) => run.closedAt !== null && run.closedAt < closedBefore)
    .sort((a, b) => (a.closedAt ?? 0) - (b.closedAt ?? 0))
    .slice(0, limit)
  for (const run of expired) {
    const { namespace, workflowId, requestId } = run.birth
    const key = pairKey(namespace, workflowId)
    const rest = (data.executions.get(key) ?? []).filter((sibling) => sibling !== run)
    if (rest.length === 0) data.executions.delete(key)
    else data.executions.set(key, rest)
    if (requestId !== null) data.requests.delete(pairKey(namespace, requestId))
    forgetAnswers(data, run)
    data.runs.delete(run.runId)
  }
  forgetDead(data, closedBefore)
  return expired.length
}

function matching(data: MemoryData, filter: ExecutionFilter): MemoryRun[] {
  return [...data.runs.values()].filter((run) => matches(run, filter))
}

function matches(run: MemoryRun, filter: ExecutionFilter): boolean {
  const { birth } = run
  return (
    birth.namespace === filter.namespace &&
    (filter.workflow === undefined || birth.workflow === filter.workflow) &&
    (filter.version === undefined || birth.version === filter.version) &&
    (filter.status === undefined ? showsByItself(run, filter) : run.status === filter.status) &&
    (filter.parentRunId === undefined || birth.parent?.runId === filter.parentRunId) &&
    (filter.workflowId === undefined || birth.workflowId === filter.workflowId) &&
    (filter.workflowIdPrefix === undefined || birth.workflowId.startsWith(filter.workflowIdPrefix)) &&
    (filter.startedAfter === undefined || birth.startedAt > filter.startedAfter) &&
    (filter.startedBefore === undefined || birth.startedAt < filter.startedBefore)
  )
}

/** A chain shows as its last run, unless all are asked for. */
function showsByItself(run: MemoryRun, filter: ExecutionFilter): boolean {
  return run.status !== 'continuedAsNew' || filter.allRuns === true || filter.parentRunId !== undefined
}

function summary(run: MemoryRun): ExecutionSummary {
  const { namespace, workflowId, runId, workflow, version, startedAt, memo, searchAttributes } = run.birth
  return {
    namespace,
    workflowId,
    runId,
    workflow,
    version,
    status: run.status,
    startedAt,
    closedAt: run.closedAt,
    memo,
    searchAttributes,
    outcome: run.outcome,
    firstRunId: run.firstRunId(),
    parent: run.birth.parent,
    parked: run.parked,
  }
}
