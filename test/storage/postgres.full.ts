import { openStorage } from '../../storage/open.ts'
import { describeStorage } from '../../storage/suite.ts'
import { startTestPostgres } from '../postgres.ts'

describeStorage('postgres', async () => {
  const { url } = await startTestPostgres()
  const schema = `suite_${process.pid}_${Date.now()}`
  const storage = openStorage({ kind: 'postgres', connectionString: url, schema })
  await storage.open()
  return storage
})
