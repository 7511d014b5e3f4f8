/** What is kept of long attempts beside the history: `AttemptStore`. The locks are in migrations/0003. */
import type { AttemptStore } from '../contract.ts'
import type { SqlDatabase, Statement } from './connection.ts'

const saveAttemptsStatement: Statement = {
  name: 'perdure_save_attempts',
  text: 'select save_attempts($1, $2)',
}

export function sqlAttempts(database: SqlDatabase): AttemptStore {
  return {
    async save(node, rows) {
      if (rows.length === 0) return
      const list = rows.map(({ runId, activityId, attempt, startedAt, details }) => {
        const known = details === null ? '' : `,"d":${details}`
        return `{"r":"${runId}","a":${activityId},"n":${attempt},"t":${startedAt}${known}}`
      })
      await database.query(saveAttemptsStatement, [node, `[${list.join(',')}]`])
    },
  }
}
