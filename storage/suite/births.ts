/** Children, born with the turn that wants them or not at all (I8). */
import { deepEqual, equal } from 'node:assert/strict'
import { type Hint, StorageDataError, type Turn } from '../contract.ts'
import { newRunId, newYear, type StorageFixture } from './fixture.ts'
import type { TestRunner } from './runner.ts'
import { birth, commitSends, inboxOf, message, sends } from './sending.ts'

export function birthsSuite({ describe, it }: TestRunner, fixture: () => StorageFixture): void {
  describe('children', () => {
    it('are born with the turn: due, without history, their inbox filled; the parent is told', async () => {
      await fixture().drainDue()
      const { runs, visibility } = fixture().storage
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const parent = { workflowId: 'w', runId, childId: 7 }
      const child = {
        ...birth(namespace, { parent, startedAt: newYear + 5, memo: '{"a":1}', searchAttributes: '{"b":2}' }),
        inbox: ['"started"', '"signaled"'],
      }
      await commitSends(fixture(), node, runId, { births: [child] })
      deepEqual(await inboxOf(fixture(), runId), ['"born"'])
      equal((await runs.load(runId))?.lastMessage, 1)
      deepEqual(await visibility.find(namespace, 'child'), {
        namespace,
        workflowId: 'child',
        runId: child.runId,
        workflow: 'greet',
        version: '1.0.0',
        status: 'running',
        startedAt: newYear + 5,
        closedAt: null,
        memo: '{"a":1}',
        searchAttributes: '{"b":2}',
        outcome: null,
        firstRunId: child.runId,
        parent,
        parked: null,
      })
      deepEqual(await runs.claim(node, newYear + 4, 10, { alone: false }), [])
      const [claimed] = await runs.claim(node, newYear + 5, 10, { alone: false })
      deepEqual(
        [claimed?.runId, claimed?.turns, claimed?.lastMessage, claimed?.parent, claimed?.firstRunId],
        [child.runId, [], 2, parent, child.runId],
      )
      deepEqual(
        claimed?.inbox.map((row) => [row.seq, row.payload]),
        [
          [1, '"started"'],
          [2, '"signaled"'],
        ],
      )
      // Its first turn is the one that takes them.
      const first = fixture().turn(child.runId, 1, { takenMessages: [1, 2], seenMessage: 2 })
      deepEqual(await fixture().commit(node, first), [])
      deepEqual((await runs.load(child.runId))?.inbox, [])
    })

    it('are not born of a turn that is rejected', async () => {
      const { runs } = fixture().storage
      const node = await fixture().newNode()
      const other = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const closed = await fixture().beginClosed(node, 'failed', { namespace, workflowId: 'closed' })
      const unseen = await fixture().begin(node, { namespace, workflowId: 'unseen' })
      await fixture().send({ namespace, workflowId: 'unseen' })
      const taken = fixture().startTurn({ namespace })
      const children = [1, 2, 3, 4, 5].map((number) => birth(namespace, { workflowId: `c${number}` }))
      const sending = (index: number) => ({ sends: sends({ births: children.slice(index, index + 1) }) })
      const turns: readonly Turn[] = [
        fixture().turn(runId, 1, sending(0)),
        fixture().turn(closed, 2, sending(1)),
        fixture().turn(unseen, 2, { change: fixture().closing(), ...sending(2) }),
        { ...taken, ...sending(3) },
      ]
      equal((await fixture().commit(node, ...turns)).length, 4)
      equal((await fixture().commit(other, fixture().turn(runId, 2, sending(4)))).length, 1)
      for (const child of children) equal(await runs.load(child.runId), null)
      deepEqual(await inboxOf(fixture(), runId), [])
      equal((await runs.load(unseen))?.lastMessage, 1)
      equal(await fixture().storage.visibility.count({ namespace }), 3)
    })

    it('are born of a start, and not of one that is rejected, whose id another one then gets', async () => {
      const { runs } = fixture().storage
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      await fixture().begin(node, { namespace, workflowId: 'open' })
      await fixture().beginClosed(node, 'completed', { namespace, workflowId: 'used' })
      const [ghost, refused, child] = [birth(namespace), birth(namespace), birth(namespace)]
      const turns = [
        fixture().startTurn({ namespace, workflowId: 'open' }, { sends: sends({ births: [ghost] }) }),
        fixture().startTurn(
          { namespace, workflowId: 'used', idReuse: 'reject' },
          { sends: sends({ births: [refused] }) },
        ),
        fixture().startTurn({ namespace, workflowId: 'new' }, { sends: sends({ births: [child] }) }),
      ] as const
      const rejected = await fixture().commit(node, ...turns)
      deepEqual(rejected.map(({ runId }) => runId).sort(), [turns[0].runId, turns[1].runId].sort())
      equal(await runs.load(ghost.runId), null)
      equal(await runs.load(refused.runId), null)
      equal((await runs.load(child.runId))?.status, 'running')
      deepEqual(await inboxOf(fixture(), turns[2].runId), ['"born"'])
      deepEqual(await inboxOf(fixture(), child.runId), ['"started"'])
    })

    it('born twice are born once', async () => {
      const { runs, visibility } = fixture().storage
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const child = birth(namespace)
      await commitSends(fixture(), node, runId, { births: [child] })
      await commitSends(fixture(), node, runId, { births: [child, child] }, 3)
      deepEqual(await inboxOf(fixture(), runId), ['"born"', '"born"', '"born"'])
      equal((await runs.load(child.runId))?.lastMessage, 1)
      const claimed = await runs.claimOne(node, child.runId)
      const closing = {
        change: fixture().closing(),
        takenMessages: [1],
        seenMessage: claimed?.lastMessage ?? 0,
      }
      deepEqual(await fixture().commit(node, fixture().turn(child.runId, 1, closing)), [])
      await commitSends(fixture(), node, runId, { births: [child] }, 4)
      equal((await runs.load(child.runId))?.status, 'completed')
      equal(await visibility.count({ namespace }), 2)
    })

    it('find their id taken by an open execution, not by a closed one', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const open = await fixture().begin(node, { namespace, workflowId: 'open' })
      await fixture().beginClosed(node, 'completed', { namespace, workflowId: 'closed' })
      const births = [
        { ...birth(namespace, { workflowId: 'open' }), whenTaken: '"open is taken"' },
        { ...birth(namespace, { workflowId: 'closed' }), whenBorn: '"closed is born"' },
        { ...birth(namespace, { workflowId: 'new' }), whenBorn: '"new is born"' },
        { ...birth(namespace, { workflowId: 'new' }), whenTaken: '"new is taken"' },
        { ...birth(namespace, { workflowId: 'w' }), whenTaken: '"itself"' },
      ]
      await commitSends(fixture(), node, runId, { births })
      deepEqual(await inboxOf(fixture(), runId), [
        '"open is taken"',
        '"closed is born"',
        '"new is born"',
        '"new is taken"',
        '"itself"',
      ])
      equal((await fixture().storage.visibility.find(namespace, 'open'))?.runId, open)
      equal(await fixture().storage.runs.load(births[3]?.runId ?? ''), null)
    })

    it('of a run that is let go of in the same turn wake it', async () => {
      await fixture().drainDue()
      const { runs } = fixture().storage
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const turn = fixture().turn(runId, 2, {
        change: { kind: 'release', wakeAt: newYear + 9_000 },
        sends: sends({ births: [birth(namespace, { startedAt: newYear + 9_000 })], at: newYear + 10 }),
      })
      deepEqual(await fixture().commit(node, turn), [])
      equal(await runs.nextWakeAt(), newYear + 10)
      deepEqual(
        (await runs.claim(node, newYear + 10, 10, { alone: false })).map((run) => run.runId),
        [runId],
      )
    })

    it('tell the end to their parent, also when many end at once', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const births = Array.from({ length: 20 }, (_, childId) =>
        birth(namespace, { workflowId: `c${childId}`, parent: { workflowId: 'w', runId, childId } }),
      )
      await commitSends(fixture(), node, runId, { births })
      deepEqual(
        (await storage.visibility.list({ namespace, parentRunId: runId }, 100, null)).map(
          (run) => run.parent?.childId,
        ),
        [...births.keys()].reverse(),
      )
      equal(await storage.visibility.count({ namespace, parentRunId: newRunId() }), 0)
      equal(await storage.visibility.count({ namespace, parentRunId: 'no id at all' }), 0)
      const endings: Turn[] = []
      for (const [index, child] of births.entries()) {
        await storage.runs.claimOne(node, child.runId)
        const told = message(namespace, {
          workflowId: 'w',
          runId,
          payload: `"end ${index}"`,
          whenAccepted: null,
          whenNotFound: null,
        })
        endings.push(
          fixture().turn(child.runId, 1, {
            takenMessages: [1],
            seenMessage: 1,
            change: fixture().closing(),
            sends: sends({ messages: [told] }),
          }),
        )
      }
      deepEqual(await fixture().commit(node, ...endings), [])
      const inbox = await inboxOf(fixture(), runId)
      deepEqual(
        [...inbox].sort(),
        [...births.map(() => '"born"'), ...births.map((_, index) => `"end ${index}"`)].sort(),
      )
      equal((await storage.runs.load(runId))?.lastMessage, 40)
    })

    it('hint at work for everyone, and at the parent', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const wanted = new Set(['due', `messages ${runId}`])
      const heard = new Promise<void>((resolve) => {
        const stop = fixture().storage.onHint((hint: Hint) => {
          wanted.delete(hint.kind === 'messages' ? `messages ${hint.runId}` : hint.kind)
          if (wanted.size > 0) return
          stop()
          resolve()
        })
      })
      await commitSends(fixture(), node, runId, { births: [birth(namespace)] })
      await heard
    })

    it('with a value that cannot be stored fail the batch', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const bad = { ...birth(namespace), inbox: ['"\\u0000"'] }
      const turn = fixture().turn(runId, 2, { sends: sends({ births: [bad] }) })
      let failure: unknown = null
      await fixture()
        .storage.commit(node, [turn])
        .catch((error: unknown) => {
          failure = error
        })
      equal(failure instanceof StorageDataError, true)
      equal((await fixture().storage.runs.load(runId))?.turns.length, 1)
      equal(await fixture().storage.runs.load(bad.runId), null)
    })
  })
}
