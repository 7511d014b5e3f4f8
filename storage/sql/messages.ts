/** Messages to runs, and their answers: `MessageStore`. The locks are in migrations/0010. */
import type { Instant, MessageStore, NodeId, OutgoingMessage, SendResult } from '../contract.ts'
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
  text: 'select place, outcome, run_id, first_run, owner, status from send_messages($1, $2)',
}
/** A parked run answers nothing until an operator acts, so nobody is to wait for it. */
const answersStatement: Statement = {
  name: 'perdure_answers',
  text: `
    select x.n, l.state, l.answer,
      l.state = 0 and (select run.parked is not null from run where run.run_id = l.run_id)
    from json_to_recordset($1::json) x(n integer, f uuid, i text),
      lateral (
        select * from answer where answer.first_run = x.f and answer.message_id = x.i offset 0) l`,
}

/** `tell`: a hint for the run's owner, or for everyone where it has none. */
export function sqlMessages(
  database: SqlDatabase,
  tell: (runId: string, owner: NodeId | null) => void,
): MessageStore {
  const send = async (list: string, now: Instant) => {
    for (;;) {
      const rows = await database.query(sendMessagesStatement, [list, now])
      // Nothing was written, since an addressee continued as new in that moment; each round another one has.
      if (rows[0]?.[1] !== 'again') return rows
    }
  }
  return {
    async send(messages, now) {
      const results: SendResult[] = messages.map(() => ({ outcome: 'notFound' }))
      const places = [...messages.keys()].filter((place) => {
        const runId = messages[place]?.runId
        return runId === undefined || isRunId(runId)
      })
      if (places.length === 0) return results
      const list = places.map((place) => messageOf(messages[place]))
      for (const row of await send(`[${list.join(',')}]`, now)) {
        const place = places[numberOf(row[0]) - 1]
        const result = resultOf(row)
        if (place !== undefined) results[place] = result
        if (result.outcome === 'accepted') tell(result.runId, result.owner)
      }
      return results
    },

    async answers(asked) {
      const answers: Awaited<ReturnType<MessageStore['answers']>>[number][] = asked.map(() => null)
      const wanted = asked.flatMap(({ firstRunId, messageId }, place) =>
        isRunId(firstRunId) ? [{ n: place, f: firstRunId, i: messageId }] : [],
      )
      if (wanted.length === 0) return answers
      for (const row of await database.query(answersStatement, [JSON.stringify(wanted)]))
        answers[numberOf(row[0])] = answerOf(row)
      return answers
    },
  }
}

function messageOf(message: OutgoingMessage | undefined): string {
  if (message === undefined) throw new Error('a message went missing between two lines')
  const { namespace, workflowId, runId, payload, dedupe, messageId, mostPending } = message
  const names = JSON.stringify({
    i: namespace,
    w: workflowId,
    r: runId ?? null,
    d: dedupe,
    a: messageId,
    l: mostPending,
  })
  return `{"p":${payload},${names.slice(1)}`
}

function answerOf(row: Row): NonNullable<Awaited<ReturnType<MessageStore['answers']>>[number]> {
  if (row[1] === '1') return { state: 'answered', answer: textOf(row[2]) }
  return { state: row[1] === '2' || row[3] === 't' ? 'lost' : 'pending' }
}

function resultOf(row: Row): SendResult {
  const outcome = textOf(row[1])
  switch (outcome) {
    case 'accepted':
    case 'duplicate':
      return { outcome, runId: textOf(row[2]), firstRunId: textOf(row[3]), owner: numberOrNull(row[4]) }
    case 'closed':
      return { outcome, runId: textOf(row[2]), status: closedStatusOf(numberOf(row[5])) }
    case 'full':
      return { outcome, runId: textOf(row[2]) }
    case 'notFound':
      return { outcome }
    default:
      throw new Error(`send_messages answered an outcome that is not known here: ${outcome}`)
  }
}
