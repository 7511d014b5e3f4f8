/** Starts: one open run per execution, reuse of ids, requests that come twice, and races of all of these. */
import { deepEqual, equal } from 'node:assert/strict'
import type { ClosedStatus, NewRun } from '../contract.ts'
import { newYear, type StorageFixture } from './fixture.ts'
import type { TestRunner } from './runner.ts'

export function startsSuite({ describe, it }: TestRunner, fixture: () => StorageFixture): void {
  describe('starts', () => {
    it('gives back what the run was born with', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, {
        namespace,
        workflowId: 'order "1"',
        workflow: 'orders',
        version: '2.1.0-rc.1',
        startedAt: newYear + 7,
        memo: '{"note":"ü"}',
        searchAttributes: '{"customer":1}',
      })
      deepEqual(await storage.visibility.find(namespace, 'order "1"'), {
        namespace,
        workflowId: 'order "1"',
        runId,
        workflow: 'orders',
        version: '2.1.0-rc.1',
        status: 'running',
        startedAt: newYear + 7,
        closedAt: null,
        memo: '{"note":"ü"}',
        searchAttributes: '{"customer":1}',
        outcome: null,
        parked: null,
        firstRunId: runId,
        parent: null,
      })
      deepEqual(await storage.runs.owned(node), [runId])
    })

    it('rejects a start while the execution is open, whatever idReuse says', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const existing = await fixture().begin(node, { namespace })
      for (const idReuse of ['allow', 'allowFailedOnly', 'reject'] as const) {
        const again = fixture().startTurn({ namespace, idReuse })
        deepEqual(await fixture().commit(node, again), [
          { runId: again.runId, reason: 'exists', existing, open: true },
        ])
        equal(await fixture().storage.runs.load(again.runId), null)
      }
      equal(await fixture().storage.visibility.count({ namespace }), 1)
    })

    it('the same workflow id in another namespace is another execution', async () => {
      const node = await fixture().newNode()
      await fixture().begin(node, { namespace: fixture().newNamespace() })
      await fixture().begin(node, { namespace: fixture().newNamespace() })
    })

    it('reuses the id of a closed execution as idReuse allows', async () => {
      const node = await fixture().newNode()
      const cases: readonly [NewRun['idReuse'], ClosedStatus, boolean][] = [
        ['allow', 'completed', true],
        ['allow', 'failed', true],
        ['allowFailedOnly', 'completed', false],
        ['allowFailedOnly', 'failed', true],
        ['allowFailedOnly', 'canceled', true],
        ['allowFailedOnly', 'terminated', true],
        ['allowFailedOnly', 'timedOut', true],
        ['allowFailedOnly', 'continuedAsNew', false],
        ['reject', 'completed', false],
        ['reject', 'failed', false],
      ]
      for (const [idReuse, status, isAllowed] of cases) {
        const namespace = fixture().newNamespace()
        const existing = await fixture().beginClosed(node, status, { namespace })
        const again = fixture().startTurn({ namespace, idReuse, startedAt: newYear + 1, requestId: 'q' })
        deepEqual(
          await fixture().commit(node, again),
          isAllowed ? [] : [{ runId: again.runId, reason: 'exists', existing, open: false }],
        )
        const found = await fixture().storage.visibility.find(namespace, 'w')
        equal(found?.runId, isAllowed ? again.runId : existing)
        if (isAllowed) continue
        // The refused start has left nothing: neither its request nor the open id.
        const third = fixture().startTurn({ namespace, startedAt: newYear + 2, requestId: 'q' })
        deepEqual(await fixture().commit(node, third), [])
      }
    })

    it('reject and allowFailedOnly look at the latest of several closed runs', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      await fixture().beginClosed(node, 'completed', { namespace, startedAt: newYear })
      await fixture().beginClosed(node, 'failed', { namespace, startedAt: newYear + 1 })
      const start = { namespace, startedAt: newYear + 2, idReuse: 'allowFailedOnly' } as const
      await fixture().beginClosed(node, 'completed', start)
      const again = fixture().startTurn({ ...start, startedAt: newYear + 3 })
      equal((await fixture().commit(node, again))[0]?.reason, 'exists')
    })

    it('answers a request that was seen before with the run that it made, open or closed', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const existing = await fixture().begin(node, { namespace, requestId: 'r1' })
      const rejectedAs = (runId: string) => [{ runId, reason: 'duplicateRequest', existing }]
      const again = fixture().startTurn({ namespace, requestId: 'r1' })
      deepEqual(await fixture().commit(node, again), rejectedAs(again.runId))
      await fixture().commit(node, fixture().turn(existing, 2, { change: fixture().closing() }))
      const later = fixture().startTurn({ namespace, workflowId: 'other', requestId: 'r1' })
      deepEqual(await fixture().commit(node, later), rejectedAs(later.runId))
      const elsewhere = fixture().startTurn({ namespace: fixture().newNamespace(), requestId: 'r1' })
      deepEqual(await fixture().commit(node, elsewhere), [])
    })

    it('of two starts with one request in one batch the second is answered with the first', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const one = fixture().startTurn({ namespace, workflowId: 'a', requestId: 'r' })
      const two = fixture().startTurn({ namespace, workflowId: 'b', requestId: 'r' })
      deepEqual(await fixture().commit(node, one, two), [
        { runId: two.runId, reason: 'duplicateRequest', existing: one.runId },
      ])
    })

    it('of two starts of one execution in one batch the first wins', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const one = fixture().startTurn({ namespace })
      const two = fixture().startTurn({ namespace })
      deepEqual(await fixture().commit(node, one, two), [
        { runId: two.runId, reason: 'exists', existing: one.runId, open: true },
      ])
    })

    it('a run id that is there already is a conflict', async () => {
      const node = await fixture().newNode()
      const first = fixture().startTurn({})
      deepEqual(await fixture().commit(node, first), [])
      const again = fixture().startTurn({}, { runId: first.runId })
      deepEqual(await fixture().commit(node, again), [{ runId: first.runId, reason: 'conflict' }])
    })

    it('of many racing starts of one execution exactly one is accepted, and the others name it', async () => {
      const nodes = await Promise.all(Array.from({ length: 4 }, () => fixture().newNode()))
      for (const idReuse of ['allow', 'reject'] as const) {
        const namespace = fixture().newNamespace()
        const turns = nodes.flatMap((node) =>
          Array.from({ length: 4 }, () => ({ node, turn: fixture().startTurn({ namespace, idReuse }) })),
        )
        const rejected = await Promise.all(turns.map(({ node, turn }) => fixture().commit(node, turn)))
        const winners = turns.filter((_, index) => rejected[index]?.length === 0)
        equal(winners.length, 1)
        for (const [rejection] of rejected) {
          if (rejection === undefined) continue
          equal(rejection.reason, 'exists')
          if (rejection.reason === 'exists') equal(rejection.existing, winners[0]?.turn.runId)
        }
      }
    })

    it('of many racing starts with one request exactly one is accepted, and the others name it', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const turns = Array.from({ length: 8 }, (_, number) =>
        fixture().startTurn({ namespace, workflowId: `w${number}`, requestId: 'once' }),
      )
      const rejected = (await Promise.all(turns.map((turn) => fixture().commit(node, turn)))).flat()
      equal(rejected.length, 7)
      const found = await fixture().storage.visibility.list({ namespace }, 10, null)
      equal(found.length, 1)
      for (const rejection of rejected)
        deepEqual(rejection, {
          runId: rejection.runId,
          reason: 'duplicateRequest',
          existing: found[0]?.runId,
        })
    })

    it('reject holds when the start races the close of the execution', async () => {
      const node = await fixture().newNode()
      const other = await fixture().newNode()
      for (let round = 0; round < 20; round++) {
        const namespace = fixture().newNamespace()
        const existing = await fixture().begin(node, { namespace })
        const again = fixture().startTurn({ namespace, idReuse: 'reject', startedAt: newYear + 1 })
        const [closed, started] = await Promise.all([
          fixture().commit(node, fixture().turn(existing, 2, { change: fixture().closing() })),
          fixture().commit(other, again),
        ])
        deepEqual(closed, [])
        equal(started[0]?.reason, 'exists')
      }
    })

    it('a start that nobody owns is due at its time', async () => {
      await fixture().drainDue()
      const node = await fixture().newNode()
      const { runs } = fixture().storage
      const runId = await fixture().begin(node, { owned: false, startedAt: newYear + 50 })
      deepEqual(await runs.owned(node), [])
      equal(await runs.nextWakeAt(), newYear + 50)
      deepEqual(await runs.claim(node, newYear + 49, 10, { alone: false }), [])
      const claimed = await runs.claim(node, newYear + 50, 10, { alone: false })
      deepEqual(
        claimed.map((run) => run.runId),
        [runId],
      )
    })
  })
}
