/** What turns send, as the last parameter of `commit_turns` (migrations/0009, 0010). Owns its shape, no rule. */
import type { ChildBirth, Turn, TurnMessage, TurnSends } from '../contract.ts'
import { isRunId } from './connection.ts'
import { childColumns, nobody } from './new-run.ts'

type ListName = 'p' | 'c' | 's' | 'm' | 'a' | 'o' | 'n' | 'q'

/** Null where no turn sends anything or changes what it has pending, which is nearly always. */
export function sendsOf(turns: readonly Turn[]): string | null {
  const lists = new Map<ListName, string[]>()
  const add = (name: ListName, item: string) => {
    const list = lists.get(name)
    if (list === undefined) lists.set(name, [item])
    else list.push(item)
  }
  for (const turn of turns) {
    const { runId, sends, pendingMessages } = turn
    if (sends !== undefined || pendingMessages !== undefined) add('p', `"${runId}"`)
    if (sends !== undefined) addSends(add, turn, sends)
    if (pendingMessages !== undefined) add('q', `{"p":"${runId}","n":${pendingMessages}}`)
  }
  if (lists.size === 0) return null
  return `{${[...lists].map(([name, items]) => `"${name}":[${items.join(',')}]`).join(',')}}`
}

function addSends(add: (name: ListName, item: string) => void, turn: Turn, sends: TurnSends): void {
  const sender = `"p":"${turn.runId}"`
  const at = sends.at
  for (const birth of sends.births)
    add('c', `{${sender},"o":${turn.start === null ? 0 : 2},"h":${at},${childOf(birth)}}`)
  if (sends.successor !== null) {
    const { runId, run, inbox } = sends.successor
    add('s', `{${sender},${bornOf(runId, inbox)},${childColumns(run)}}`)
  }
  for (const message of sends.messages) add('m', `{${sender},"t":${at},${messageOf(message)}}`)
  for (const { messageId, answer } of sends.answers)
    add('a', `{${sender},"i":${JSON.stringify(messageId)},"a":${answer}}`)
  for (const { key, sink, namespace, event, dueAt } of sends.outbox) {
    const names = JSON.stringify({ k: key, s: sink, i: namespace, t: dueAt })
    add('o', `{${sender},"e":${event},${names.slice(1)}`)
  }
  for (const note of sends.notes) add('n', `{${sender},"t":${at},"x":${note}}`)
}

function childOf({ runId, run, inbox, whenBorn, whenTaken }: ChildBirth): string {
  return `"y":${whenBorn},"z":${whenTaken},${bornOf(runId, inbox)},${childColumns(run)}`
}

function bornOf(runId: string, inbox: readonly string[]): string {
  return `"r":"${runId}","n":${inbox.length},"x":[${inbox.join(',')}]`
}

function messageOf(message: TurnMessage): string {
  const { namespace, workflowId, runId, firstRunId, payload, whenAccepted, whenNotFound, whenFull } = message
  const names = JSON.stringify({
    i: namespace,
    w: workflowId,
    ...(runId === undefined ? {} : { r: isRunId(runId) ? runId : nobody }),
    ...(firstRunId === undefined ? {} : { f: isRunId(firstRunId) ? firstRunId : nobody }),
  })
  const accepted = whenAccepted === null ? '' : `,"y":${whenAccepted}`
  const notFound = whenNotFound === null ? '' : `,"z":${whenNotFound}`
  const full = whenFull === undefined ? '' : `,"l":${whenFull.mostPending},"b":${whenFull.notice}`
  return `"x":${payload}${accepted}${notFound}${full},${names.slice(1, -1)}`
}
