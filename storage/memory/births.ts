/** New runs on maps: starts with their first turn, children and successors with an inbox. Called by `commit.ts`. */
import type { Instant, NewRun, NodeId, TurnRejection } from '../contract.ts'
import { type MemoryData, MemoryRun, pairKey } from './data.ts'

/** `isReleased`: the turn that brings the run lets it go at once, and says when it is due. */
export function startRun(
  data: MemoryData,
  node: NodeId,
  runId: string,
  start: NewRun,
  isReleased: boolean,
): MemoryRun | TurnRejection {
  const requestKey = start.requestId === null ? null : pairKey(start.namespace, start.requestId)
  const earlier = requestKey === null ? undefined : data.requests.get(requestKey)
  if (earlier !== undefined) return { runId, reason: 'duplicateRequest', existing: earlier.runId }
  if (data.runs.has(runId)) return { runId, reason: 'conflict' }
  const executionKey = pairKey(start.namespace, start.workflowId)
  const open = data.openRuns.get(executionKey)
  if (open !== undefined) return { runId, reason: 'exists', existing: open.runId, open: true }
  const latest = data.latestRun(executionKey)
  if (latest !== undefined && !allowsReuse(start.idReuse, latest))
    return { runId, reason: 'exists', existing: latest.runId, open: false }

  const run = add(data, runId, start)
  if (requestKey !== null) data.requests.set(requestKey, run)
  if (start.owned) data.setOwner(run, node)
  else if (!isReleased) makeDue(data, run, start.startedAt)
  return run
}

/** A run without history, ownerless and due. False: an open run has its workflow id. */
export function bear(data: MemoryData, runId: string, start: NewRun, inbox: readonly string[]): boolean {
  if (data.runs.has(runId)) return true
  if (data.openRuns.has(pairKey(start.namespace, start.workflowId))) return false
  const run = add(data, runId, { ...start, requestId: null })
  for (const payload of inbox) run.inbox.set(++run.lastMessage, payload)
  makeDue(data, run, start.startedAt)
  return true
}

function add(data: MemoryData, runId: string, start: NewRun): MemoryRun {
  const run = new MemoryRun({ ...start, runId })
  data.runs.set(runId, run)
  const executionKey = pairKey(start.namespace, start.workflowId)
  data.openRuns.set(executionKey, run)
  const siblings = data.executions.get(executionKey)
  if (siblings === undefined) data.executions.set(executionKey, [run])
  else {
    siblings.push(run)
    siblings.sort(byStart)
  }
  return run
}

function makeDue(data: MemoryData, run: MemoryRun, at: Instant): void {
  data.setDue(run, at)
  data.hints.tell({ kind: 'due' })
}

/** Oldest start first; run ids are UUIDv7, so they break ties by time as well. */
export function byStart(a: MemoryRun, b: MemoryRun): number {
  if (a.birth.startedAt !== b.birth.startedAt) return a.birth.startedAt - b.birth.startedAt
  return a.runId < b.runId ? -1 : a.runId > b.runId ? 1 : 0
}

function allowsReuse(idReuse: NewRun['idReuse'], latest: MemoryRun): boolean {
  switch (idReuse) {
    case 'allow':
      return true
    case 'reject':
      return false
    case 'allowFailedOnly':
      return latest.status !== 'completed' && latest.status !== 'continuedAsNew'
    default:
      return idReuse satisfies never
  }
}
