import assert from 'node:assert/strict'
import { StorageDataError } from '../../storage/contract.ts'
import { openStorage } from '../../storage/open.ts'
import { describeStorage } from '../../storage/suite.ts'

describeStorage('pglite', async () => {
  const storage = openStorage({ kind: 'pglite', dataDir: null })
  await storage.open()
  return storage
})

describe('the PGlite driver', () => {
  it('a statement whose first parameters are refused works with the next', async () => {
    const storage = openStorage({ kind: 'pglite', dataDir: null })
    await storage.open()
    try {
      const send = (payload: string) =>
        storage.messages.send([{ namespace: 'n', workflowId: 'w', payload, dedupe: null }], 0)
      await assert.rejects(storage.visibility.find('n\u0000', 'w'), StorageDataError)
      await assert.rejects(send('{ no JSON'), StorageDataError)
      assert.equal(await storage.visibility.find('n', 'w'), null)
      assert.deepEqual(await send('{}'), [{ outcome: 'notFound' }])
      await assert.rejects(storage.visibility.find('n\u0000', 'w'), StorageDataError)
      assert.equal(await storage.visibility.find('n', 'w'), null)
    } finally {
      await storage.close()
    }
  })
})
