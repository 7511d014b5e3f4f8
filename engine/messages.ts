/**
 * Messages on their way through the inbox: the text that the store keeps, and the input that a run takes.
 * Owns that form. The time of sending goes along, so that a signal that arrived before a timer was due is taken
 * before it though the node was down in between.
 */
import type { InputEvent, Instant } from '../interpreter/events.ts'
import type { InboxRow } from '../storage/contract.ts'
import type { QueuedInput } from './input-queue.ts'

/** Inputs that come through the inbox; the others are made by the node that owns the run. */
export type Message = Exclude<
  InputEvent,
  {
    readonly type:
      | 'ActivityTaskStarted'
      | 'ActivityTaskCompleted'
      | 'ActivityTaskFailed'
      | 'ActivityTaskTimedOut'
      | 'ActivityTaskCanceled'
      | 'TimerFired'
      | 'WorkflowTaskContinued'
  }
>

export function messageText(message: Message): string {
  return JSON.stringify(message)
}

/** `now` bounds the sender's clock, which may be ahead of ours. */
export function messageInput(row: InboxRow, now: Instant): QueuedInput {
  const message = JSON.parse(row.payload) as Message
  const event = message.timestamp > now ? { ...message, timestamp: now } : message
  return { event, bytes: row.payload.length, seq: row.seq }
}
