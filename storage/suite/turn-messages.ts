/** Messages that turns send to other runs, and what comes back to the sender. */
import { deepEqual, equal } from 'node:assert/strict'
import type { Turn } from '../contract.ts'
import { newRunId, newYear, type StorageFixture } from './fixture.ts'
import type { TestRunner } from './runner.ts'
import { birth, commitSends, inboxOf, message, sends } from './sending.ts'

export function turnMessagesSuite({ describe, it }: TestRunner, fixture: () => StorageFixture): void {
  describe('messages of a turn', () => {
    it('go to the open run that is meant, and the sender is told', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const closed = await fixture().beginClosed(node, 'failed', { namespace, workflowId: 'target' })
      const open = await fixture().begin(node, { namespace, workflowId: 'target', startedAt: newYear + 1 })
      await fixture().beginClosed(node, 'failed', { namespace, workflowId: 'closed' })
      const cases = [
        ['to the execution', {}, true],
        ['to the run', { runId: open }, true],
        ['to the chain', { firstRunId: open }, true],
        ['to a closed run', { runId: closed }, false],
        ['to a closed chain', { firstRunId: closed }, false],
        ['to a closed execution', { workflowId: 'closed' }, false],
        ['to no execution', { workflowId: 'nobody' }, false],
        ['to no run', { runId: newRunId() }, false],
        ['to no id', { runId: 'no id at all' }, false],
        ['to no chain', { firstRunId: 'no id at all' }, false],
        ['to another namespace', { namespace: fixture().newNamespace() }, false],
        ['to a run under another id', { runId: open, workflowId: 'closed' }, false],
      ] as const
      const messages = cases.map(([name, more]) =>
        message(namespace, {
          payload: JSON.stringify(name),
          whenAccepted: JSON.stringify(`${name} accepted`),
          whenNotFound: JSON.stringify(`${name} not found`),
          ...more,
        }),
      )
      await commitSends(fixture(), node, runId, { messages })
      deepEqual(
        await inboxOf(fixture(), open),
        cases.filter(([, , found]) => found).map(([name]) => JSON.stringify(name)),
      )
      deepEqual(
        await inboxOf(fixture(), runId),
        cases.map(([name, , found]) => JSON.stringify(`${name} ${found ? 'accepted' : 'not found'}`)),
      )
      equal((await storage.runs.load(open))?.lastMessage, 3)
      equal((await storage.runs.load(runId))?.lastMessage, cases.length)
      equal((await storage.runs.load(closed))?.lastMessage, 0)
    })

    it('that are not answered tell the sender nothing, notes do', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const target = await fixture().begin(node, { namespace, workflowId: 'target' })
      const silent = { whenAccepted: null, whenNotFound: null }
      const messages = [message(namespace, silent), message(namespace, { workflowId: 'nobody', ...silent })]
      await commitSends(fixture(), node, runId, { messages, notes: ['"a note"', '"another"'] })
      deepEqual(await inboxOf(fixture(), target), ['"hello"'])
      deepEqual(await inboxOf(fixture(), runId), ['"a note"', '"another"'])
    })

    it('of a turn that is rejected are not sent', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const target = await fixture().begin(node, { namespace, workflowId: 'target' })
      const good = await fixture().begin(node, { namespace, workflowId: 'good' })
      const bad = fixture().turn(runId, 1, {
        sends: sends({
          messages: [message(namespace)],
          notes: ['"n"'],
          answers: [{ messageId: 'm', answer: '{"kind":"completed","result":1}' }],
          outbox: [{ key: `k-${runId}`, sink: namespace, namespace, event: '{}', dueAt: newYear }],
        }),
      })
      const other = fixture().turn(good, 2, {
        sends: sends({ messages: [message(namespace, { payload: '"good"' })] }),
      })
      deepEqual(await fixture().commit(node, bad, other), [{ runId, reason: 'conflict' }])
      deepEqual(await inboxOf(fixture(), target), ['"good"'])
      deepEqual(await inboxOf(fixture(), runId), [])
      deepEqual(await fixture().storage.messages.answers([{ firstRunId: runId, messageId: 'm' }]), [null])
      equal(await fixture().storage.outbox.nextDueAt([namespace]), null)
    })

    it('wake a run that nobody owns, from the moment of the turn on', async () => {
      await fixture().drainDue()
      const { runs } = fixture().storage
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const target = await fixture().beginReleased(node, newYear + 9_000, { namespace, workflowId: 'target' })
      const early = await fixture().beginReleased(node, newYear + 5, { namespace, workflowId: 'early' })
      const messages = [message(namespace), message(namespace, { workflowId: 'early' })]
      await commitSends(fixture(), node, runId, { at: newYear + 100, messages })
      deepEqual(
        (await runs.claim(node, newYear + 99, 10, { alone: false })).map((run) => run.runId),
        [early],
      )
      equal(await runs.nextWakeAt(), newYear + 100)
      const [claimed] = await runs.claim(node, newYear + 100, 10, { alone: false })
      deepEqual([claimed?.runId, claimed?.inbox.length], [target, 1])
    })

    it('to itself are taken like any other; a run that closes gets nothing more', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace, workflowId: 'target' })
      await commitSends(fixture(), node, runId, { messages: [message(namespace)] })
      deepEqual(await inboxOf(fixture(), runId), ['"hello"', '"accepted"'])
      const closing = fixture().turn(runId, 3, {
        change: fixture().closing(),
        seenMessage: 2,
        takenMessages: [1, 2],
        sends: sends({ messages: [message(namespace)], notes: ['"n"'], births: [birth(namespace)] }),
      })
      deepEqual(await fixture().commit(node, closing), [])
      const loaded = await storage.runs.load(runId)
      deepEqual([loaded?.status, loaded?.inbox, loaded?.lastMessage], ['completed', [], 2])
      // Its child is born all the same: the reducer says what becomes of it.
      equal((await storage.visibility.find(namespace, 'child'))?.status, 'running')
    })

    it('reach a run that starts or is born in the same commit', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const start = fixture().startTurn({ namespace, workflowId: 'target' })
      const child = birth(namespace)
      const turn = fixture().turn(runId, 2, {
        sends: sends({
          births: [child],
          messages: [
            message(namespace, { payload: '"to the start"' }),
            message(namespace, { workflowId: 'child', payload: '"to the child"' }),
          ],
        }),
      })
      deepEqual(await fixture().commit(node, start, turn), [])
      deepEqual(await inboxOf(fixture(), start.runId), ['"to the start"'])
      deepEqual(await inboxOf(fixture(), child.runId), ['"started"', '"to the child"'])
      deepEqual(await inboxOf(fixture(), runId), ['"born"', '"accepted"', '"accepted"'])
    })

    it('of many turns to one run and to one another are all numbered', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const names = Array.from({ length: 10 }, (_, number) => `w${number}`)
      const starts = names.map((workflowId) => fixture().startTurn({ namespace, workflowId }))
      deepEqual(await fixture().commit(node, ...starts), [])
      const turns: readonly Turn[] = starts.map(({ runId }) =>
        fixture().turn(runId, 2, {
          sends: sends({ messages: names.map((workflowId) => message(namespace, { workflowId })) }),
        }),
      )
      deepEqual(await fixture().commit(node, ...turns), [])
      for (const { runId } of starts) {
        const loaded = await storage.runs.load(runId)
        equal(loaded?.lastMessage, 20)
        deepEqual(
          loaded?.inbox.map((row) => row.seq),
          Array.from({ length: 20 }, (_, index) => index + 1),
        )
        equal(loaded?.inbox.filter((row) => row.payload === '"hello"').length, 10)
      }
    })

    it('reject a close that has not seen them', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const target = await fixture().begin(node, { namespace, workflowId: 'target' })
      await commitSends(fixture(), node, runId, { messages: [message(namespace)] })
      for (const [closing, next] of [
        [target, 2],
        [runId, 3],
      ] as const) {
        const turn = fixture().turn(closing, next, { change: fixture().closing() })
        deepEqual(await fixture().commit(node, turn), [{ runId: closing, reason: 'unseenMessage' }])
        deepEqual(await fixture().commit(node, { ...turn, seenMessage: 1, takenMessages: [1] }), [])
      }
    })

    it('cross in concurrent commits, each with the other’s runs, without blocking one another', async () => {
      const nodes = [await fixture().newNode(), await fixture().newNode()] as const
      const namespace = fixture().newNamespace()
      const names = Array.from({ length: 8 }, (_, number) => `w${number}`)
      const own = async (node: number, prefix: string) => {
        const starts = names.map((name) =>
          fixture().startTurn({ namespace, workflowId: `${prefix}-${name}` }),
        )
        deepEqual(await fixture().commit(node, ...starts), [])
        return starts.map(({ runId }) => runId)
      }
      const runs = [await own(nodes[0], 'a'), await own(nodes[1], 'b')] as const
      const cross = async (node: number, mine: readonly string[], prefix: string) => {
        for (let round = 0; round < 12; round++) {
          const turns = mine.map((runId, index) =>
            fixture().turn(runId, round + 2, {
              sends: sends({
                messages: names.map((name) => message(namespace, { workflowId: `${prefix}-${name}` })),
                births: [birth(namespace, { workflowId: `child-${round}-${(index * 3) % 8}` })],
              }),
            }),
          )
          deepEqual(await fixture().commit(node, ...turns), [])
        }
      }
      await Promise.all([cross(nodes[0], runs[0], 'b'), cross(nodes[1], [...runs[1]].reverse(), 'a')])
      for (const runId of runs.flat()) {
        const loaded = await fixture().storage.runs.load(runId)
        // 8 runs of the other side, 12 rounds; an answer to each of its own 8, and one of its child, each round.
        equal(loaded?.lastMessage, 8 * 12 + 9 * 12)
        equal(loaded?.inbox.length, loaded?.lastMessage)
      }
      const children = await fixture().storage.visibility.count({ namespace })
      equal(children, 16 + 8 * 12)
    })
  })
}
