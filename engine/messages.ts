/**
 * Messages on their way through the inbox: the text that the store keeps, and the input that a run takes.
 * Owns that form. The time of sending goes along, so that a signal that arrived before a timer was due is taken
 * before it though the node was down in between.
 */
import type { InputEvent, Instant } from '../interpreter/events.ts'
import type { InboxRow } from '../storage/contract.ts'
import type { QueuedInput } from './runs/input-queue.ts'

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

/**
 * When a turn sends what it decided: as it is written, not when what it took was sent. Else executions that only answer
 * each other, or a chain of runs that never waits, would stand at the time of the first message while hours pass, and
 * what they wait for would be due too soon.
 */
export function sentAt({ state, now }: { readonly state: { readonly now: Instant }; readonly now: Instant }) {
  return Math.max(state.now, now)
}

export function messageText(message: Message): string {
  return JSON.stringify(message)
}

/** `now` bounds the sender's clock, which may be ahead of ours. */
export function messageInput(row: InboxRow, now: Instant): QueuedInput {
  const message = JSON.parse(row.payload) as Message
  const event = message.timestamp > now ? { ...message, timestamp: now } : message
  return { event, bytes: row.payload.length, seq: row.seq }
}
