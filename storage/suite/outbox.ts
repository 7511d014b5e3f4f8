/** Events on their way to their sinks: written with the turn, sent by one node at a time, kept when they cannot be. */
import { deepEqual, equal } from 'node:assert/strict'
import type { Delivery } from '../contract.ts'
import { newYear, type StorageFixture } from './fixture.ts'
import type { TestRunner } from './runner.ts'
import { commitSends, delivery } from './sending.ts'

export function outboxSuite({ describe, it }: TestRunner, fixture: () => StorageFixture): void {
  /** A namespace of its own is the name of the test's sink too. */
  const published = async (...events: readonly Partial<Parameters<typeof delivery>[1]>[]) => {
    const node = await fixture().newNode()
    const namespace = fixture().newNamespace()
    const runId = await fixture().begin(node, { namespace })
    await commitSends(fixture(), node, runId, { outbox: events.map((more) => delivery(namespace, more)) })
    return namespace
  }
  const eventsOf = (deliveries: readonly Delivery[]) => deliveries.map(({ event }) => event)

  describe('the outbox', () => {
    it('gives what is due, first due first, to whoever serves its sink', async () => {
      const { outbox } = fixture().storage
      const sink = await published(
        { event: '"b"', dueAt: newYear + 2 },
        { event: '"a"', dueAt: newYear + 1 },
        { event: '"c"', dueAt: newYear + 3 },
        { event: '"later"', dueAt: newYear + 1_000 },
      )
      equal(await outbox.nextDueAt([sink]), newYear + 1)
      equal(await outbox.nextDueAt(['another sink']), null)
      equal(await outbox.nextDueAt([]), null)
      deepEqual(await outbox.claim(['another sink'], newYear + 10, newYear + 20, 10), [])
      deepEqual(await outbox.claim([], newYear + 10, newYear + 20, 10), [])
      deepEqual(await outbox.claim([sink], newYear, newYear + 20, 10), [])
      const first = await outbox.claim(['another sink', sink], newYear + 10, newYear + 20, 2)
      deepEqual(eventsOf(first), ['"a"', '"b"'])
      const { deliveryId: _deliveryId, ...rest } = first[0] ?? { deliveryId: '' }
      deepEqual(rest, {
        namespace: sink,
        sink,
        event: '"a"',
        attempts: 0,
        state: 'pending',
        dueAt: newYear + 20,
        lastError: null,
      })
      deepEqual(eventsOf(await outbox.claim([sink], newYear + 10, newYear + 20, 10)), ['"c"'])
      equal(await outbox.nextDueAt([sink]), newYear + 20)
    })

    it('gives nothing twice before its lease is over, and nothing that was delivered', async () => {
      const { outbox } = fixture().storage
      const sink = await published({ event: '1' }, { event: '2' })
      const first = await outbox.claim([sink], newYear, newYear + 50, 10)
      equal(first.length, 2)
      deepEqual(await outbox.claim([sink], newYear + 49, newYear + 99, 10), [])
      await outbox.delivered([first[0]?.deliveryId ?? '', 'no id at all'])
      deepEqual(
        await outbox.claim([sink], newYear + 50, newYear + 99, 10),
        first.slice(1).map((row) => ({ ...row, dueAt: newYear + 99 })),
      )
      await outbox.delivered([])
    })

    it('claimed by several nodes at once gives each delivery to one', async () => {
      const { outbox } = fixture().storage
      const sink = await published(...Array.from({ length: 40 }, (_, number) => ({ event: `${number}` })))
      const claims = await Promise.all(
        Array.from({ length: 8 }, () => outbox.claim([sink], newYear, newYear + 60_000, 7)),
      )
      // A claim may find rows locked by another one and go with fewer; later ones leave nothing.
      const all = claims.flat()
      for (;;) {
        const more = await outbox.claim([sink], newYear, newYear + 60_000, 7)
        if (more.length === 0) break
        all.push(...more)
      }
      equal(all.length, 40)
      equal(new Set(all.map(({ deliveryId }) => deliveryId)).size, 40)
    })

    it('counts failures, keeps what is dead, and revives it', async () => {
      const { outbox } = fixture().storage
      const sink = await published({})
      const [row] = await outbox.claim([sink], newYear, newYear + 10, 1)
      const deliveryId = row?.deliveryId ?? ''
      await outbox.failed(deliveryId, 'HTTP 503', newYear + 100)
      equal(await outbox.nextDueAt([sink]), newYear + 100)
      deepEqual(await outbox.claim([sink], newYear + 99, newYear + 200, 1), [])
      const [again] = await outbox.claim([sink], newYear + 100, newYear + 200, 1)
      deepEqual([again?.deliveryId, again?.attempts, again?.lastError], [deliveryId, 1, 'HTTP 503'])
      await outbox.failed(deliveryId, 'HTTP 410', null)
      equal(await outbox.nextDueAt([sink]), null)
      deepEqual(await outbox.claim([sink], newYear + 10 ** 9, newYear + 10 ** 9, 1), [])
      const dead = await outbox.list({ namespace: sink, state: 'dead' }, 10, null)
      deepEqual(
        dead.map(({ state, attempts, lastError }) => [state, attempts, lastError]),
        [['dead', 2, 'HTTP 410']],
      )
      equal(await outbox.revive(fixture().newNamespace(), deliveryId, newYear), false)
      equal(await outbox.revive(sink, 'no id at all', newYear), false)
      equal(await outbox.revive(sink, deliveryId, newYear + 300), true)
      const [revived] = await outbox.claim([sink], newYear + 300, newYear + 400, 1)
      deepEqual([revived?.attempts, revived?.state], [0, 'pending'])
      await outbox.delivered([deliveryId])
      await outbox.failed(deliveryId, 'late', newYear)
      equal(await outbox.revive(sink, deliveryId, newYear), false)
      deepEqual(await outbox.list({ namespace: sink }, 10, null), [])
    })

    it('lists by namespace, state and sink, newest first, in pages', async () => {
      const { outbox } = fixture().storage
      const namespace = await published(
        ...Array.from({ length: 7 }, (_, number) => ({ event: `${number}` })),
        { event: '7', sink: 'elsewhere' },
      )
      const listed = async (more: object, limit = 100, after: string | null = null) =>
        await outbox.list({ namespace, ...more }, limit, after)
      deepEqual(eventsOf(await listed({})), ['7', '6', '5', '4', '3', '2', '1', '0'])
      deepEqual(eventsOf(await listed({ sink: 'elsewhere' })), ['7'])
      for (const { deliveryId } of (await listed({})).slice(0, 3)) await outbox.failed(deliveryId, 'x', null)
      deepEqual(eventsOf(await listed({ state: 'dead' })), ['7', '6', '5'])
      deepEqual(eventsOf(await listed({ state: 'dead', sink: namespace })), ['6', '5'])
      deepEqual(eventsOf(await listed({ state: 'pending' })), ['4', '3', '2', '1', '0'])
      const pages: string[] = []
      for (let after: string | null = null; ; ) {
        const page = await listed({}, 3, after)
        if (page.length === 0) break
        pages.push(...eventsOf(page))
        after = page.at(-1)?.deliveryId ?? null
      }
      deepEqual(pages, ['7', '6', '5', '4', '3', '2', '1', '0'])
      deepEqual(await listed({}, 3, 'no id at all'), [])
      deepEqual(await outbox.list({ namespace: fixture().newNamespace() }, 10, null), [])
      await outbox.delivered((await listed({ sink: 'elsewhere' })).map(({ deliveryId }) => deliveryId))
    })

    it('takes an event once per key, and hints at it', async () => {
      const { outbox } = fixture().storage
      const heard = new Promise<void>((resolve) => {
        const stop = fixture().storage.onHint((hint) => {
          if (hint.kind !== 'outbox') return
          stop()
          resolve()
        })
      })
      const key = fixture().newNamespace()
      const namespace = await published({ key, event: '1' }, { key, event: '2' })
      await heard
      deepEqual(eventsOf(await outbox.list({ namespace }, 10, null)), ['1'])
    })

    it('gives up what no live node serves, and brings it back when one does', async () => {
      const { outbox, nodes } = fixture().storage
      const sink = await published({ event: '1' }, { event: '2' }, { event: '3', dueAt: newYear + 100 })
      const other = await published({ event: '"served"' })
      const giveUp = async (limit = 10) =>
        (await outbox.giveUpUnserved(newYear + 50, newYear + 60, 'nobody', limit)).filter((one) =>
          [sink, other].includes(one.sink),
        )
      deepEqual(await giveUp(), [], 'a node that does not say what it serves may serve it')
      for (const { node } of await nodes.observe()) await nodes.leave(node, newYear)
      const old = await nodes.join('old', [sink])
      const rest = await nodes.join('rest', [other, 'another'])
      deepEqual(await giveUp(), [])
      await nodes.leave(old, newYear)
      deepEqual(await giveUp(1), [{ sink, deliveries: 1 }])
      deepEqual(await giveUp(), [{ sink, deliveries: 1 }])
      deepEqual(await giveUp(), [])
      const dead = await outbox.list({ namespace: sink, state: 'dead' }, 10, null)
      deepEqual(
        dead.map(({ event, lastError, dueAt, attempts }) => [event, lastError, dueAt, attempts]),
        [
          ['2', 'nobody', newYear + 60, 0],
          ['1', 'nobody', newYear + 60, 0],
        ],
      )
      deepEqual(eventsOf(await outbox.claim([other], newYear, newYear + 99, 10)), ['"served"'])
      equal(await outbox.serve([], newYear, 10), 0)
      equal(await outbox.serve([other], newYear, 10), 0)
      // What an operator tries again is pending, and given up again.
      equal(await outbox.revive(sink, dead[0]?.deliveryId ?? '', newYear + 1), true)
      deepEqual(await giveUp(), [{ sink, deliveries: 1 }])
      equal(await outbox.serve([other, sink], newYear + 70, 1), 1)
      equal(await outbox.serve([other, sink], newYear + 70, 10), 1)
      equal(await outbox.serve([other, sink], newYear + 70, 10), 0)
      const back = await outbox.claim([sink], newYear + 70, newYear + 99, 10)
      deepEqual(eventsOf(back).sort(), ['1', '2'])
      // What died by itself stays dead.
      await outbox.failed(back[0]?.deliveryId ?? '', 'HTTP 410', null)
      equal(await outbox.serve([sink], newYear + 70, 10), 0)
      await nodes.leave(rest, newYear)
    })

    it('forgets what died before the age at which runs expire, and nothing else', async () => {
      const { outbox } = fixture().storage
      const sink = await published(
        { event: '"dead and old"', dueAt: 1_000 },
        { event: '"old"', dueAt: 1_000 },
        { event: '"dead"', dueAt: newYear },
      )
      for (const { deliveryId, event } of await outbox.list({ namespace: sink }, 10, null))
        if (event.startsWith('"dead')) await outbox.failed(deliveryId, 'x', null)
      await fixture().storage.expire(1_001, 10)
      deepEqual(eventsOf(await outbox.list({ namespace: sink }, 10, null)), ['"dead"', '"old"'])
    })
  })
}
