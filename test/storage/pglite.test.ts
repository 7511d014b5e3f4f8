import { openStorage } from '../../storage/open.ts'
import { describeStorage } from '../../storage/suite.ts'

describeStorage('pglite', async () => {
  const storage = openStorage({ kind: 'pglite', dataDir: null })
  await storage.open()
  return storage
})
