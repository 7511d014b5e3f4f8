/** The families over one SQL database as a `Storage`; the drivers add how it is opened, closed and hinted. */
import type { Hint, NodeId, Storage } from '../contract.ts'
import { sqlAttempts } from './attempts.ts'
import { commitTurns } from './commit.ts'
import type { SqlDatabase, Statement } from './connection.ts'
import { sqlDefinitions } from './definitions.ts'
import { sqlMessages } from './messages.ts'
import { sqlNodes } from './nodes.ts'
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
    messages: sqlMessages(database, (hint, owner) => hints.tell(hint, owner)),
    attempts: sqlAttempts(database),
    visibility: sqlVisibility(database),
    async commit(node, turns) {
      const result = await commitTurns(database, node, turns)
      if (result.outcome === 'committed' && turns.some(({ start }) => start?.owned === false))
        hints.tell({ kind: 'due' }, null)
      return result
    },
    expire: (closedBefore, limit) => expireRuns(database, closedBefore, limit),
    onHint: (listener) => hints.add(listener),
  }
}
