/** Values that a database cannot hold fail the whole batch, name themselves as such, and can be found by bisection. */
import { deepEqual, equal, rejects } from 'node:assert/strict'
import { StorageDataError, type Turn } from '../contract.ts'
import { newYear, type StorageFixture } from './fixture.ts'
import type { TestRunner } from './runner.ts'

export function badDataSuite({ describe, it }: TestRunner, fixture: () => StorageFixture): void {
  const badTexts = [
    ['an escaped U+0000', '["a\\u0000b"]'],
    ['a lone high surrogate', '["\\ud83d"]'],
    ['a lone low surrogate', '["\\ude00"]'],
    ['two halves in the wrong order', '["\\ude00\\ud83d"]'],
  ] as const
  const goodTexts = ['["\\\\u0000"]', '["\\ud83d\\ude00"]', '["\\u0001\\u001f"]', '["😀"]']

  describe('values that cannot be stored', () => {
    for (const [what, text] of badTexts) {
      it(`${what} is refused in events, outcomes, states, memos, messages and heartbeats`, async () => {
        const { storage } = fixture()
        const node = await fixture().newNode()
        const namespace = fixture().newNamespace()
        const runId = await fixture().begin(node, { namespace })
        const change = { kind: 'close', status: 'failed', closedAt: newYear, outcome: text } as const
        const snapshot = { eventId: 1, stateVersion: 1, planDigest: 'd', state: text }
        const turns: readonly Turn[] = [
          fixture().turn(runId, 2, { events: text }),
          fixture().turn(runId, 2, { change }),
          fixture().turn(runId, 2, { snapshot }),
          fixture().startTurn({ namespace, workflowId: 'other', memo: text }),
          fixture().startTurn({ namespace, workflowId: 'other', searchAttributes: text }),
        ]
        for (const turn of turns) await rejects(storage.commit(node, [turn]), StorageDataError)
        await rejects(fixture().send({ namespace, payload: text }), StorageDataError)
        const attempt = { runId, activityId: 1, attempt: 1, startedAt: newYear, details: text }
        await rejects(storage.attempts.save(node, [attempt]), StorageDataError)
        const loaded = await storage.runs.load(runId)
        deepEqual([loaded?.turns.length, loaded?.lastMessage, loaded?.attempts.length], [1, 0, 0])
        equal(await storage.visibility.count({ namespace }), 1)
      })
    }

    it('their neighbours are stored as they are', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const runId = await fixture().begin(node)
      for (const [index, events] of goodTexts.entries())
        deepEqual(await fixture().commit(node, fixture().turn(runId, index + 2, { events })), [])
      const turns = (await storage.runs.load(runId))?.turns.slice(1)
      deepEqual(
        turns?.map((turn) => turn.events),
        goodTexts,
      )
    })

    it('one in a batch fails all of it, and bisection finds it', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const turns = Array.from({ length: 32 }, (_, number) =>
        fixture().startTurn({}, number === 19 ? { events: '["\\u0000"]' } : {}),
      )
      const culprits: string[] = []
      const bisect = async (batch: readonly Turn[]): Promise<void> => {
        try {
          deepEqual(await storage.commit(node, batch), { outcome: 'committed', rejected: [] })
        } catch (error) {
          if (!(error instanceof StorageDataError)) throw error
          if (batch.length === 1) culprits.push(...batch.map((turn) => turn.runId))
          else {
            await bisect(batch.slice(0, batch.length / 2))
            await bisect(batch.slice(batch.length / 2))
          }
        }
      }
      await bisect(turns)
      deepEqual(culprits, [turns[19]?.runId])
      equal((await storage.runs.owned(node)).length, 31)
    })

    it('an id with U+0000 is refused', async () => {
      const node = await fixture().newNode()
      const turn = fixture().startTurn({ workflowId: 'a\u0000b' })
      await rejects(fixture().storage.commit(node, [turn]), StorageDataError)
    })
  })
}
