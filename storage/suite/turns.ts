/** The turn commit: one writer per history, closed runs, unseen messages, and batches that fail in part. */
import { deepEqual, equal } from 'node:assert/strict'
import { eventsJson, newRunId, newYear, type StorageFixture } from './fixture.ts'
import type { TestRunner } from './runner.ts'

export function turnsSuite({ describe, it }: TestRunner, fixture: () => StorageFixture): void {
  describe('turns', () => {
    it('gives back the events of a run in order, whole and as they were written', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const odd = '[{"b":1,"a":"ü \\u0001 \\" \\\\","n":1.50,"empty":{},"z":[ 1 , 2 ]}]'
      const runId = await fixture().begin(node, {}, { eventCount: 2, events: eventsJson(1, 2) })
      deepEqual(await fixture().commit(node, fixture().turn(runId, 3, { events: odd })), [])
      deepEqual((await storage.runs.load(runId))?.turns, [
        { firstEventId: 1, events: eventsJson(1, 2) },
        { firstEventId: 3, events: odd },
      ])
    })

    it('I2: rejects the turn of a second writer whole', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      deepEqual(await fixture().commit(node, fixture().turn(runId, 2, { events: '["first"]' })), [])
      const second = fixture().turn(runId, 2, {
        events: '["second"]',
        change: fixture().closing('failed'),
        snapshot: { eventId: 2, stateVersion: 1, planDigest: 'd', state: '{}' },
      })
      deepEqual(await fixture().commit(node, second), [{ runId, reason: 'conflict' }])
      const loaded = await storage.runs.load(runId)
      equal(loaded?.turns[1]?.events, '["first"]')
      equal(loaded?.status, 'running')
      equal(loaded?.snapshot, null)
    })

    it('I2: of many writers at once exactly one is accepted', async () => {
      const node = await fixture().newNode()
      const runId = await fixture().begin(node)
      const attempts = Array.from({ length: 8 }, (_, writer) =>
        fixture().commit(node, fixture().turn(runId, 2, { events: `[${writer}]` })),
      )
      const accepted = (await Promise.all(attempts)).filter((rejected) => rejected.length === 0)
      equal(accepted.length, 1)
    })

    it('rejects the turn of a node that does not own the run', async () => {
      const node = await fixture().newNode()
      const other = await fixture().newNode()
      const runId = await fixture().begin(node)
      const rejection = [{ runId, reason: 'conflict' }]
      deepEqual(await fixture().commit(other, fixture().turn(runId, 2)), rejection)
      deepEqual(
        await fixture().commit(other, fixture().emptyTurn(runId, 2, { change: fixture().closing() })),
        rejection,
      )
      deepEqual(await fixture().commit(node, fixture().turn(runId, 2)), [])
    })

    it('rejects a turn for a run that is not there', async () => {
      const node = await fixture().newNode()
      const runId = newRunId()
      deepEqual(await fixture().commit(node, fixture().turn(runId, 1)), [{ runId, reason: 'conflict' }])
      equal(await fixture().storage.runs.load(runId), null)
    })

    it('I7: a closed run takes no turn, no close and no release', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const close = fixture().turn(runId, 2, { change: fixture().closing('failed', newYear + 5) })
      deepEqual(await fixture().commit(node, close), [])
      const after = [
        fixture().turn(runId, 3),
        fixture().turn(runId, 3, { change: fixture().closing() }),
        fixture().emptyTurn(runId, 3, { change: { kind: 'release', wakeAt: newYear } }),
      ]
      for (const turn of after) deepEqual(await fixture().commit(node, turn), [{ runId, reason: 'conflict' }])
      const summary = await storage.visibility.find(namespace, 'w')
      equal(summary?.status, 'failed')
      equal(summary?.closedAt, newYear + 5)
      equal(summary?.outcome, '{"ok":true}')
      equal((await storage.runs.load(runId))?.turns.length, 2)
    })

    it('starts and closes a run in one turn', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().beginClosed(node, 'completed', { namespace })
      equal((await fixture().storage.visibility.find(namespace, 'w'))?.status, 'completed')
      equal((await fixture().storage.runs.owned(node)).length, 0)
      equal((await fixture().storage.runs.load(runId))?.turns.length, 1)
    })

    it('I5: rejects a close or a release that has not seen the last message, and takes it afterwards', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const changes = [
        fixture().closing(),
        { kind: 'release', wakeAt: null } as const,
        { kind: 'release', wakeAt: newYear } as const,
      ]
      for (const change of changes) {
        for (const events of [true, false]) {
          const namespace = fixture().newNamespace()
          const runId = await fixture().begin(node, { namespace })
          equal((await fixture().send({ namespace })).outcome, 'accepted')
          const next = events ? fixture().turn(runId, 2) : fixture().emptyTurn(runId, 2)
          deepEqual(await fixture().commit(node, { ...next, change }), [{ runId, reason: 'unseenMessage' }])
          equal((await storage.runs.load(runId))?.turns.length, 1)
          deepEqual(await fixture().commit(node, { ...next, change, seenMessage: 1, takenMessages: [1] }), [])
          deepEqual((await storage.runs.load(runId))?.inbox, [])
        }
      }
    })

    it('accepts a turn that goes on though a message has come', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      await fixture().send({ namespace })
      deepEqual(await fixture().commit(node, fixture().turn(runId, 2)), [])
      equal((await fixture().storage.runs.load(runId))?.inbox.length, 1)
    })

    it('one conflict does not fail the other 127, and each row of the batch is applied once', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const starts = Array.from({ length: 128 }, (_, number) =>
        fixture().startTurn({ namespace, workflowId: `w${number}` }),
      )
      deepEqual(await fixture().commit(node, ...starts), [])
      const runIds = starts.map(({ runId }) => runId)
      await storage.messages.send(
        runIds.map((runId, number) => ({
          namespace,
          workflowId: `w${number}`,
          runId,
          payload: '{}',
          dedupe: null,
        })),
        newYear,
      )
      const bad = runIds[57] ?? ''
      deepEqual(await fixture().commit(node, fixture().turn(bad, 2)), [])
      // Each turn touches the run (release), the inbox, the history and the snapshot.
      const turns = runIds.map((runId) =>
        fixture().turn(runId, 2, {
          change: { kind: 'release', wakeAt: null },
          seenMessage: 1,
          takenMessages: [1],
          snapshot: { eventId: 2, stateVersion: 1, planDigest: 'd', state: '{"s":2}' },
        }),
      )
      deepEqual(await fixture().commit(node, ...turns), [{ runId: bad, reason: 'conflict' }])
      for (const runId of runIds) {
        const loaded = await storage.runs.load(runId, { fromStart: true })
        equal(loaded?.turns.length, 2)
        equal(loaded?.inbox.length, runId === bad ? 1 : 0)
        equal((await storage.runs.load(runId))?.snapshot?.eventId, runId === bad ? undefined : 2)
      }
      deepEqual(await storage.runs.owned(node), [bad])
    })

    it('rejects each turn of a batch for its own reason', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const good = await fixture().begin(node, { namespace, workflowId: 'good' })
      const unseen = await fixture().begin(node, { namespace, workflowId: 'unseen' })
      const closed = await fixture().beginClosed(node, 'completed', { namespace, workflowId: 'closed' })
      await fixture().send({ namespace, workflowId: 'unseen' })
      const taken = fixture().startTurn({ namespace, workflowId: 'good' })
      const fresh = fixture().startTurn({ namespace, workflowId: 'fresh' })
      const rejected = await fixture().commit(
        node,
        fixture().turn(good, 2),
        fixture().turn(unseen, 2, { change: fixture().closing() }),
        fixture().turn(closed, 2),
        taken,
        fresh,
      )
      deepEqual(
        new Map(rejected.map((rejection) => [rejection.runId, rejection])),
        new Map([
          [unseen, { runId: unseen, reason: 'unseenMessage' }],
          [closed, { runId: closed, reason: 'conflict' }],
          [taken.runId, { runId: taken.runId, reason: 'exists', existing: good, open: true }],
        ] as const),
      )
      equal((await fixture().storage.runs.load(good))?.turns.length, 2)
      equal((await fixture().storage.runs.load(fresh.runId))?.turns.length, 1)
      equal(await fixture().storage.runs.load(taken.runId), null)
    })

    it('deletes the messages that a turn took and no others', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      for (const payload of ['1', '2', '3']) await fixture().send({ namespace, payload })
      deepEqual(
        await fixture().commit(node, fixture().turn(runId, 2, { seenMessage: 3, takenMessages: [1, 3] })),
        [],
      )
      const loaded = await storage.runs.load(runId)
      deepEqual(loaded?.inbox, [{ seq: 2, payload: '2' }])
      equal(loaded?.lastMessage, 3)
    })

    it('an empty batch writes nothing', async () => {
      const node = await fixture().newNode()
      deepEqual(await fixture().storage.commit(node, []), { outcome: 'committed', rejected: [] })
    })
  })
}
