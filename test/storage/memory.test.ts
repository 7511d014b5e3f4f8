import { equal, rejects } from 'node:assert/strict'
import { StorageUnavailableError } from '../../storage/contract.ts'
import { createMemoryData } from '../../storage/memory/data.ts'
import { openMemoryStorage } from '../../storage/memory/storage.ts'
import { openStorage } from '../../storage/open.ts'
import { StorageFixture } from '../../storage/suite/fixture.ts'
import { describeStorage } from '../../storage/suite.ts'

describeStorage('memory', async () => {
  const storage = openStorage({ kind: 'memory' })
  await storage.open()
  return storage
})

describe('the in-memory driver', () => {
  it('keeps its data for the next store over it, and refuses calls on a closed one', async () => {
    const data = createMemoryData()
    const first = openMemoryStorage(data)
    await first.open()
    const fixture = new StorageFixture(first)
    const runId = await fixture.begin(await fixture.newNode())
    await first.close()
    await rejects(async () => first.runs.load(runId), StorageUnavailableError)
    await rejects(async () => first.commit(1, []), StorageUnavailableError)
    await rejects(async () => first.ping(), StorageUnavailableError)
    const second = openMemoryStorage(data)
    await second.open()
    await second.ping()
    equal((await second.runs.load(runId))?.runId, runId)
    await second.close()
  })

  it('a closed store hears no hints of the next one', async () => {
    const data = createMemoryData()
    const first = openMemoryStorage(data)
    await first.open()
    let heard = 0
    first.onHint(() => heard++)
    await first.close()
    const second = openMemoryStorage(data)
    await second.open()
    const told = new Promise<void>((resolve) => second.onHint(() => resolve()))
    const fixture = new StorageFixture(second)
    await fixture.begin(await fixture.newNode(), { owned: false })
    await told
    equal(heard, 0)
  })
})
