/**
 * The turn commit on maps: the rules and their order are those of `sql/migrations` (`commit_turns`), without locks,
 * since nothing here waits. Called by `storage.ts` alone.
 */
import type { CommitResult, NodeId, RunChange, Turn, TurnRejection } from '../contract.ts'
import { assertStorableJson, assertStorableText } from '../storable-text.ts'
import { answer, loseAnswers } from './answers.ts'
import { startRun } from './births.ts'
import { type MemoryData, MemoryRun, pairKey } from './data.ts'
import { assertStorableSends, bearChildren, bearSuccessor, sendAll } from './sends.ts'

interface Accepted {
  readonly run: MemoryRun
  readonly turn: Turn
  /** What the run is to be told of the children that it wanted. */
  readonly ofChildren: readonly string[]
}

export function commitTurns(data: MemoryData, node: NodeId, turns: readonly Turn[]): CommitResult {
  for (const turn of turns) assertStorable(turn)
  // keeps I10: a node that was declared dead has no row.
  if (!data.nodes.has(node)) return { outcome: 'fenced' }
  const rejected: TurnRejection[] = []
  const accepted: Accepted[] = []
  const accept = (run: MemoryRun, turn: Turn) =>
    accepted.push({ run, turn, ofChildren: turn.sends === undefined ? [] : bearChildren(data, turn.sends) })

  for (const turn of turns) {
    if (turn.start !== null) continue
    const run = data.runs.get(turn.runId)
    const rejection = run === undefined ? conflict(turn) : refusal(run, node, turn)
    if (rejection !== null) rejected.push(rejection)
    else if (run !== undefined) accept(run, turn)
  }
  // Children and starts before the closes, as in SQL: there the other order can deadlock with a node that starts what this one closes.
  for (const turn of turns) {
    if (turn.start === null) continue
    const born = startRun(data, node, turn.runId, turn.start, turn.change !== null)
    if (born instanceof MemoryRun) accept(born, turn)
    else rejected.push(born)
  }
  for (const { run, turn } of accepted) write(data, run, turn)
  // After every close: it has freed the successor's id, and takes no message any more.
  for (const { turn } of accepted) if (turn.sends !== undefined) bearSuccessor(data, turn.sends)
  for (const { run, turn, ofChildren } of accepted)
    if (turn.sends !== undefined) sendAll(data, run, turn.sends, ofChildren)
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

function write(data: MemoryData, run: MemoryRun, turn: Turn): void {
  const { firstEventId, eventCount, events, change, snapshot } = turn
  if (eventCount > 0) run.turns.push({ firstEventId, eventCount, events })
  if (eventCount > 0 || change !== null) run.takeovers = 0
  for (const seq of turn.takenMessages) run.inbox.delete(seq)
  if (turn.pendingMessages !== undefined) run.pendingMessages = turn.pendingMessages
  for (const activityId of turn.endedActivities ?? []) run.attempts.delete(activityId)
  if (snapshot !== null && snapshot.eventId >= (run.snapshot?.eventId ?? 0)) run.snapshot = snapshot
  for (const { messageId, answer: text } of turn.sends?.answers ?? []) answer(data, run, messageId, text)
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
  data.parked.delete(run)
  run.attempts.clear()
  run.inbox.clear()
  loseAnswers(data, run)
  data.openRuns.delete(pairKey(run.birth.namespace, run.birth.workflowId))
}

function assertStorable(turn: Turn): void {
  assertStorableJson(turn.events, 'an event')
  if (turn.change?.kind === 'close') assertStorableJson(turn.change.outcome, 'an outcome')
  if (turn.snapshot !== null) assertStorableJson(turn.snapshot.state, 'a state')
  if (turn.sends !== undefined) assertStorableSends(turn.sends)
  if (turn.start === null) return
  const { namespace, workflowId, requestId, memo, searchAttributes } = turn.start
  for (const text of [namespace, workflowId, requestId]) if (text !== null) assertStorableText(text, 'an id')
  for (const text of [memo, searchAttributes]) if (text !== null) assertStorableJson(text, 'a memo')
}
