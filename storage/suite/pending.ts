/** A run takes as many messages as its senders allow it to have before it; what was accepted is never lost. */
import { deepEqual } from 'node:assert/strict'
import { newYear, type StorageFixture } from './fixture.ts'
import type { TestRunner } from './runner.ts'
import { commitSends, inboxOf, message } from './sending.ts'

export function pendingSuite({ describe, it }: TestRunner, fixture: () => StorageFixture): void {
  describe('a run that is full', () => {
    const send = async (namespace: string, count: number, more: object = {}) => {
      const one = { namespace, workflowId: 'w', payload: '"hello"', dedupe: null, ...more }
      const sent = await fixture().storage.messages.send(Array(count).fill(one), newYear)
      return sent.map(({ outcome }) => outcome)
    }

    it('refuses what is one too many, of one call and of several', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      deepEqual(await send(namespace, 2, { mostPending: 3 }), ['accepted', 'accepted'])
      deepEqual(await send(namespace, 3, { mostPending: 3 }), ['accepted', 'full', 'full'])
      deepEqual(await send(namespace, 1, { mostPending: 3 }), ['full'])
      deepEqual((await inboxOf(fixture(), runId)).length, 3)
    })

    it('takes what names no limit, and tells a duplicate so', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const known = { mostPending: 1, messageId: 'known' }
      deepEqual(await send(namespace, 1, known), ['accepted'])
      deepEqual(await send(namespace, 1, known), ['duplicate'])
      deepEqual(await send(namespace, 1, { mostPending: 1, messageId: 'new' }), ['full'])
      deepEqual(await send(namespace, 1), ['accepted'])
      // One that was refused has left nothing behind.
      deepEqual(await fixture().storage.messages.answers([{ firstRunId: runId, messageId: 'new' }]), [null])
    })

    it('counts what its turns have taken and not dealt with', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const turn = (event: number, seq: number, pendingMessages?: number) =>
        fixture().turn(runId, event, {
          seenMessage: seq,
          takenMessages: [seq],
          ...(pendingMessages !== undefined && { pendingMessages }),
        })
      deepEqual(await send(namespace, 2, { mostPending: 2 }), ['accepted', 'accepted'])
      await fixture().commit(node, turn(2, 1, 1))
      deepEqual(await send(namespace, 1, { mostPending: 2 }), ['full'])
      await fixture().commit(node, turn(3, 2))
      deepEqual(await send(namespace, 2, { mostPending: 2 }), ['accepted', 'full'])
      await fixture().commit(node, turn(4, 3, 0))
      deepEqual(await send(namespace, 3, { mostPending: 2 }), ['accepted', 'accepted', 'full'])
    })

    it('counts nothing of a turn that was rejected', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const [rejection] = await fixture().commit(node, fixture().turn(runId, 1, { pendingMessages: 9 }))
      deepEqual(rejection, { runId, reason: 'conflict' })
      deepEqual(await send(namespace, 1, { mostPending: 1 }), ['accepted'])
    })

    it('tells a run that sends to it', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace, workflowId: 'sender' })
      const target = await fixture().begin(node, { namespace, workflowId: 'target' })
      const bounded = message(namespace, { whenFull: { mostPending: 2, notice: '"full"' } })
      await commitSends(fixture(), node, runId, { messages: [bounded, bounded, bounded, message(namespace)] })
      deepEqual(await inboxOf(fixture(), target), Array(3).fill('"hello"'))
      deepEqual(await inboxOf(fixture(), runId), ['"accepted"', '"accepted"', '"full"', '"accepted"'])
      await commitSends(fixture(), node, runId, { messages: [bounded] }, 3)
      deepEqual((await inboxOf(fixture(), runId)).at(-1), '"full"')
    })
  })
}
