import { describeCrashes } from './crash-verbs.ts'

describe('a crash around every turn, in memory', function () {
  this.timeout(60_000)
  describeCrashes(async () => 'memory')
})
