/** Nodes, claims, takeovers and parking: who may write, and how a dead node's runs go on. */
import { deepEqual, equal, ok } from 'node:assert/strict'
import { suspectTakeovers } from '../contract.ts'
import { newRunId, newYear, type StorageFixture } from './fixture.ts'
import type { TestRunner } from './runner.ts'

export function ownershipSuite({ describe, it }: TestRunner, fixture: () => StorageFixture): void {
  const beatsOf = async (node: number) =>
    (await fixture().storage.nodes.observe()).find((row) => row.node === node)?.beats

  /** Declares the node dead as an observer does that saw its counter stand still. */
  const kill = async (node: number, now = newYear) =>
    fixture().storage.nodes.takeOver(node, (await beatsOf(node)) ?? -1, now)

  describe('nodes', () => {
    it('every join is a new node, and its counter advances with each beat', async () => {
      const { nodes } = fixture().storage
      const one = await fixture().newNode()
      const two = await fixture().newNode()
      ok(one !== two)
      const before = (await beatsOf(one)) ?? -1
      equal(await nodes.beat(one), 'live')
      equal(await beatsOf(one), before + 1)
    })

    it('a node that beat since it was observed is not dead', async () => {
      const { nodes } = fixture().storage
      const node = await fixture().newNode()
      const runId = await fixture().begin(node)
      const seen = (await beatsOf(node)) ?? -1
      await nodes.beat(node)
      equal(await nodes.takeOver(node, seen, newYear), null)
      equal(await nodes.beat(node), 'live')
      deepEqual(await fixture().storage.runs.owned(node), [runId])
    })

    it('a node that nobody knows is fenced, and cannot be taken over', async () => {
      const { storage } = fixture()
      equal(await storage.nodes.beat(2_000_000_000), 'fenced')
      equal(await storage.nodes.takeOver(2_000_000_000, 0, newYear), null)
      deepEqual(await storage.commit(2_000_000_000, [fixture().startTurn()]), { outcome: 'fenced' })
    })

    it('I10: a node that was declared dead writes nothing', async () => {
      const { storage } = fixture()
      await fixture().drainDue()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      equal(await kill(node), 1)
      equal(await storage.nodes.beat(node), 'fenced')
      equal(await beatsOf(node), undefined)
      const turns = [
        fixture().turn(runId, 2),
        fixture().emptyTurn(runId, 2, { change: fixture().closing() }),
        fixture().startTurn({ namespace, workflowId: 'other' }),
      ]
      for (const turn of turns) deepEqual(await storage.commit(node, [turn]), { outcome: 'fenced' })
      await storage.attempts.save(node, [{ runId, activityId: 1, attempt: 1, startedAt: 1, details: '1' }])
      await storage.runs.park(node, runId, 'because')
      deepEqual(await storage.runs.claim(node, newYear, 10, { alone: false }), [])
      equal(await storage.runs.claimOne(node, runId), null)
      const loaded = await storage.runs.load(runId)
      equal(loaded?.turns.length, 1)
      equal(loaded?.parked, null)
      deepEqual(loaded?.attempts, [])
      equal(await storage.visibility.count({ namespace }), 1)
    })

    it('I10: of a commit and a takeover at once either the turn is there or the node is fenced', async () => {
      const { storage } = fixture()
      for (let round = 0; round < 20; round++) {
        const node = await fixture().newNode()
        const runId = await fixture().begin(node)
        const [result, count] = await Promise.all([
          storage.commit(node, [fixture().turn(runId, 2)]),
          kill(node),
        ])
        equal(count, 1)
        const turns = (await storage.runs.load(runId))?.turns.length
        equal(turns, result.outcome === 'committed' ? 2 : 1)
      }
    })

    it('a takeover makes the runs due and counts; a second one finds nothing to take', async () => {
      await fixture().drainDue()
      const { storage } = fixture()
      const node = await fixture().newNode()
      const heir = await fixture().newNode()
      const seen = (await beatsOf(node)) ?? -1
      const mine = [await fixture().begin(node), await fixture().begin(node)].sort()
      const others = await fixture().begin(heir)
      equal(await storage.nodes.takeOver(node, seen, newYear + 9), 2)
      ok(((await storage.nodes.takeOver(node, seen, newYear + 9)) ?? 0) === 0)
      equal(await storage.runs.nextWakeAt(), newYear + 9)
      const claimed = await storage.runs.claim(heir, newYear + 9, 10, { alone: false })
      deepEqual(claimed.map((run) => run.runId).sort(), mine)
      deepEqual(
        claimed.map((run) => run.takeovers),
        [1, 1],
      )
      equal((await storage.runs.load(others))?.takeovers, 0)
    })

    it('a node that leaves hands its runs over, and no takeover is counted', async () => {
      await fixture().drainDue()
      const { storage } = fixture()
      const node = await fixture().newNode()
      const runId = await fixture().begin(node)
      await storage.nodes.leave(node, newYear + 3)
      equal(await storage.nodes.beat(node), 'fenced')
      equal(await beatsOf(node), undefined)
      equal(await storage.runs.nextWakeAt(), newYear + 3)
      equal((await storage.runs.load(runId))?.takeovers, 0)
    })
  })

  describe('claims', () => {
    it('takes due runs alone, first due first, at most so many', async () => {
      await fixture().drainDue()
      const { runs } = fixture().storage
      const node = await fixture().newNode()
      const later = await fixture().beginReleased(node, newYear + 30)
      const soon = await fixture().beginReleased(node, newYear + 10)
      const middle = await fixture().beginReleased(node, newYear + 20)
      const never = await fixture().beginReleased(node, null)
      const owned = await fixture().begin(node)
      equal(await runs.nextWakeAt(), newYear + 10)
      deepEqual(await runs.claim(node, newYear + 9, 10, { alone: false }), [])
      const first = await runs.claim(node, newYear + 25, 1, { alone: false })
      deepEqual(
        first.map((run) => run.runId),
        [soon],
      )
      const rest = await runs.claim(node, newYear + 30, 10, { alone: false })
      deepEqual(
        rest.map((run) => run.runId),
        [middle, later],
      )
      equal(await runs.nextWakeAt(), null)
      deepEqual([...(await runs.owned(node))].sort(), [later, soon, middle, owned].sort())
      equal((await runs.load(never))?.status, 'running')
    })

    it('gives all that the engine needs to go on', async () => {
      await fixture().drainDue()
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().beginReleased(node, null, {
        namespace,
        workflow: 'orders',
        version: '1.2.3',
      })
      await fixture().send({ namespace, payload: '{"a":1}' })
      const [claimed] = await storage.runs.claim(node, newYear, 10, { alone: false })
      deepEqual(claimed, {
        runId,
        namespace,
        workflowId: 'w',
        workflow: 'orders',
        version: '1.2.3',
        startedAt: newYear,
        status: 'running',
        takeovers: 0,
        parked: null,
        firstRunId: runId,
        parent: null,
        lastMessage: 1,
        snapshot: null,
        turns: [{ firstEventId: 1, events: '[{"type":"TimerFired","timestamp":1767225600000,"timerId":1}]' }],
        inbox: [{ seq: 1, payload: '{"a":1}' }],
        attempts: [],
      })
    })

    it('claims of several nodes at once never overlap, and leave nothing', async () => {
      await fixture().drainDue()
      const { runs } = fixture().storage
      const owner = await fixture().newNode()
      const turns = Array.from({ length: 120 }, () =>
        fixture().startTurn({}, { change: { kind: 'release', wakeAt: newYear } }),
      )
      deepEqual(await fixture().commit(owner, ...turns), [])
      const nodes = await Promise.all([1, 2, 3].map(() => fixture().newNode()))
      const claimAll = async (node: number) => {
        const mine: string[] = []
        for (;;) {
          const claimed = await runs.claim(node, newYear, 7, { alone: false })
          if (claimed.length === 0) return mine
          mine.push(...claimed.map((run) => run.runId))
        }
      }
      const claimed = (await Promise.all(nodes.map(claimAll))).flat()
      equal(new Set(claimed).size, claimed.length)
      // What a claim skipped because another one held it is there for the next.
      const left = await claimAll(owner)
      deepEqual([...claimed, ...left].sort(), turns.map((turn) => turn.runId).sort())
    })

    it('claims one run that is named, due or not, unless it is another node’s or closed', async () => {
      const { runs } = fixture().storage
      const node = await fixture().newNode()
      const other = await fixture().newNode()
      const runId = await fixture().beginReleased(node, null)
      equal((await runs.claimOne(node, runId))?.runId, runId)
      equal((await runs.claimOne(node, runId))?.runId, runId)
      equal(await runs.claimOne(other, runId), null)
      equal(await runs.claimOne(node, await fixture().beginClosed(node, 'completed')), null)
      equal(await runs.claimOne(node, newRunId()), null)
      equal(await runs.claimOne(node, 'no id at all'), null)
    })

    it('of several nodes that name one run exactly one gets it', async () => {
      const { runs } = fixture().storage
      const nodes = await Promise.all([1, 2, 3, 4].map(() => fixture().newNode()))
      const runId = await fixture().beginReleased(nodes[0] ?? 0, null)
      const claimed = await Promise.all(nodes.map((node) => runs.claimOne(node, runId)))
      equal(claimed.filter((run) => run !== null).length, 1)
    })

    it('a run that took several nodes with it is claimed alone, until it makes progress', async () => {
      await fixture().drainDue()
      const { runs } = fixture().storage
      const first = await fixture().newNode()
      const suspect = await fixture().begin(first)
      await kill(first)
      for (let takeover = 1; takeover < suspectTakeovers; takeover++) {
        const node = await fixture().newNode()
        const [claimed] = await runs.claim(node, newYear, 10, { alone: false })
        equal(claimed?.runId, suspect)
        equal(claimed?.takeovers, takeover)
        equal(await kill(node), 1)
      }
      const node = await fixture().newNode()
      const ordinary = await fixture().beginReleased(node, newYear)
      const ids = async (alone: boolean) =>
        (await runs.claim(node, newYear, 10, { alone })).map((run) => run.runId)
      equal(await runs.nextWakeAt(), newYear)
      deepEqual(await ids(false), [ordinary])
      equal(await runs.nextWakeAt(), newYear)
      deepEqual(await ids(true), [suspect])
      deepEqual(await ids(true), [])
      equal((await runs.load(suspect))?.takeovers, suspectTakeovers)
      deepEqual(await fixture().commit(node, fixture().turn(suspect, 2)), [])
      equal((await runs.load(suspect))?.takeovers, 0)
    })

    it('with `alone` ordinary runs are claimed where no suspect is due', async () => {
      await fixture().drainDue()
      const node = await fixture().newNode()
      const runId = await fixture().beginReleased(node, newYear)
      const claimed = await fixture().storage.runs.claim(node, newYear, 10, { alone: true })
      deepEqual(
        claimed.map((run) => run.runId),
        [runId],
      )
    })

    it('a release that is accepted resets the takeovers', async () => {
      const { runs } = fixture().storage
      const node = await fixture().newNode()
      const runId = await fixture().begin(node)
      await kill(node)
      const heir = await fixture().newNode()
      await runs.claimOne(heir, runId)
      const release = fixture().emptyTurn(runId, 2, { change: { kind: 'release', wakeAt: null } })
      deepEqual(await fixture().commit(heir, release), [])
      equal((await runs.load(runId))?.takeovers, 0)
    })
  })

  describe('parked runs', () => {
    it('shows its reason, is never claimed, and takes messages', async () => {
      await fixture().drainDue()
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      await fixture().beginReleased(node, newYear, { namespace })
      const [claimed] = await storage.runs.claim(node, newYear, 10, { alone: false })
      const runId = claimed?.runId ?? ''
      await storage.runs.park(node, runId, 'its plan is missing')
      equal((await storage.runs.load(runId))?.parked, 'its plan is missing')
      equal((await storage.visibility.find(namespace, 'w'))?.parked, 'its plan is missing')
      deepEqual(await storage.runs.owned(node), [])
      equal(await storage.runs.nextWakeAt(), null)
      equal((await fixture().send({ namespace })).outcome, 'accepted')
      for (const alone of [false, true])
        deepEqual(await storage.runs.claim(node, newYear + 1_000, 10, { alone }), [])
      equal(await storage.runs.claimOne(node, runId), null)
      deepEqual(await fixture().commit(node, fixture().turn(runId, 2)), [{ runId, reason: 'conflict' }])
    })

    it('one that got a message is found, once for each look, by whoever looks first', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const other = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const found = async (by: number) => (await storage.runs.claimParked(by, 100)).map((run) => run.runId)
      await found(node).then((before) =>
        Promise.all(before.map((run) => storage.runs.park(node, run, 'x', 99))),
      )
      await storage.runs.park(node, runId, 'poisoned')
      deepEqual(await found(other), [])
      await fixture().send({ namespace })
      deepEqual(await found(other), [runId])
      deepEqual(await found(node), [])
      deepEqual(await storage.runs.owned(other), [runId])
      // It came after the row was read.
      await fixture().send({ namespace })
      await storage.runs.park(other, runId, 'poisoned', 1)
      deepEqual(await found(node), [runId])
      await storage.runs.park(node, runId, 'poisoned', 2)
      deepEqual(await found(node), [])
      equal((await storage.runs.load(runId))?.parked, 'poisoned')
    })

    it('one that its node was looking at when it died is found by the next', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const heir = await fixture().newNode()
      const runId = await fixture().begin(node)
      await storage.runs.park(node, runId, 'poisoned')
      equal((await storage.runs.claimOne(node, runId, { parked: true }))?.runId, runId)
      await storage.nodes.takeOver(node, (await beatsOf(node)) ?? -1, newYear)
      deepEqual(await storage.runs.claim(heir, newYear + 1, 1_000, { alone: false }), [])
      ok((await storage.runs.claimParked(heir, 100)).some((run) => run.runId === runId))
      deepEqual(
        await fixture().commit(heir, fixture().turn(runId, 2, { change: fixture().closing('terminated') })),
        [],
      )
      deepEqual(await storage.runs.claimParked(heir, 100), [])
    })

    it('can be taken by name, to be terminated', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      await storage.runs.park(node, runId, 'poisoned')
      const claimed = await storage.runs.claimOne(node, runId, { parked: true })
      equal(claimed?.parked, 'poisoned')
      deepEqual(
        await fixture().commit(node, fixture().turn(runId, 2, { change: fixture().closing('terminated') })),
        [],
      )
      equal((await storage.visibility.find(namespace, 'w'))?.status, 'terminated')
    })

    it('only its owner can park a run, and only an open one', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const other = await fixture().newNode()
      const runId = await fixture().begin(node)
      await storage.runs.park(other, runId, 'not mine')
      equal((await storage.runs.load(runId))?.parked, null)
      const closed = await fixture().beginClosed(node, 'completed')
      await storage.runs.park(node, closed, 'too late')
      equal((await storage.runs.load(closed))?.parked, null)
    })
  })
}
