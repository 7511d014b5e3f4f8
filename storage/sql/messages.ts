/** Messages to runs: `MessageStore`. The locks are in migrations/0004. */
import type { Hint, MessageStore, NodeId, OutgoingMessage, SendResult } from '../contract.ts'
import {
  isRunId,
  numberOf,
  numberOrNull,
  type Row,
  type SqlDatabase,
  type Statement,
  textOf,
} from './connection.ts'
import { closedStatusOf } from './status.ts'

const sendMessagesStatement: Statement = {
  name: 'perdure_send_messages',
  text: 'select place, outcome, run_id, owner, status from send_messages($1, $2)',
}

/** `tell`: a hint for the run's owner, or for everyone where it has none. */
export function sqlMessages(
  database: SqlDatabase,
  tell: (hint: Hint, owner: NodeId | null) => void,
): MessageStore {
  return {
    async send(messages, now) {
      const results: SendResult[] = messages.map(() => ({ outcome: 'notFound' }))
      const places = [...messages.keys()].filter((place) => {
        const runId = messages[place]?.runId
        return runId === undefined || isRunId(runId)
      })
      if (places.length === 0) return results
      const list = places.map((place) => messageOf(messages[place]))
      for (const row of await database.query(sendMessagesStatement, [`[${list.join(',')}]`, now])) {
        const place = places[numberOf(row[0]) - 1]
        const result = resultOf(row)
        if (place !== undefined) results[place] = result
        if (result.outcome !== 'accepted') continue
        if (result.owner === null) tell({ kind: 'due' }, null)
        else tell({ kind: 'messages', runId: result.runId }, result.owner)
      }
      return results
    },
  }
}

function messageOf(message: OutgoingMessage | undefined): string {
  if (message === undefined) throw new Error('a message went missing between two lines')
  const { namespace, workflowId, runId, payload, dedupe } = message
  const names = JSON.stringify({ i: namespace, w: workflowId, r: runId ?? null, d: dedupe })
  return `{"p":${payload},${names.slice(1)}`
}

function resultOf(row: Row): SendResult {
  const outcome = textOf(row[1])
  switch (outcome) {
    case 'accepted':
    case 'duplicate':
      return { outcome, runId: textOf(row[2]), owner: numberOrNull(row[3]) }
    case 'closed':
      return { outcome, runId: textOf(row[2]), status: closedStatusOf(numberOf(row[4])) }
    case 'notFound':
      return { outcome }
    default:
      throw new Error(`send_messages answered an outcome that is not known here: ${outcome}`)
  }
}
