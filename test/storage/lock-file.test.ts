import { deepEqual, equal, throws } from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StorageSetupError } from '../../storage/contract.ts'
import { LockFile } from '../../storage/pglite/lock-file.ts'

describe('the lock file of a data directory', () => {
  let directory = ''
  let path = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'perdure-lock-'))
    path = join(directory, 'pglite.lock')
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  /** What a lock of this process holds, to be changed into that of another one. */
  const ownContent = () => {
    const lock = LockFile.take(path)
    const content = JSON.parse(readFileSync(path, 'utf8'))
    lock.release()
    return content
  }
  const takeAndRelease = () => {
    LockFile.take(path).release()
    deepEqual(readdirSync(directory), [])
  }

  it('is refused while it is held, with the process and the path, and is gone when released', () => {
    const lock = LockFile.take(path)
    throws(
      () => LockFile.take(path),
      (error: unknown) =>
        error instanceof StorageSetupError &&
        error.message.includes(`process ${process.pid} (this process`) &&
        error.message.includes(path),
    )
    deepEqual(readdirSync(directory), ['pglite.lock'])
    lock.release()
    takeAndRelease()
  })

  it('of another live process is refused, and taken over when that one is dead', async () => {
    const content = ownContent()
    const other = spawn('sleep', ['600'])
    const startTime = readFileSync(`/proc/${other.pid}/stat`, 'utf8').split(' ')[21]
    writeFileSync(path, JSON.stringify({ ...content, pid: other.pid, startTime }))
    throws(() => LockFile.take(path), new RegExp(`process ${other.pid} \\(another one`))
    const ended = once(other, 'exit')
    other.kill('SIGKILL')
    await ended
    takeAndRelease()
  })

  it('of a process whose id another one has since is taken over', () => {
    const content = ownContent()
    writeFileSync(path, JSON.stringify({ ...content, startTime: '1' }))
    takeAndRelease()
    writeFileSync(path, JSON.stringify({ ...content, pid: spawnSync('true').pid }))
    takeAndRelease()
  })

  it('that cannot be read as one is taken over', () => {
    for (const text of ['', 'not JSON', '{}', '[1]', 'null']) {
      writeFileSync(path, text)
      takeAndRelease()
    }
  })

  it('of another machine is refused while it is touched, and taken over when it is old', () => {
    writeFileSync(path, JSON.stringify({ ...ownContent(), machine: 'elsewhere' }))
    throws(() => LockFile.take(path), StorageSetupError)
    utimesSync(path, new Date(0), new Date(0))
    takeAndRelease()
  })

  it('is not removed by a holder that lost it', () => {
    const lock = LockFile.take(path)
    writeFileSync(path, 'of somebody else')
    lock.release()
    equal(readFileSync(path, 'utf8'), 'of somebody else')
  })
})
