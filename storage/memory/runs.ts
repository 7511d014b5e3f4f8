/** Claims, loads and inbox polls on maps: `RunStore`, and the attempts beside it. */
import {
  type AttemptRecord,
  type AttemptStore,
  type InboxRow,
  type Instant,
  type LoadedRun,
  type NodeId,
  type RunStore,
  suspectTakeovers,
} from '../contract.ts'
import { assertStorableJson, assertStorableText } from '../storable-text.ts'
import type { MemoryData, MemoryRun } from './data.ts'

export function memoryRuns(data: MemoryData): RunStore {
  return {
    async claim(node, now, limit, options) {
      if (!data.nodes.has(node)) return []
      const claimed = options.alone ? claimDue(data, node, now, 1, isSuspect) : []
      if (claimed.length === 0) claimed.push(...claimDue(data, node, now, limit, isOrdinary))
      return claimed.map((run) => loaded(run, false))
    },

    async claimOne(node, runId, options) {
      const run = data.runs.get(runId)
      if (run === undefined || run.status !== 'running' || !data.nodes.has(node)) return null
      if (run.parked !== null && options?.parked !== true) return null
      if (run.owner !== null && run.owner !== node) return null
      if (run.owner === null) data.setOwner(run, node)
      return loaded(run, false)
    },

    async claimParked(node, limit) {
      if (!data.nodes.has(node)) return []
      const unseen = [...data.parked].filter(({ owner, wakeAt }) => owner === null && wakeAt !== null)
      const claimed = unseen.slice(0, limit)
      for (const run of claimed) data.setOwner(run, node)
      return claimed.map((run) => loaded(run, false))
    },

    async owned(node) {
      return [...(data.nodes.get(node)?.runs ?? [])].map((run) => run.runId)
    },

    async load(runId, options) {
      const run = data.runs.get(runId)
      return run === undefined ? null : loaded(run, options?.fromStart ?? false)
    },

    async pollInbox(node, runs) {
      const found: { runId: string; rows: readonly InboxRow[] }[] = []
      const wanted =
        runs === 'all'
          ? [...(data.nodes.get(node)?.runs ?? [])].map((run) => ({ run, after: 0 }))
          : runs.map(({ runId, after }) => ({ run: data.runs.get(runId), after }))
      for (const { run, after } of wanted) {
        if (run === undefined || run.owner !== node || run.lastMessage <= after) continue
        const rows = inboxRows(run, after)
        if (rows.length > 0) found.push({ runId: run.runId, rows })
      }
      return found
    },

    async park(node, runId, reason, seenMessage = 0) {
      assertStorableText(reason, 'a reason')
      const run = data.runs.get(runId)
      if (run === undefined || run.status !== 'running' || run.owner !== node) return
      data.setOwner(run, null)
      run.parked = reason
      run.wakeAt = run.lastMessage > seenMessage ? 0 : null
      data.parked.add(run)
    },

    async nextWakeAt() {
      return data.due.peek()?.wakeAt ?? null
    },
  }
}

export function memoryAttempts(data: MemoryData): AttemptStore {
  return {
    async save(node, rows) {
      for (const { details } of rows) if (details !== null) assertStorableJson(details, 'heartbeat details')
      for (const { runId, ...row } of rows) {
        const run = data.runs.get(runId)
        if (run === undefined || run.status !== 'running' || run.owner !== node) continue
        const before = run.attempts.get(row.activityId)
        if (before !== undefined && before.attempt > row.attempt) continue
        // The next attempt keeps what the last one told until it tells something itself.
        run.attempts.set(row.activityId, { ...row, details: row.details ?? before?.details ?? null })
      }
    },
  }
}

const isSuspect = (run: MemoryRun) => run.takeovers >= suspectTakeovers
const isOrdinary = (run: MemoryRun) => run.takeovers < suspectTakeovers

/** First due first; the others that surface are put back. */
function claimDue(
  data: MemoryData,
  node: NodeId,
  now: Instant,
  limit: number,
  isWanted: (run: MemoryRun) => boolean,
): MemoryRun[] {
  const claimed: MemoryRun[] = []
  const others: MemoryRun[] = []
  while (claimed.length < limit) {
    const first = data.due.peek()
    if (first === null || (first.wakeAt ?? 0) > now) break
    data.due.take()
    if (!isWanted(first)) {
      others.push(first)
      continue
    }
    data.setOwner(first, node)
    claimed.push(first)
  }
  for (const run of others) data.due.add(run)
  return claimed
}

function inboxRows(run: MemoryRun, after: number): InboxRow[] {
  const rows: InboxRow[] = []
  for (const [seq, payload] of run.inbox) if (seq > after) rows.push({ seq, payload })
  return rows
}

function loaded(run: MemoryRun, fromStart: boolean): LoadedRun {
  const snapshot = fromStart ? null : run.snapshot
  const { runId, namespace, workflowId, workflow, version, startedAt } = run.birth
  return {
    runId,
    namespace,
    workflowId,
    workflow,
    version,
    startedAt,
    status: run.status,
    takeovers: run.takeovers,
    parked: run.parked,
    firstRunId: run.firstRunId(),
    parent: run.birth.parent,
    lastMessage: run.lastMessage,
    snapshot,
    turns: turnsAfter(run, snapshot?.eventId ?? 0),
    inbox: inboxRows(run, 0),
    attempts: [...run.attempts.values()].sort(
      (a: AttemptRecord, b: AttemptRecord) => a.activityId - b.activityId,
    ),
  }
}

function turnsAfter(run: MemoryRun, eventId: number): LoadedRun['turns'] {
  const from = firstTurnWith(run, eventId + 1)
  return run.turns.slice(from).map(({ firstEventId, events }) => ({ firstEventId, events }))
}

/** Index of the turn that holds this event, by bisection; the number of turns where none does. */
export function firstTurnWith(run: MemoryRun, eventId: number): number {
  let low = 0
  let high = run.turns.length
  while (low < high) {
    const middle = (low + high) >> 1
    const turn = run.turns[middle]
    if (turn !== undefined && turn.firstEventId + turn.eventCount <= eventId) low = middle + 1
    else high = middle
  }
  return low
}
