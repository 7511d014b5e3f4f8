/** The families over one SQL database as a `Storage`; the drivers add how it is opened, closed and hinted. */
import type { Hint, NodeId, Storage, Turn } from '../contract.ts'
import { sqlAttempts } from './attempts.ts'
import { commitTurns } from './commit.ts'
import type { SqlDatabase, Statement } from './connection.ts'
import { sqlDefinitions } from './definitions.ts'
import { sqlMessages } from './messages.ts'
import { sqlNodes } from './nodes.ts'
import { sqlOutbox } from './outbox.ts'
import { expireRuns } from './retention.ts'
import { sqlRuns } from './runs.ts'
import { sqlVisibility } from './visibility.ts'

const pingStatement: Statement = { name: 'perdure_ping', text: 'select 1' }

export interface Hints {
  add(listener: (hint: Hint) => void): () => void
  /** `owner`: whom it concerns, null when everyone. */
  tell(hint: Hint, owner: NodeId | null): void
}

export function sqlFamilies(database: SqlDatabase, hints: Hints): Omit<Storage, 'kind' | 'open' | 'close'> {
  return {
    async ping() {
      await database.query(pingStatement, [])
    },
    definitions: sqlDefinitions(database),
    nodes: sqlNodes(database, (hint) => hints.tell(hint, null)),
    runs: sqlRuns(database),
    messages: sqlMessages(database, (runId, owner) => tellMessage(hints, runId, owner)),
    attempts: sqlAttempts(database),
    outbox: sqlOutbox(database, (hint) => hints.tell(hint, null)),
    visibility: sqlVisibility(database),
    async commit(node, turns) {
      const { result, told } = await commitTurns(database, node, turns)
      if (result.outcome === 'committed') {
        for (const { runId, owner } of told) tellMessage(hints, runId, owner)
        if (turns.some(makesRuns)) hints.tell({ kind: 'due' }, null)
        if (turns.some(({ sends }) => sends !== undefined && sends.outbox.length > 0))
          hints.tell({ kind: 'outbox' }, null)
      }
      return result
    },
    expire: (closedBefore, limit) => expireRuns(database, closedBefore, limit),
    onHint: (listener) => hints.add(listener),
  }
}

function tellMessage(hints: Hints, runId: string, owner: NodeId | null): void {
  if (owner === null) hints.tell({ kind: 'due' }, null)
  else hints.tell({ kind: 'messages', runId }, owner)
}

/** Runs that anyone may claim. Where the turn was rejected it is a hint too many, which does no harm. */
function makesRuns({ start, sends }: Turn): boolean {
  return (
    start?.owned === false || (sends !== undefined && (sends.births.length > 0 || sends.successor !== null))
  )
}
