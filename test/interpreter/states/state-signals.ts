/** Sends signals to a state machine of the harness, and gives what their senders are told. */
import type { Answer } from '../../../interpreter/outgoing.ts'
import type { Json } from '../../../schema/json.ts'
import type { Run } from '../harness.ts'

/** What the sender is told in the turn that takes the signal; null: not yet. */
export async function offer(
  run: Run,
  signal: string,
  input: Json = {},
  messageId = `m-${run.sent.length}`,
): Promise<Answer | null> {
  await run.feed({
    type: 'WorkflowSignalReceived',
    timestamp: run.now,
    signal,
    input,
    replyTo: { kind: 'caller', messageId },
  })
  return told(run, messageId)
}

export function told(run: Run, messageId: string): Answer | null {
  for (const one of run.sent) {
    if (one.kind === 'answer' && one.to.kind === 'caller' && one.to.messageId === messageId) return one.answer
  }
  return null
}
