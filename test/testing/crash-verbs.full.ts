import { startTestPostgres } from '../postgres.ts'
import { describeCrashes } from './crash-verbs.ts'

describe('a crash around every turn, on PGlite', function () {
  this.timeout(120_000)
  describeCrashes(async () => 'pglite')
})

describe('a crash around every turn, on PostgreSQL', function () {
  this.timeout(120_000)
  describeCrashes(async () => (await startTestPostgres()).url)
})
