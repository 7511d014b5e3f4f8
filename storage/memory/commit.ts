/**
 * The turn commit on maps: the rules and their order are those of `sql/migrations` (`commit_turns`), without locks,
 * since nothing here waits. Called by `storage.ts` alone.
 */
import type { CommitResult, NewRun, NodeId, RunChange, Turn, TurnRejection } from '../contract.ts'
import { assertStorableJson, assertStorableText } from '../storable-text.ts'
import { type MemoryData, MemoryRun, pairKey } from './data.ts'

export function commitTurns(data: MemoryData, node: NodeId, turns: readonly Turn[]): CommitResult {
  for (const turn of turns) assertStorable(turn)
  // keeps I10: a node that was declared dead has no row.
  if (!data.nodes.has(node)) return { outcome: 'fenced' }
  const rejected: TurnRejection[] = []
  const accepted: { readonly run: MemoryRun; readonly turn: Turn }[] = []

  for (const turn of turns) {
    if (turn.start !== null) continue
    const run = data.runs.get(turn.runId)
    const rejection = run === undefined ? conflict(turn) : refusal(run, node, turn)
    if (rejection !== null) rejected.push(rejection)
    else if (run !== undefined) accepted.push({ run, turn })
  }
  // Before the closes, as in SQL: there the other order can deadlock with a node that starts what this one closes.
  for (const turn of turns) {
    if (turn.start === null) continue
    const born = startRun(data, node, turn, turn.start)
    if (born instanceof MemoryRun) accepted.push({ run: born, turn })
    else rejected.push(born)
  }
  for (const { run, turn } of accepted) write(data, run, turn)
  return { outcome: 'committed', rejected }
}

/** Why an open run refuses this turn, or null. */
function refusal(run: MemoryRun, node: NodeId, turn: Turn): TurnRejection | null {
  // keeps I7: a closed run takes no turn. Keeps I2: only its owner writes, and only after the last event.
  if (run.status !== 'running' || run.owner !== node) return conflict(turn)
  if (turn.eventCount > 0 && turn.firstEventId !== run.nextEventId()) return conflict(turn)
  if (turn.change !== null && turn.seenMessage !== run.lastMessage)
    return { runId: turn.runId, reason: 'unseenMessage' } // keeps I5
  return null
}

function conflict(turn: Turn): TurnRejection {
  return { runId: turn.runId, reason: 'conflict' }
}

function startRun(data: MemoryData, node: NodeId, turn: Turn, start: NewRun): MemoryRun | TurnRejection {
  const { runId } = turn
  const requestKey = start.requestId === null ? null : pairKey(start.namespace, start.requestId)
  const earlier = requestKey === null ? undefined : data.requests.get(requestKey)
  if (earlier !== undefined) return { runId, reason: 'duplicateRequest', existing: earlier.runId }
  if (data.runs.has(runId)) return conflict(turn)
  const executionKey = pairKey(start.namespace, start.workflowId)
  const open = data.openRuns.get(executionKey)
  if (open !== undefined) return { runId, reason: 'exists', existing: open.runId, open: true }
  const siblings = data.executions.get(executionKey)
  const latest = siblings?.at(-1)
  if (latest !== undefined && !allowsReuse(start.idReuse, latest))
    return { runId, reason: 'exists', existing: latest.runId, open: false }

  const run = new MemoryRun({ ...start, runId })
  data.runs.set(runId, run)
  if (siblings === undefined) data.executions.set(executionKey, [run])
  else insertByStart(siblings, run)
  data.openRuns.set(executionKey, run)
  if (requestKey !== null) data.requests.set(requestKey, run)
  if (start.owned) data.setOwner(run, node)
  else if (turn.change === null) {
    data.setDue(run, start.startedAt)
    data.hints.tell({ kind: 'due' })
  }
  return run
}

function insertByStart(siblings: MemoryRun[], run: MemoryRun): void {
  siblings.push(run)
  siblings.sort(byStart)
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

function write(data: MemoryData, run: MemoryRun, turn: Turn): void {
  const { firstEventId, eventCount, events, change, snapshot } = turn
  if (eventCount > 0) run.turns.push({ firstEventId, eventCount, events })
  if (eventCount > 0 || change !== null) run.takeovers = 0
  for (const seq of turn.takenMessages) run.inbox.delete(seq)
  for (const activityId of turn.endedActivities ?? []) run.attempts.delete(activityId)
  if (snapshot !== null && snapshot.eventId >= (run.snapshot?.eventId ?? 0)) run.snapshot = snapshot
  if (change !== null) applyChange(data, run, change)
}

function applyChange(data: MemoryData, run: MemoryRun, change: RunChange): void {
  data.setOwner(run, null)
  if (change.kind === 'release') {
    data.setDue(run, change.wakeAt)
    return
  }
  run.status = change.status
  run.closedAt = change.closedAt
  run.outcome = change.outcome
  run.wakeAt = null
  run.parked = null
  run.attempts.clear()
  run.inbox.clear()
  data.openRuns.delete(pairKey(run.birth.namespace, run.birth.workflowId))
}

function assertStorable(turn: Turn): void {
  assertStorableJson(turn.events, 'an event')
  if (turn.change?.kind === 'close') assertStorableJson(turn.change.outcome, 'an outcome')
  if (turn.snapshot !== null) assertStorableJson(turn.snapshot.state, 'a state')
  if (turn.start === null) return
  const { namespace, workflowId, requestId, memo, searchAttributes } = turn.start
  for (const text of [namespace, workflowId, requestId]) if (text !== null) assertStorableText(text, 'an id')
  for (const text of [memo, searchAttributes]) if (text !== null) assertStorableJson(text, 'a memo')
}
