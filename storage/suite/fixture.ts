/**
 * What the suite's tests share: a store, fresh namespaces and nodes, and turns with all that a test does not care
 * about filled in. Tests never see each other's runs but through `claim`, so those drain what is due first.
 */
import { deepEqual, equal } from 'node:assert/strict'
import type {
  ClosedStatus,
  CommitResult,
  Instant,
  NewRun,
  NodeId,
  OutgoingMessage,
  SendResult,
  Storage,
  Turn,
  TurnRejection,
} from '../contract.ts'

/** 2026-01-01T00:00:00Z; tests count from here, so nothing depends on the machine's clock. */
export const newYear: Instant = 1_767_225_600_000
/** Later than every `wakeAt` of the suite but the ones that are meant never to be due. */
const farFuture: Instant = newYear + 10 ** 12

let lastNumber = 0

/** A UUIDv7 of this instant; ids of one instant ascend. */
export function newRunId(at: Instant = newYear): string {
  lastNumber++
  const time = at.toString(16).padStart(12, '0')
  const order = Math.floor(lastNumber / 0x1000)
    .toString(16)
    .padStart(3, '0')
  const low = (lastNumber % 0x1000).toString(16).padStart(3, '0')
  const tail = Math.floor(Math.random() * 2 ** 48)
    .toString(16)
    .padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${order}-8${low}-${tail}`
}

/** Event `number` of a test: what it holds does not matter to a store. */
export function eventsJson(...numbers: readonly number[]): string {
  return JSON.stringify(
    numbers.map((number) => ({ type: 'TimerFired', timestamp: newYear, timerId: number })),
  )
}

export class StorageFixture {
  readonly storage: Storage

  constructor(storage: Storage) {
    this.storage = storage
  }

  newNamespace(): string {
    return `suite-${newRunId()}`
  }

  newNode(): Promise<NodeId> {
    return this.storage.nodes.join('suite')
  }

  /** A start of one event, owned by the committing node. */
  startTurn(start: Partial<NewRun> = {}, turn: Partial<Turn> = {}): Turn {
    const startedAt = start.startedAt ?? newYear
    return {
      ...this.turn(newRunId(startedAt), 1),
      start: {
        namespace: start.namespace ?? this.newNamespace(),
        workflowId: 'w',
        workflow: 'greet',
        version: '1.0.0',
        startedAt,
        owned: true,
        idReuse: 'allow',
        requestId: null,
        memo: null,
        searchAttributes: null,
        firstRunId: null,
        parent: null,
        ...start,
      },
      ...turn,
    }
  }

  /** A turn of one event that changes nothing else. */
  turn(runId: string, firstEventId: number, more: Partial<Turn> = {}): Turn {
    return {
      runId,
      firstEventId,
      eventCount: 1,
      events: eventsJson(firstEventId),
      start: null,
      change: null,
      seenMessage: 0,
      takenMessages: [],
      snapshot: null,
      ...more,
    }
  }

  /** A turn without events. */
  emptyTurn(runId: string, nextEventId: number, more: Partial<Turn> = {}): Turn {
    return this.turn(runId, nextEventId, { eventCount: 0, events: '[]', ...more })
  }

  closing(status: ClosedStatus = 'completed', closedAt: Instant = newYear + 1_000): Turn['change'] {
    return { kind: 'close', status, closedAt, outcome: '{"ok":true}' }
  }

  /** Commits and gives the rejections. */
  async commit(node: NodeId, ...turns: readonly Turn[]): Promise<readonly TurnRejection[]> {
    const result: CommitResult = await this.storage.commit(node, turns)
    if (result.outcome === 'fenced') throw new Error('the node was fenced where the test expects it to live')
    return result.rejected
  }

  /** Starts a run and expects it to be accepted. */
  async begin(node: NodeId, start: Partial<NewRun> = {}, turn: Partial<Turn> = {}): Promise<string> {
    const first = this.startTurn(start, turn)
    deepEqual(await this.commit(node, first), [])
    return first.runId
  }

  /** Starts a run that waits: ownerless, due at `wakeAt`. */
  beginReleased(node: NodeId, wakeAt: Instant | null, start: Partial<NewRun> = {}): Promise<string> {
    return this.begin(node, start, { change: { kind: 'release', wakeAt } })
  }

  /** Starts a run and closes it in the same turn. */
  beginClosed(
    node: NodeId,
    status: ClosedStatus,
    start: Partial<NewRun> = {},
    closedAt?: Instant,
  ): Promise<string> {
    return this.begin(node, start, { change: this.closing(status, closedAt) })
  }

  async send(message: Partial<OutgoingMessage> & { readonly namespace: string }): Promise<SendResult> {
    const [result] = await this.storage.messages.send(
      [{ workflowId: 'w', payload: '{"type":"TimerFired"}', dedupe: null, ...message }],
      newYear,
    )
    if (result === undefined) throw new Error('send answered fewer results than messages')
    return result
  }

  /** Leaves nothing due, so that the next claim sees the test's own runs alone. */
  async drainDue(): Promise<void> {
    const node = await this.newNode()
    for (const alone of [false, true]) {
      for (;;) {
        const runs = await this.storage.runs.claim(node, farFuture, 100, { alone })
        if (runs.length === 0) break
        for (const run of runs) await this.closeLoaded(node, run)
      }
    }
    equal(await this.storage.runs.nextWakeAt(), null)
    await this.storage.nodes.leave(node, newYear)
  }

  private async closeLoaded(node: NodeId, run: { runId: string; lastMessage: number }): Promise<void> {
    const history = await this.storage.visibility.history(run.runId, 0, 1_000_000)
    const next = history.reduce((sum, { events }) => sum + JSON.parse(events).length, 1)
    const last = this.turn(run.runId, next, { change: this.closing(), seenMessage: run.lastMessage })
    deepEqual(await this.commit(node, last), [])
  }
}
