/** Messages on maps: `MessageStore`. */
import type { Instant, MessageStore, OutgoingMessage, SendResult } from '../contract.ts'
import { assertStorableJson, assertStorableText } from '../storable-text.ts'
import { type MemoryData, type MemoryRun, pairKey } from './data.ts'

export function memoryMessages(data: MemoryData): MessageStore {
  return {
    async send(messages, now) {
      for (const { payload, dedupe } of messages) {
        assertStorableJson(payload, 'a message')
        if (dedupe !== null) assertStorableText(dedupe, 'a message key')
      }
      return messages.map((message) => deliver(data, message, now))
    },
  }
}

function deliver(data: MemoryData, message: OutgoingMessage, now: Instant): SendResult {
  const run = target(data, message)
  if (run === null) return { outcome: 'notFound' }
  const { runId, owner } = run
  if (message.dedupe !== null && run.seenKeys.has(message.dedupe))
    return { outcome: 'duplicate', runId, owner }
  if (run.status !== 'running') return { outcome: 'closed', runId, status: run.status }
  if (message.dedupe !== null) run.seenKeys.add(message.dedupe)
  run.lastMessage++
  run.inbox.set(run.lastMessage, message.payload)
  if (owner === null) {
    if (run.wakeAt === null || run.wakeAt > now) data.setDue(run, now)
    data.hints.tell({ kind: 'due' })
  } else data.hints.tell({ kind: 'messages', runId })
  return { outcome: 'accepted', runId, owner }
}

/** The run that is named; else the open one of the execution; else its latest. */
function target(data: MemoryData, message: OutgoingMessage): MemoryRun | null {
  const { namespace, workflowId, runId } = message
  if (runId === undefined) {
    const key = pairKey(namespace, workflowId)
    return data.openRuns.get(key) ?? data.executions.get(key)?.at(-1) ?? null
  }
  const run = data.runs.get(runId)
  return run?.birth.namespace === namespace && run.birth.workflowId === workflowId ? run : null
}
