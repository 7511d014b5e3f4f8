import assert from 'node:assert/strict'
import { Posting } from '../../../engine/calls/posting.ts'
import {
  type MessageStore,
  type OutgoingMessage,
  StorageDataError,
  StorageUnavailableError,
} from '../../../storage/contract.ts'

const letter = (workflowId: string, payload = '{}'): OutgoingMessage => ({
  namespace: 'default',
  workflowId,
  payload,
  dedupe: null,
})

/** Answers with the workflow id as the run id, in calls that the test ends. */
function storeOf(
  answer: (messages: readonly OutgoingMessage[]) => Promise<void> = async () => {},
): Pick<MessageStore, 'send'> & { readonly batches: string[][] } {
  const batches: string[][] = []
  return {
    batches,
    async send(messages) {
      batches.push(messages.map(({ workflowId }) => workflowId))
      await answer(messages)
      return messages.map(({ workflowId }) => ({
        outcome: 'accepted',
        runId: workflowId,
        firstRunId: workflowId,
        owner: null,
      }))
    },
  }
}

const names = (count: number) => Array.from({ length: count }, (_, n) => `w-${n}`)

describe('group send', () => {
  it('sends what is there at one moment together, each with its own answer, at most two calls at once', async () => {
    let open = 0
    let most = 0
    const store = storeOf(async () => {
      open += 1
      most = Math.max(most, open)
      await new Promise((resolve) => setImmediate(resolve))
      open -= 1
    })
    const posting = new Posting(store, () => 0)
    const sent = await Promise.all(names(1000).map((name) => posting.send(letter(name))))
    assert.deepEqual(
      sent.map((result) => 'runId' in result && result.runId),
      names(1000),
    )
    assert.deepEqual(store.batches.flat(), names(1000))
    assert.ok(store.batches.length <= 10, `${store.batches.length} calls`)
    assert.equal(most, 2)
  })

  it('holds a batch to its bytes', async () => {
    const store = storeOf()
    const posting = new Posting(store, () => 0)
    const large = 'x'.repeat(3 * 1024 * 1024)
    await Promise.all(['a', 'b'].map((name) => posting.send(letter(name, large))))
    assert.deepEqual(store.batches, [['a'], ['b']])
  })

  it('finds the one that cannot be stored, and sends the others', async () => {
    const store = storeOf(async (messages) => {
      if (messages.some(({ workflowId }) => workflowId === 'w-7')) throw new StorageDataError('bad')
    })
    const posting = new Posting(store, () => 0)
    const sent = await Promise.allSettled(names(20).map((name) => posting.send(letter(name))))
    sent.forEach((result, n) => {
      assert.equal(result.status, n === 7 ? 'rejected' : 'fulfilled', `${n}`)
    })
  })

  it('sends nothing twice where the store did not answer', async () => {
    const store = storeOf(async () => {
      throw new StorageUnavailableError('gone')
    })
    const posting = new Posting(store, () => 0)
    const sent = await Promise.allSettled(names(5).map((name) => posting.send(letter(name))))
    assert.ok(sent.every(({ status }) => status === 'rejected'))
    assert.equal(store.batches.length, 1)
  })
})
