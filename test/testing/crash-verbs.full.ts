import { startTestPostgres } from '../postgres.ts'
import { describeCrashes, describeRecordedCrashes } from './crash-verbs.ts'

describe('a crash around every turn, in memory', function () {
  this.timeout(120_000)
  describeRecordedCrashes(async () => 'memory')
})

describe('a crash around every turn, on PGlite', function () {
  this.timeout(120_000)
  describeCrashes(async () => 'pglite')
  describeRecordedCrashes(async () => 'pglite')
})

describe('a crash around every turn, on PostgreSQL', function () {
  this.timeout(120_000)
  const url = async () => (await startTestPostgres()).url
  describeCrashes(url)
  describeRecordedCrashes(url)
})
