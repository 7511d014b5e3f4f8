/** Continue-as-new: the next run is born with the close of the one before (I8), and their chain is one execution. */
import { deepEqual, equal } from 'node:assert/strict'
import { newRunId, newYear, type StorageFixture } from './fixture.ts'
import type { TestRunner } from './runner.ts'
import { inboxOf, message, newRun, sends } from './sending.ts'

export function chainsSuite({ describe, it }: TestRunner, fixture: () => StorageFixture): void {
  describe('the next run of a chain', () => {
    const continued = (runId: string) =>
      ({
        kind: 'close',
        status: 'continuedAsNew',
        closedAt: newYear + 1,
        outcome: JSON.stringify({ runId }),
      }) as const

    it('is born with the close of the run before, under its id', async () => {
      await fixture().drainDue()
      const { runs, visibility } = fixture().storage
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const parent = { workflowId: 'p', runId: newRunId(), childId: 1 }
      const first = await fixture().begin(node, { namespace, parent })
      let last = first
      for (let round = 1; round <= 3; round++) {
        const next = newRunId(newYear + round)
        const run = newRun(namespace, {
          workflowId: 'w',
          firstRunId: first,
          parent,
          startedAt: newYear + round,
        })
        const turn = fixture().turn(last, round === 1 ? 2 : 1, {
          change: continued(next),
          seenMessage: round === 1 ? 0 : 2,
          takenMessages: round === 1 ? [] : [1, 2],
          sends: sends({ successor: { runId: next, run, inbox: ['"started"', '"buffered"'] } }),
        })
        deepEqual(await fixture().commit(node, turn), [])
        const [claimed] = await runs.claim(node, newYear + round, 10, { alone: false })
        deepEqual(
          [claimed?.runId, claimed?.firstRunId, claimed?.parent, claimed?.lastMessage, claimed?.turns],
          [next, first, parent, 2, []],
        )
        deepEqual(
          [
            (await visibility.find(namespace, 'w'))?.runId,
            (await visibility.find(namespace, 'w', last))?.outcome,
          ],
          [next, JSON.stringify({ runId: next })],
        )
        last = next
      }
      // A chain shows as its last run.
      const shown = async (more: object) =>
        (await visibility.list({ namespace, ...more }, 10, null)).map((run) => run.runId)
      deepEqual(await shown({}), [last])
      deepEqual(await shown({ workflowId: 'w' }), [last])
      deepEqual((await shown({ status: 'continuedAsNew' })).length, 3)
      deepEqual(await shown({ status: 'running' }), [last])
      deepEqual((await shown({ allRuns: true })).length, 4)
      deepEqual((await shown({ parentRunId: parent.runId })).length, 4)
      equal(await visibility.count({ namespace }), 1)
      equal(await visibility.count({ namespace, allRuns: true }), 4)
      const pages: string[] = []
      for (let after: string | null = null; ; ) {
        const page = await visibility.list({ namespace, allRuns: true }, 3, after)
        if (page.length === 0) break
        pages.push(...page.map((run) => run.runId))
        after = page.at(-1)?.runId ?? null
      }
      deepEqual(pages, await shown({ allRuns: true }))
    })

    it('is the latest of its execution, though both began in one millisecond', async () => {
      const { runs, visibility } = fixture().storage
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      // The later run has the smaller id, as half of all random parts have.
      const [next, first] = [newRunId(), newRunId()].sort() as [string, string]
      const turn = fixture().startTurn({ namespace }, { runId: first })
      deepEqual(await fixture().commit(node, turn), [])
      const run = newRun(namespace, { workflowId: 'w', firstRunId: first, startedAt: newYear })
      const goesOn = fixture().turn(first, 2, {
        change: continued(next),
        sends: sends({ successor: { runId: next, run, inbox: [] } }),
      })
      deepEqual(await fixture().commit(node, goesOn), [])
      equal((await runs.claimOne(node, next))?.runId, next)
      const end = fixture().turn(next, 1, { change: fixture().closing() })
      deepEqual(await fixture().commit(node, end), [])
      equal((await visibility.find(namespace, 'w'))?.runId, next)
      const again = fixture().startTurn({ namespace, startedAt: newYear + 5, idReuse: 'reject' })
      const [refused] = await fixture().commit(node, again)
      equal(refused?.reason === 'exists' && refused.existing, next)
    })

    it('is not born where the close is rejected', async () => {
      const { runs } = fixture().storage
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      await fixture().send({ namespace })
      const next = newRunId(newYear + 1)
      const run = newRun(namespace, { workflowId: 'w', firstRunId: runId })
      const turn = fixture().turn(runId, 2, {
        change: continued(next),
        sends: sends({ successor: { runId: next, run, inbox: [] } }),
      })
      deepEqual(await fixture().commit(node, turn), [{ runId, reason: 'unseenMessage' }])
      equal(await runs.load(next), null)
      const again = { ...turn, seenMessage: 1, takenMessages: [1] }
      deepEqual(await fixture().commit(node, again), [])
      equal((await runs.load(next))?.firstRunId, runId)
    })

    it('gets what is sent to the execution or its chain in the same commit', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace, workflowId: 'target' })
      const next = newRunId(newYear + 1)
      const run = newRun(namespace, { workflowId: 'target', firstRunId: runId })
      const turn = fixture().turn(runId, 2, {
        change: continued(next),
        sends: sends({ successor: { runId: next, run, inbox: ['"started"'] } }),
      })
      const sender = await fixture().begin(node, { namespace })
      const messages = [
        message(namespace, { payload: '"by id"' }),
        message(namespace, { payload: '"by chain"', firstRunId: runId }),
        message(namespace, { payload: '"by run"', runId }),
        message(namespace, { payload: '"by another chain"', firstRunId: next }),
      ]
      deepEqual(
        await fixture().commit(node, turn, fixture().turn(sender, 2, { sends: sends({ messages }) })),
        [],
      )
      deepEqual(await inboxOf(fixture(), next), ['"started"', '"by id"', '"by chain"'])
      deepEqual(await inboxOf(fixture(), sender), ['"accepted"', '"accepted"', '"notFound"', '"notFound"'])
    })

    it('is found by messages that cross with it', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const first = await fixture().begin(node, { namespace })
      let last = first
      let sent = 0
      let seen = 0
      for (let round = 1; round <= 20; round++) {
        const next = newRunId(newYear + round)
        const run = newRun(namespace, { workflowId: 'w', firstRunId: first, startedAt: newYear + round })
        const go = async () => {
          for (;;) {
            const loaded = await storage.runs.claimOne(node, last)
            const turn = fixture().turn(last, round === 1 ? 2 : 1, {
              change: continued(next),
              seenMessage: loaded?.lastMessage ?? 0,
              sends: sends({ successor: { runId: next, run, inbox: [] } }),
            })
            if ((await fixture().commit(node, turn)).length > 0) continue
            seen += loaded?.lastMessage ?? 0
            return
          }
        }
        const [results] = await Promise.all([
          storage.messages.send(
            [1, 2, 3].map(() => ({ namespace, workflowId: 'w', payload: '1', dedupe: null })),
            newYear,
          ),
          go(),
        ])
        for (const result of results) equal(result.outcome, 'accepted')
        sent += 3
        last = next
      }
      seen += (await storage.runs.load(last))?.lastMessage ?? 0
      equal(seen, sent)
    })
  })
}
