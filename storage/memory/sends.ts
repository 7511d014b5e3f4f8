/**
 * What accepted turns send, on maps. Owns the parts; `commit.ts` owns when each is called, which is the order of
 * `commit_turns` in `sql/migrations`.
 */
import type { Instant, TurnMessage, TurnSends } from '../contract.ts'
import { assertStorableJson, assertStorableText } from '../storable-text.ts'
import { bear } from './births.ts'
import { type MemoryData, type MemoryRun, pairKey } from './data.ts'
import { post } from './inbox.ts'
import { publish } from './outbox.ts'

/** Children of one turn; gives what its run is to be told. */
export function bearChildren(data: MemoryData, sends: TurnSends): readonly string[] {
  return sends.births.map(({ runId, run, inbox, whenBorn, whenTaken }) =>
    bear(data, runId, run, inbox) ? whenBorn : whenTaken,
  )
}

export function bearSuccessor(data: MemoryData, { successor }: TurnSends): void {
  if (successor !== null) bear(data, successor.runId, successor.run, successor.inbox)
}

/** Messages, then the outbox, then what the sender is told: of its children, of its messages, and the notes. */
export function sendAll(
  data: MemoryData,
  sender: MemoryRun,
  sends: TurnSends,
  ofChildren: readonly string[],
): void {
  const answers = sends.messages.map((message) => sendOne(data, message, sends.at))
  for (const write of sends.outbox) publish(data, write)
  if (sender.status !== 'running') return
  for (const text of [...ofChildren, ...answers, ...sends.notes])
    if (text !== null) post(data, sender, text, sends.at)
}

function sendOne(data: MemoryData, message: TurnMessage, at: Instant): string | null {
  const run = target(data, message)
  if (run === null) return message.whenNotFound
  const { whenFull } = message
  if (whenFull !== undefined && run.hasPending(whenFull.mostPending)) return whenFull.notice
  post(data, run, message.payload, at)
  return message.whenAccepted
}

/** Open, and the one that is meant. */
function target(data: MemoryData, message: TurnMessage): MemoryRun | null {
  const open = data.openRuns.get(pairKey(message.namespace, message.workflowId))
  if (open === undefined) return null
  if (message.runId !== undefined) return open.runId === message.runId ? open : null
  if (message.firstRunId !== undefined) return open.firstRunId() === message.firstRunId ? open : null
  return open
}

export function assertStorableSends(sends: TurnSends): void {
  for (const { run, inbox, whenBorn, whenTaken } of sends.births) {
    assertStorableText(run.workflowId, 'an id')
    for (const text of [...inbox, whenBorn, whenTaken]) assertStorableJson(text, 'a message')
  }
  for (const text of sends.successor?.inbox ?? []) assertStorableJson(text, 'a message')
  for (const { payload, whenAccepted, whenNotFound, whenFull, workflowId } of sends.messages) {
    assertStorableText(workflowId, 'an id')
    for (const text of [payload, whenAccepted, whenNotFound, whenFull?.notice ?? null])
      if (text !== null) assertStorableJson(text, 'a message')
  }
  for (const { messageId, answer } of sends.answers) {
    assertStorableText(messageId, 'a message key')
    assertStorableJson(answer, 'an answer')
  }
  for (const { event } of sends.outbox) assertStorableJson(event, 'an event')
  for (const text of sends.notes) assertStorableJson(text, 'a message')
}
