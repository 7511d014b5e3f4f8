import { openStorage } from '../../storage/open.ts'
import { startTestPostgres } from '../postgres.ts'
import { describeEngine } from './driver-suite.ts'

describeEngine('PostgreSQL', async () => {
  const { url } = await startTestPostgres()
  const schema = `engine_${process.pid}_${Date.now()}`
  return {
    reconnects: true,
    connect: () => openStorage({ kind: 'postgres', connectionString: url, schema }),
  }
})
