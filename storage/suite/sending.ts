/** What tests of turns that send share: turns, messages and births with all that a test does not care about filled in. */
import { deepEqual } from 'node:assert/strict'
import type { ChildBirth, NewRun, NodeId, OutboxWrite, TurnMessage, TurnSends } from '../contract.ts'
import { newRunId, newYear, type StorageFixture } from './fixture.ts'

export function sends(more: Partial<TurnSends>): TurnSends {
  return {
    at: newYear,
    births: [],
    successor: null,
    messages: [],
    answers: [],
    outbox: [],
    notes: [],
    ...more,
  }
}

export function newRun(namespace: string, more: Partial<NewRun> = {}): NewRun {
  return {
    namespace,
    workflowId: 'child',
    workflow: 'greet',
    version: '1.0.0',
    startedAt: newYear,
    owned: false,
    idReuse: 'allow',
    requestId: null,
    memo: null,
    searchAttributes: null,
    firstRunId: null,
    parent: null,
    ...more,
  }
}

export function birth(namespace: string, more: Partial<NewRun> = {}, runId = newRunId()): ChildBirth {
  return {
    runId,
    run: newRun(namespace, more),
    inbox: ['"started"'],
    whenBorn: '"born"',
    whenTaken: '"taken"',
  }
}

export function message(namespace: string, more: Partial<TurnMessage> = {}): TurnMessage {
  return {
    namespace,
    workflowId: 'target',
    payload: '"hello"',
    whenAccepted: '"accepted"',
    whenNotFound: '"notFound"',
    ...more,
  }
}

export function delivery(namespace: string, more: Partial<OutboxWrite> = {}): OutboxWrite {
  return { key: newRunId(), sink: namespace, namespace, event: '{"id":"e"}', dueAt: newYear, ...more }
}

/** The next turn of a run that has one event so far sends this; expects it to be accepted. */
export async function commitSends(
  fixture: StorageFixture,
  node: NodeId,
  runId: string,
  what: Partial<TurnSends>,
  firstEventId = 2,
): Promise<void> {
  deepEqual(await fixture.commit(node, fixture.turn(runId, firstEventId, { sends: sends(what) })), [])
}

export async function inboxOf(fixture: StorageFixture, runId: string): Promise<readonly string[]> {
  const loaded = await fixture.storage.runs.load(runId)
  return loaded?.inbox.map((row) => row.payload) ?? []
}
