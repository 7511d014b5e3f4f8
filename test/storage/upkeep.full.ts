import { deepEqual, equal, ok } from 'node:assert/strict'
import { startCluster } from '../../storage/pglite/cluster.ts'
import { PgliteSession } from '../../storage/pglite/session.ts'
import { Upkeep } from '../../storage/pglite/upkeep.ts'

describe('the upkeep of PGlite', function () {
  this.timeout(60_000)
  let session: PgliteSession
  const scripts: string[] = []
  const newUpkeep = () => {
    scripts.length = 0
    return new Upkeep((text) => {
      scripts.push(text)
      return session.script(text)
    }, 0)
  }
  const ran = (word: string) => scripts.filter((text) => text.startsWith(word))
  before(async () => {
    session = new PgliteSession(await startCluster(null))
    await session.script('create table worn (number integer); create table fresh (number integer)')
  })
  after(() => session.close())

  it('vacuums and analyzes the tables that are worn, one a step, and no others', async () => {
    const upkeep = newUpkeep()
    await session.script('insert into worn select generate_series(1, 5000)')
    await session.script('update worn set number = number + 1')
    await session.script('insert into fresh values (1)')
    for (let step = 0; step < 4; step++) await upkeep.step(1)
    deepEqual(ran('vacuum'), ['vacuum (analyze, truncate false) public.worn'])
    const [pages] = await session.script("select reltuples from pg_class where relname = 'worn'")
    equal(pages?.[0], '5000')
  })

  it('takes a checkpoint after much WAL, or after a while, and none where nothing was written', async () => {
    const upkeep = newUpkeep()
    await upkeep.step(1)
    await upkeep.step(9 * 60_000)
    deepEqual(ran('checkpoint'), [])
    await session.script('insert into fresh values (2)')
    await upkeep.step(10 * 60_000)
    deepEqual(ran('checkpoint'), ['checkpoint'])
    for (let size = 0; size < 150; size += 15)
      await session.script(
        `create table big_${size} as select repeat('x', 900) || n as text from generate_series(1, 16000) n`,
      )
    await upkeep.step(10 * 60_000 + 1)
    equal(ran('checkpoint').length, 2)
    await upkeep.step(10 * 60_000 + 2)
    equal(ran('checkpoint').length, 2)
    ok(ran('select pg_wal_lsn_diff').length >= 4)
  })
})
