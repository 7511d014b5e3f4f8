/** Messages: accepted means stored, once per key, in order, and never to a closed run. */
import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Hint, SendResult } from '../contract.ts'
import { newRunId, newYear, type StorageFixture } from './fixture.ts'
import type { TestRunner } from './runner.ts'

export function messagesSuite({ describe, it }: TestRunner, fixture: () => StorageFixture): void {
  describe('messages', () => {
    it('are numbered from 1 in the order in which they were accepted', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const message = { namespace, workflowId: 'w', dedupe: null }
      const results = await storage.messages.send(
        ['"a"', '"b"', '"c"'].map((payload) => ({ ...message, payload })),
        newYear,
      )
      deepEqual(
        results,
        [1, 2, 3].map(() => ({ outcome: 'accepted', runId, firstRunId: runId, owner: node })),
      )
      const loaded = await storage.runs.load(runId)
      equal(loaded?.lastMessage, 3)
      deepEqual(loaded?.inbox, [
        { seq: 1, payload: '"a"' },
        { seq: 2, payload: '"b"' },
        { seq: 3, payload: '"c"' },
      ])
    })

    it('wake a run that nobody owns', async () => {
      await fixture().drainDue()
      const { runs } = fixture().storage
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      for (const wakeAt of [null, newYear + 5_000]) {
        const workflowId = `w${wakeAt}`
        const runId = await fixture().beginReleased(node, wakeAt, { namespace, workflowId })
        const result = await fixture().send({ namespace, workflowId })
        deepEqual(result, { outcome: 'accepted', runId, firstRunId: runId, owner: null })
        equal(await runs.nextWakeAt(), newYear)
        const claimed = await runs.claim(node, newYear, 10, { alone: false })
        deepEqual(
          claimed.map((run) => [run.runId, run.inbox.length]),
          [[runId, 1]],
        )
      }
    })

    it('do not put off a run that is due already', async () => {
      await fixture().drainDue()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      await fixture().beginReleased(node, newYear - 10, { namespace })
      await fixture().send({ namespace })
      equal(await fixture().storage.runs.nextWakeAt(), newYear - 10)
    })

    it('go to the run that is named, or to nobody', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const closed = await fixture().beginClosed(node, 'failed', { namespace })
      const open = await fixture().begin(node, { namespace, startedAt: newYear + 1 })
      const send = (runId: string, more = {}) => fixture().send({ namespace, runId, ...more })
      deepEqual(await send(open), { outcome: 'accepted', runId: open, firstRunId: open, owner: node })
      deepEqual(await send(closed), { outcome: 'closed', runId: closed, status: 'failed' })
      deepEqual(await send(newRunId()), { outcome: 'notFound' })
      deepEqual(await send('no id at all'), { outcome: 'notFound' })
      deepEqual(await send(open, { workflowId: 'another' }), { outcome: 'notFound' })
      deepEqual(await send(open, { namespace: fixture().newNamespace() }), { outcome: 'notFound' })
    })

    it('to an execution that is closed or unknown are refused', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      deepEqual(await fixture().send({ namespace }), { outcome: 'notFound' })
      await fixture().beginClosed(node, 'completed', { namespace })
      const runId = await fixture().beginClosed(node, 'timedOut', { namespace, startedAt: newYear + 1 })
      deepEqual(await fixture().send({ namespace }), { outcome: 'closed', runId, status: 'timedOut' })
      equal((await fixture().storage.runs.load(runId))?.lastMessage, 0)
    })

    it('with a key are delivered once, also after the first one was taken or the run closed', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const send = (dedupe: string) => fixture().send({ namespace, dedupe })
      deepEqual(await send('k1'), { outcome: 'accepted', runId, firstRunId: runId, owner: node })
      deepEqual(await send('k1'), { outcome: 'duplicate', runId, firstRunId: runId, owner: node })
      equal((await send('k2')).outcome, 'accepted')
      const taking = fixture().turn(runId, 2, { seenMessage: 2, takenMessages: [1, 2] })
      deepEqual(await fixture().commit(node, taking), [])
      equal((await send('k1')).outcome, 'duplicate')
      equal((await storage.runs.load(runId))?.lastMessage, 2)
      const closing = fixture().turn(runId, 3, { seenMessage: 2, change: fixture().closing() })
      deepEqual(await fixture().commit(node, closing), [])
      equal((await send('k1')).outcome, 'duplicate')
      equal((await send('k3')).outcome, 'closed')
    })

    it('with one key twice in one call, or from many callers at once, are delivered once', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const message = { namespace, workflowId: 'w', payload: '1', dedupe: 'k' }
      const calls = Array.from({ length: 6 }, () => storage.messages.send([message, message], newYear))
      const outcomes = (await Promise.all(calls)).flat().map((result) => result.outcome)
      equal(outcomes.filter((outcome) => outcome === 'accepted').length, 1)
      equal(outcomes.filter((outcome) => outcome === 'duplicate').length, 11)
      equal((await storage.runs.load(runId))?.inbox.length, 1)
    })

    it('to many runs from many callers in crossing order do not block one another', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const names = Array.from({ length: 12 }, (_, number) => `w${number}`)
      for (const workflowId of names) await fixture().begin(node, { namespace, workflowId })
      const to = (workflowIds: readonly string[]) =>
        storage.messages.send(
          workflowIds.map((workflowId) => ({ namespace, workflowId, payload: '1', dedupe: null })),
          newYear,
        )
      const calls = Array.from({ length: 40 }, (_, call) => to(call % 2 === 0 ? names : [...names].reverse()))
      const results: readonly SendResult[] = (await Promise.all(calls)).flat()
      ok(results.every((result) => result.outcome === 'accepted'))
      for (const run of await storage.visibility.list({ namespace }, 100, null))
        equal((await storage.runs.load(run.runId))?.lastMessage, 40)
    })

    it('crossing with closes and releases are either taken by them or reject them', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      for (let round = 0; round < 15; round++) {
        const names = [0, 1, 2, 3].map((number) => `r${round}-${number}`)
        const starts = names.map((workflowId) => fixture().startTurn({ namespace, workflowId }))
        deepEqual(await fixture().commit(node, ...starts), [])
        const changes = starts.map(({ runId }, index) =>
          fixture().turn(runId, 2, {
            change: index % 2 === 0 ? fixture().closing() : { kind: 'release', wakeAt: null },
          }),
        )
        const message = { namespace, payload: '1', dedupe: null }
        const [rejected, sent] = await Promise.all([
          fixture().commit(node, ...changes.reverse()),
          storage.messages.send(
            names.map((workflowId) => ({ ...message, workflowId })),
            newYear,
          ),
        ])
        const refused = new Map(rejected.map(({ runId, reason }) => [runId, reason]))
        for (const [index, { runId }] of starts.entries()) {
          const loaded = await storage.runs.load(runId)
          const outcome = sent[index]?.outcome
          if (outcome === 'closed') deepEqual([refused.get(runId), loaded?.lastMessage], [undefined, 0])
          else {
            // Accepted: then it is there (keeps I5), and the run is open for it.
            deepEqual([loaded?.inbox.length, loaded?.status], [1, 'running'])
            if (index % 2 === 0) equal(refused.get(runId), 'unseenMessage')
          }
        }
      }
    })

    it('are found by polling', async () => {
      const { runs } = fixture().storage
      const node = await fixture().newNode()
      const other = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const one = await fixture().begin(node, { namespace, workflowId: 'one' })
      const two = await fixture().begin(node, { namespace, workflowId: 'two' })
      const foreign = await fixture().begin(other, { namespace, workflowId: 'three' })
      deepEqual(await runs.pollInbox(node, 'all'), [])
      for (const workflowId of ['one', 'one', 'three'])
        await fixture().send({ namespace, workflowId, payload: `"${workflowId}"` })
      const both = [
        { seq: 1, payload: '"one"' },
        { seq: 2, payload: '"one"' },
      ]
      deepEqual(await runs.pollInbox(node, 'all'), [{ runId: one, rows: both }])
      const poll = (...wanted: { runId: string; after: number }[]) => runs.pollInbox(node, wanted)
      deepEqual(await poll({ runId: one, after: 1 }, { runId: two, after: 0 }), [
        { runId: one, rows: both.slice(1) },
      ])
      deepEqual(await poll({ runId: one, after: 2 }, { runId: foreign, after: 0 }), [])
      deepEqual(await poll(), [])
    })

    it('hint at their run, or at work for everyone', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const owned = await fixture().begin(node, { namespace, workflowId: 'owned' })
      await fixture().beginReleased(node, null, { namespace, workflowId: 'waiting' })
      const seen: Hint[] = []
      let onChange = () => {}
      const stop = storage.onHint((hint) => {
        seen.push(hint)
        onChange()
      })
      const until = (test: (hint: Hint) => boolean) =>
        new Promise<void>((resolve) => {
          onChange = () => {
            if (seen.some(test)) resolve()
          }
          onChange()
        })
      await fixture().send({ namespace, workflowId: 'owned' })
      await until((hint) => hint.kind === 'messages' && hint.runId === owned)
      seen.length = 0
      await fixture().send({ namespace, workflowId: 'waiting' })
      await until((hint) => hint.kind === 'due')
      stop()
    })
  })
}
