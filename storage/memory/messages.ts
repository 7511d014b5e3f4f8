/** Messages on maps: `MessageStore`. */
import type { Instant, MessageStore, OutgoingMessage, SendResult } from '../contract.ts'
import { assertStorableJson, assertStorableText } from '../storable-text.ts'
import { ask, mayAsk, memoryAnswers } from './answers.ts'
import { type MemoryData, type MemoryRun, pairKey } from './data.ts'
import { post } from './inbox.ts'

export function memoryMessages(data: MemoryData): MessageStore {
  return {
    async send(messages, now) {
      for (const { payload, dedupe, messageId } of messages) {
        assertStorableJson(payload, 'a message')
        for (const key of [dedupe, messageId])
          if (key !== null && key !== undefined) assertStorableText(key, 'a message key')
      }
      return messages.map((message) => deliver(data, message, now))
    },
    answers: memoryAnswers(data),
  }
}

function deliver(data: MemoryData, message: OutgoingMessage, now: Instant): SendResult {
  const run = target(data, message)
  if (run === null) return { outcome: 'notFound' }
  const { runId, owner } = run
  const { dedupe, messageId, mostPending } = message
  const answer = { runId, firstRunId: run.firstRunId(), owner }
  if (dedupe !== null && run.seenKeys.has(dedupe)) return { outcome: 'duplicate', ...answer }
  if (messageId !== undefined && !mayAsk(data, run, messageId)) return { outcome: 'duplicate', ...answer }
  if (run.status !== 'running') return { outcome: 'closed', runId, status: run.status }
  if (mostPending !== undefined && run.hasPending(mostPending)) return { outcome: 'full', runId }
  if (dedupe !== null) run.seenKeys.add(dedupe)
  if (messageId !== undefined) ask(data, run, messageId)
  post(data, run, message.payload, now)
  return { outcome: 'accepted', ...answer }
}

/** The run that is named; else the open one of the execution; else its latest. */
function target(data: MemoryData, message: OutgoingMessage): MemoryRun | null {
  const { namespace, workflowId, runId } = message
  if (runId === undefined) {
    const key = pairKey(namespace, workflowId)
    return data.openRuns.get(key) ?? data.latestRun(key) ?? null
  }
  const run = data.runs.get(runId)
  return run?.birth.namespace === namespace && run.birth.workflowId === workflowId ? run : null
}
