/**
 * A turn that sends is committed: whoever gets something of it looks at once (keeps I6). Owns who is told; the messages
 * themselves stand in the store, and without any of this they would be found by polling, where there is polling.
 */
import type { TurnSends } from '../../storage/contract.ts'
import type { Claims } from '../node/claims.ts'
import type { Mailbox } from '../node/mailbox.ts'
import type { OutboxSender } from '../outbox/sender.ts'
import type { Execution } from '../runs/execution.ts'
import type { LoadedRuns } from '../runs/loaded-runs.ts'
import type { Watchers } from '../waiting/watchers.ts'
import { mayBringReplies } from './sends.ts'

export interface SentTurnsParts {
  readonly runs: Pick<LoadedRuns, 'find'>
  readonly mailbox: Pick<Mailbox, 'poke' | 'passBy'>
  readonly claims: Pick<Claims, 'poke'>
  readonly outbox: Pick<OutboxSender, 'poke'>
  readonly watchers: Pick<Watchers, 'answered'>
}

export class SentTurns {
  readonly #parts: SentTurnsParts

  constructor(parts: SentTurnsParts) {
    this.#parts = parts
  }

  by(execution: Execution, sends: TurnSends): void {
    const { mailbox, watchers } = this.#parts
    if (execution.phase !== 'gone' && mayBringReplies(sends)) mailbox.poke(execution.runId, true)
    this.toOthers(sends)
    const { firstRunId } = execution.identity
    for (const { messageId, answer } of sends.answers) watchers.answered(firstRunId, messageId, answer)
  }

  toOthers(sends: TurnSends): void {
    const { runs, mailbox, claims, outbox } = this.#parts
    let mayBeDue = sends.births.length > 0 || sends.successor !== null
    for (const { namespace, workflowId } of sends.messages) {
      const target = runs.find(namespace, workflowId, undefined)
      if (target !== undefined) {
        mailbox.poke(target.runId, true)
        continue
      }
      mailbox.passBy()
      mayBeDue = true
    }
    if (mayBeDue) claims.poke()
    if (sends.outbox.length > 0) outbox.poke()
  }
}
