/**
 * A process of its own for pglite-durability.full.ts: holds a data directory, commits until it is killed, or marks in
 * a trace of its system calls what it does. Each line on standard output is one thing that was acknowledged.
 */
import { existsSync } from 'node:fs'
import { openStorage } from '../../storage/open.ts'
import { PgliteDatabase } from '../../storage/pglite/database.ts'
import { StorageFixture } from '../../storage/suite/fixture.ts'

const [mode, directory = ''] = process.argv.slice(2)

/** Seen in the trace as a look at a file of this name. */
const mark = (name: string) => existsSync(`/perdure-mark-${name}`)
const say = (line: string) => process.stdout.write(`${line}\n`)

async function open(): Promise<StorageFixture> {
  const storage = openStorage({ kind: 'pglite', dataDir: directory })
  await storage.open()
  return new StorageFixture(storage)
}

async function commitUntilKilled(): Promise<void> {
  const fixture = await open()
  const node = await fixture.newNode()
  const runId = await fixture.begin(node)
  say(runId)
  for (let event = 2; ; event++) {
    await fixture.commit(node, fixture.turn(runId, event))
    say(String(event))
  }
}

async function trace(): Promise<void> {
  const database = await PgliteDatabase.start({ clusterDirectory: directory })
  const run = (text: string) => database.session((script) => script(text))
  await run('create table traced (number integer)')
  await run('checkpoint')
  mark('commits')
  for (let number = 0; number < 10; number++) await run(`insert into traced values (${number})`)
  mark('checkpoint')
  await run('checkpoint')
  mark('end')
  await database.close()
}

if (mode === 'hold') {
  await open()
  say('open')
  // Kept alive by standard input, until the parent closes it or kills this process.
  process.stdin.resume()
} else if (mode === 'commit') await commitUntilKilled()
else if (mode === 'trace') await trace()
else throw new Error(`pglite-child knows no mode ${mode}`)
