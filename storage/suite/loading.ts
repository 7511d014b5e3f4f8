/** Loads: snapshots and the turns after them, histories by page, attempts beside them. */
import { deepEqual, equal } from 'node:assert/strict'
import type { SnapshotRecord } from '../contract.ts'
import { eventsJson, newRunId, newYear, type StorageFixture } from './fixture.ts'
import type { TestRunner } from './runner.ts'

export function loadingSuite({ describe, it }: TestRunner, fixture: () => StorageFixture): void {
  const snapshot = (eventId: number, stateVersion = 1): SnapshotRecord => ({
    eventId,
    stateVersion,
    planDigest: `digest ${stateVersion}`,
    state: `{"at":${eventId}, "v":${stateVersion}}`,
  })
  const firstIds = (turns: readonly { readonly firstEventId: number }[] | undefined) =>
    turns?.map((turn) => turn.firstEventId)

  describe('loads', () => {
    it('knows no run that is not there', async () => {
      equal(await fixture().storage.runs.load(newRunId()), null)
      equal(await fixture().storage.runs.load('no id at all'), null)
      deepEqual(await fixture().storage.visibility.history(newRunId(), 0, 10), [])
      deepEqual(await fixture().storage.visibility.history('no id at all', 0, 10), [])
    })

    it('gives the snapshot and the turns after it; from the start all turns and no snapshot', async () => {
      const { runs } = fixture().storage
      const node = await fixture().newNode()
      const runId = await fixture().begin(node)
      await fixture().commit(
        node,
        fixture().turn(runId, 2, { eventCount: 2, events: eventsJson(2, 3), snapshot: snapshot(3) }),
      )
      await fixture().commit(node, fixture().turn(runId, 4))
      const loaded = await runs.load(runId)
      deepEqual(loaded?.snapshot, snapshot(3))
      deepEqual(loaded?.turns, [{ firstEventId: 4, events: eventsJson(4) }])
      const whole = await runs.load(runId, { fromStart: true })
      equal(whole?.snapshot, null)
      deepEqual(firstIds(whole?.turns), [1, 2, 4])
    })

    it('a snapshot without events is written alone, and a claim gives it', async () => {
      const { runs } = fixture().storage
      const node = await fixture().newNode()
      const runId = await fixture().begin(node)
      deepEqual(await fixture().commit(node, fixture().emptyTurn(runId, 2, { snapshot: snapshot(1) })), [])
      const loaded = await runs.claimOne(node, runId)
      deepEqual([loaded?.snapshot, loaded?.turns], [snapshot(1), []])
    })

    it('an older snapshot never overwrites a newer one; one of the same event does', async () => {
      const { runs } = fixture().storage
      const node = await fixture().newNode()
      const runId = await fixture().begin(node)
      const write = (record: SnapshotRecord) =>
        fixture().commit(node, fixture().emptyTurn(runId, 4, { snapshot: record }))
      await fixture().commit(node, fixture().turn(runId, 2), fixture().turn(await fixture().begin(node), 2))
      await fixture().commit(node, fixture().turn(runId, 3, { snapshot: snapshot(3) }))
      deepEqual(await write(snapshot(2)), [])
      deepEqual((await runs.load(runId))?.snapshot, snapshot(3))
      deepEqual(await write(snapshot(3, 2)), [])
      deepEqual((await runs.load(runId))?.snapshot, snapshot(3, 2))
    })

    it('pages a history by whole turns', async () => {
      const { visibility } = fixture().storage
      const node = await fixture().newNode()
      const runId = await fixture().begin(node)
      await fixture().commit(node, fixture().turn(runId, 2, { eventCount: 3, events: eventsJson(2, 3, 4) }))
      await fixture().commit(node, fixture().turn(runId, 5))
      await fixture().commit(node, fixture().turn(runId, 6, { eventCount: 2, events: eventsJson(6, 7) }))
      const page = async (after: number, limit: number) =>
        firstIds(await visibility.history(runId, after, limit))
      deepEqual(await page(0, 100), [1, 2, 5, 6])
      deepEqual(await page(0, 1), [1])
      deepEqual(await page(0, 2), [1, 2])
      deepEqual(await page(1, 1), [2])
      deepEqual(await page(2, 1), [2])
      deepEqual(await page(3, 2), [2, 5])
      deepEqual(await page(4, 1), [5])
      deepEqual(await page(6, 10), [6])
      deepEqual(await page(7, 10), [])
      deepEqual(await visibility.history(runId, 5, 1), [{ firstEventId: 6, events: eventsJson(6, 7) }])
    })

    it('a load while turns are written sees whole turns, each one after its predecessor', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const write = async () => {
        for (let event = 2; event <= 30; event++) {
          await fixture().send({ namespace })
          await fixture().commit(node, fixture().turn(runId, event, { takenMessages: [event - 1] }))
        }
      }
      const writing = write()
      for (let look = 0; look < 15; look++) {
        const loaded = await storage.runs.load(runId)
        const turns = firstIds(loaded?.turns) ?? []
        deepEqual(
          turns,
          turns.map((_, index) => index + 1),
        )
        // Each turn takes the message before it: what was sent is in the inbox or was taken.
        equal(loaded?.lastMessage, turns.length - 1 + (loaded?.inbox.length ?? 0))
      }
      await writing
    })
  })

  describe('attempts', () => {
    const attempt = (activityId: number, number: number, details: string | null) => ({
      activityId,
      attempt: number,
      startedAt: newYear + number,
      details,
    })

    it('are loaded with their run, the latest of each activity, with the last details told', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const runId = await fixture().begin(node)
      const save = (...rows: ReturnType<typeof attempt>[]) =>
        storage.attempts.save(
          node,
          rows.map((row) => ({ ...row, runId })),
        )
      await save(attempt(7, 1, null), attempt(3, 1, '{"row":1}'))
      await save(attempt(7, 1, '[1, 2]'))
      deepEqual((await storage.runs.load(runId))?.attempts, [
        attempt(3, 1, '{"row":1}'),
        attempt(7, 1, '[1, 2]'),
      ])
      await save(attempt(7, 2, null))
      await save(attempt(7, 1, '"late"'))
      deepEqual((await storage.runs.load(runId))?.attempts, [
        attempt(3, 1, '{"row":1}'),
        attempt(7, 2, '[1, 2]'),
      ])
    })

    it('are deleted with their activity, and with their run', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const runId = await fixture().begin(node)
      const rows = [1, 2, 3].map((activityId) => ({ ...attempt(activityId, 1, null), runId }))
      await storage.attempts.save(node, rows)
      await fixture().commit(node, fixture().turn(runId, 2, { endedActivities: [1, 3] }))
      const left = (await storage.runs.load(runId))?.attempts.map((row) => row.activityId)
      deepEqual(left, [2])
      await fixture().commit(node, fixture().turn(runId, 3, { change: fixture().closing() }))
      deepEqual((await storage.runs.load(runId))?.attempts, [])
      await storage.attempts.save(node, rows)
      deepEqual((await storage.runs.load(runId))?.attempts, [])
    })

    it('of a run that the node does not own are not kept', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const other = await fixture().newNode()
      const runId = await fixture().begin(node)
      await storage.attempts.save(other, [{ ...attempt(1, 1, null), runId }])
      deepEqual((await storage.runs.load(runId))?.attempts, [])
    })
  })
}
