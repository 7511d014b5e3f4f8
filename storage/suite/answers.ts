/** Messages that are to be answered: once per chain, exactly once, and known until the chain expires. */
import { deepEqual, equal } from 'node:assert/strict'
import { newRunId, newYear, type StorageFixture } from './fixture.ts'
import type { TestRunner } from './runner.ts'
import { commitSends, newRun, sends } from './sending.ts'

const completed = '{"kind":"completed","result":{"a":1}}'
const refused = '{"kind":"refused","error":{"type":"UpdateRejected"}}'

export function answersSuite({ describe, it }: TestRunner, fixture: () => StorageFixture): void {
  const ask = (namespace: string, messageId: string, more: object = {}) =>
    fixture().send({ namespace, messageId, ...more })
  const stateOf = async (firstRunId: string, messageId: string) =>
    (await fixture().storage.messages.answers([{ firstRunId, messageId }]))[0]

  describe('answers', () => {
    it('are pending until the turn that gives them, then stand', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      equal(await stateOf(runId, 'm'), null)
      const accepted = { outcome: 'accepted', runId, firstRunId: runId, owner: node }
      deepEqual(await ask(namespace, 'm'), accepted)
      deepEqual(await stateOf(runId, 'm'), { state: 'pending' })
      deepEqual(await ask(namespace, 'm'), { ...accepted, outcome: 'duplicate' })
      await commitSends(fixture(), node, runId, { answers: [{ messageId: 'm', answer: completed }] })
      deepEqual(await stateOf(runId, 'm'), { state: 'answered', answer: completed })
      deepEqual(await ask(namespace, 'm'), { ...accepted, outcome: 'duplicate' })
      const other = '{"kind":"completed","result":2}'
      await commitSends(fixture(), node, runId, { answers: [{ messageId: 'm', answer: other }] }, 3)
      deepEqual(await stateOf(runId, 'm'), { state: 'answered', answer: completed })
      equal((await storage.runs.load(runId))?.lastMessage, 1)
      deepEqual(
        await storage.messages.answers([
          { firstRunId: newRunId(), messageId: 'm' },
          { firstRunId: runId, messageId: 'm' },
          { firstRunId: 'no id at all', messageId: 'm' },
          { firstRunId: runId, messageId: 'other' },
        ]),
        [null, { state: 'answered', answer: completed }, null, null],
      )
      deepEqual(await storage.messages.answers([]), [])
    })

    it('that refuse are forgotten when the message comes again', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      await ask(namespace, 'm')
      // No event, no trace: an empty turn.
      const answering = (answer: string, seq: number) =>
        fixture().emptyTurn(runId, 2, {
          takenMessages: [seq],
          seenMessage: seq,
          sends: sends({ answers: [{ messageId: 'm', answer }] }),
        })
      deepEqual(await fixture().commit(node, answering(refused, 1)), [])
      deepEqual(await stateOf(runId, 'm'), { state: 'answered', answer: refused })
      equal((await ask(namespace, 'm')).outcome, 'accepted')
      deepEqual(await stateOf(runId, 'm'), { state: 'pending' })
      equal((await ask(namespace, 'm')).outcome, 'duplicate')
      deepEqual(await fixture().commit(node, answering(completed, 2)), [])
      deepEqual(await stateOf(runId, 'm'), { state: 'answered', answer: completed })
      equal((await fixture().storage.runs.load(runId))?.lastMessage, 2)
    })

    it('that nobody asked for are kept too, once per turn', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(
        node,
        { namespace },
        {
          sends: sends({
            answers: [
              { messageId: 'm', answer: completed },
              { messageId: 'm', answer: refused },
            ],
          }),
        },
      )
      deepEqual(await stateOf(runId, 'm'), { state: 'answered', answer: completed })
    })

    it('that a close does not give are lost, the others are not', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const other = await fixture().begin(node, { namespace, workflowId: 'other' })
      for (const messageId of ['before', 'with', 'never', 'refused']) await ask(namespace, messageId)
      await ask(namespace, 'never', { workflowId: 'other' })
      const given = (messageId: string, answer = completed) => ({ answers: [{ messageId, answer }] })
      await commitSends(fixture(), node, runId, given('before'))
      await commitSends(fixture(), node, runId, given('refused', refused), 3)
      const closing = fixture().turn(runId, 4, {
        change: fixture().closing('terminated'),
        seenMessage: 4,
        sends: sends(given('with')),
      })
      deepEqual(await fixture().commit(node, closing), [])
      const answered = { state: 'answered', answer: completed }
      deepEqual(await stateOf(runId, 'before'), answered)
      deepEqual(await stateOf(runId, 'with'), answered)
      deepEqual(await stateOf(runId, 'never'), { state: 'lost' })
      deepEqual(await stateOf(other, 'never'), { state: 'pending' })
      for (const messageId of ['before', 'with', 'never'])
        equal((await ask(namespace, messageId)).outcome, 'duplicate')
      for (const messageId of ['refused', 'new']) equal((await ask(namespace, messageId)).outcome, 'closed')
      equal(await stateOf(runId, 'new'), null)
    })

    it('of a parked run count as lost while it is parked', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      await ask(namespace, 'm')
      await fixture().storage.runs.park(node, runId, 'it cannot be loaded')
      deepEqual(await stateOf(runId, 'm'), { state: 'lost' })
    })

    it('belong to the chain, whichever of its runs gave them', async () => {
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const first = await fixture().begin(node, { namespace })
      await ask(namespace, 'one')
      const next = newRunId(newYear + 1)
      const run = newRun(namespace, { workflowId: 'w', firstRunId: first, startedAt: newYear + 1 })
      const turn = fixture().turn(first, 2, {
        change: {
          kind: 'close',
          status: 'continuedAsNew',
          closedAt: newYear,
          outcome: `{"runId":"${next}"}`,
        },
        seenMessage: 1,
        sends: sends({
          answers: [{ messageId: 'one', answer: completed }],
          successor: { runId: next, run, inbox: [] },
        }),
      })
      deepEqual(await fixture().commit(node, turn), [])
      deepEqual(await ask(namespace, 'one'), {
        outcome: 'duplicate',
        runId: next,
        firstRunId: first,
        owner: null,
      })
      deepEqual(await ask(namespace, 'two'), {
        outcome: 'accepted',
        runId: next,
        firstRunId: first,
        owner: null,
      })
      await fixture().storage.runs.claimOne(node, next)
      await commitSends(fixture(), node, next, { answers: [{ messageId: 'two', answer: completed }] }, 1)
      for (const messageId of ['one', 'two'])
        deepEqual(await stateOf(first, messageId), { state: 'answered', answer: completed })
      equal(await stateOf(next, 'two'), null)
    })

    it('asked for by many at once are asked for once', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace })
      const message = { namespace, workflowId: 'w', payload: '1', dedupe: null, messageId: 'm' }
      const calls = Array.from({ length: 6 }, () => storage.messages.send([message, message], newYear))
      const outcomes = (await Promise.all(calls)).flat().map((result) => result.outcome)
      equal(outcomes.filter((outcome) => outcome === 'accepted').length, 1)
      equal((await storage.runs.load(runId))?.inbox.length, 1)
    })

    it('stay as long as their chain, though the run that gave them has expired', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const first = await fixture().begin(node, { namespace, startedAt: 100 })
      for (const messageId of ['given', 'refused', 'lost']) await ask(namespace, messageId)
      const next = newRunId(201)
      const run = newRun(namespace, { workflowId: 'w', firstRunId: first, startedAt: 200 })
      const answers = [
        { messageId: 'given', answer: completed },
        { messageId: 'refused', answer: refused },
      ]
      const goOn = fixture().turn(first, 2, {
        change: { kind: 'close', status: 'continuedAsNew', closedAt: 200, outcome: `{"runId":"${next}"}` },
        seenMessage: 3,
        sends: sends({ answers, successor: { runId: next, run, inbox: [] } }),
      })
      deepEqual(await fixture().commit(node, goOn), [])
      equal(await storage.expire(201, 10), 1)
      deepEqual(await stateOf(first, 'given'), { state: 'answered', answer: completed })
      equal((await ask(namespace, 'given')).outcome, 'duplicate')
      for (const messageId of ['refused', 'lost']) equal(await stateOf(first, messageId), null)
      await storage.runs.claimOne(node, next)
      const end = fixture().turn(next, 1, { change: fixture().closing('completed', 300) })
      deepEqual(await fixture().commit(node, end), [])
      equal(await storage.expire(301, 10), 1)
      equal(await stateOf(first, 'given'), null)
    })

    it('go when their run expires', async () => {
      const { storage } = fixture()
      const node = await fixture().newNode()
      const namespace = fixture().newNamespace()
      const runId = await fixture().begin(node, { namespace, startedAt: 100 })
      await ask(namespace, 'm')
      await ask(namespace, 'n')
      const turn = fixture().turn(runId, 2, {
        change: fixture().closing('completed', 200),
        seenMessage: 2,
        sends: sends({ answers: [{ messageId: 'm', answer: completed }] }),
      })
      deepEqual(await fixture().commit(node, turn), [])
      equal(await storage.expire(201, 10), 1)
      equal(await stateOf(runId, 'm'), null)
      equal(await stateOf(runId, 'n'), null)
    })
  })
}
