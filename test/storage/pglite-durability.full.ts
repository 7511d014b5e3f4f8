import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { StorageSetupError, StorageUnavailableError } from '../../storage/contract.ts'
import { openStorage } from '../../storage/open.ts'
import { StorageFixture } from '../../storage/suite/fixture.ts'

const child = fileURLToPath(new URL('./pglite-child.ts', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
const childCommand = [process.execPath, '--import', 'tsx', child] as const

describe('the PGlite driver on disk', function () {
  // Starting a cluster or a process takes a second, making a cluster several, more on a machine with other work.
  this.timeout(120_000)
  const directories: string[] = []
  const children: ChildProcess[] = []

  const emptyDirectory = () => {
    const directory = mkdtempSync(join(tmpdir(), 'perdure-pglite-'))
    directories.push(directory)
    return directory
  }
  /** With a new cluster, copied from one that was made once. */
  const newDirectory = () => {
    const directory = emptyDirectory()
    cpSync(template, directory, { recursive: true })
    return directory
  }
  const open = async (dataDir: string) => {
    const storage = openStorage({ kind: 'pglite', dataDir })
    await storage.open()
    return new StorageFixture(storage)
  }
  const start = (mode: string, directory: string) => {
    const [program, ...options] = childCommand
    const process = spawn(program, [...options, mode, directory], {
      cwd: root,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    children.push(process)
    return process
  }
  const kill = async (process: ChildProcess) => {
    const ended = once(process, 'exit')
    process.kill('SIGKILL')
    await ended
  }
  let template = ''
  before(async () => {
    template = emptyDirectory()
    await (await open(template)).storage.close()
  })
  after(async () => {
    for (const process of children)
      if (process.exitCode === null && process.signalCode === null) await kill(process)
    for (const directory of directories) rmSync(directory, { recursive: true, force: true })
  })

  it('finds everything again after a close', async () => {
    const directory = newDirectory()
    const first = await open(directory)
    const runId = await first.begin(await first.newNode())
    await first.storage.close()
    await rejects(first.storage.ping(), StorageUnavailableError)
    const second = await open(directory)
    equal((await second.storage.runs.load(runId))?.turns.length, 1)
    await second.storage.close()
    deepEqual(readdirSync(directory), ['pglite'])
  })

  it('finds everything that was acknowledged after SIGKILL, and takes over the lock of the dead', async () => {
    const directory = newDirectory()
    for (let round = 0; round < 2; round++) {
      const process = start('commit', directory)
      let runId = ''
      let acknowledged = 0
      const ended = once(process, 'exit')
      for await (const line of createInterface({ input: process.stdout ?? ([] as never) })) {
        if (runId === '') runId = line
        else acknowledged = Number(line)
        if (acknowledged === 60) process.kill('SIGKILL')
      }
      await ended
      ok(acknowledged >= 60)
      ok(existsSync(join(directory, 'pglite.lock')))
      const fixture = await open(directory)
      const turns = (await fixture.storage.runs.load(runId))?.turns ?? []
      ok(turns.length >= acknowledged, `${turns.length} turns of ${acknowledged} acknowledged ones`)
      deepEqual(
        turns.map((turn) => turn.firstEventId),
        turns.map((_, index) => index + 1),
      )
      // And goes on: the dead process's node is still there to be taken over.
      const [dead] = await fixture.storage.nodes.observe()
      equal(await fixture.storage.nodes.takeOver(dead?.node ?? 0, dead?.beats ?? 0, 0), 1)
      const node = await fixture.newNode()
      ok((await fixture.storage.runs.claimOne(node, runId)) !== null)
      const close = fixture.turn(runId, turns.length + 1, { change: fixture.closing() })
      deepEqual(await fixture.commit(node, close), [])
      await fixture.storage.nodes.leave(node, 0)
      await fixture.storage.close()
    }
  })

  it('refuses a directory that a live process has open, and names it', async () => {
    const directory = newDirectory()
    const process = start('hold', directory)
    await once(createInterface({ input: process.stdout ?? ([] as never) }), 'line')
    await rejects(open(directory), (error: unknown) => {
      ok(error instanceof StorageSetupError)
      match(error.message, new RegExp(`process ${process.pid} `))
      ok(error.message.includes(join(directory, 'pglite.lock')))
      return true
    })
    await kill(process)
    await (await open(directory)).storage.close()
  })

  it('refuses a second store of the same process', async () => {
    const directory = newDirectory()
    const first = await open(directory)
    await rejects(open(directory), /in use by process \d+ \(this process/)
    await first.storage.close()
    await (await open(directory)).storage.close()
  })

  it('begins anew where a process died while it made the cluster', async () => {
    const directory = emptyDirectory()
    mkdirSync(join(directory, 'pglite.unfinished'))
    writeFileSync(join(directory, 'pglite.unfinished', 'PG_VERSION'), '18\n')
    const fixture = await open(directory)
    await fixture.begin(await fixture.newNode())
    await fixture.storage.close()
    deepEqual(readdirSync(directory), ['pglite'])
  })

  it('writes each commit with O_DSYNC, and a checkpoint calls fsync', async function () {
    try {
      execFileSync('strace', ['-V'], { stdio: 'ignore' })
    } catch {
      this.skip()
    }
    const directory = emptyDirectory()
    const cluster = join(directory, 'pglite')
    const output = join(directory, 'trace')
    const options = ['-f', '-y', '-s', '64', '-e', 'trace=openat,write,pwrite64,fsync,access,faccessat2']
    const traced = spawnSync('strace', [...options, '-o', output, ...childCommand, 'trace', cluster], {
      cwd: root,
      encoding: 'utf8',
    })
    equal(traced.status, 0, traced.stderr)
    const lines = readFileSync(output, 'utf8').split('\n')
    const markAt = (name: string) => lines.findIndex((line) => line.includes(`/perdure-mark-${name}`))
    const commits = lines.slice(markAt('commits'), markAt('checkpoint'))
    const checkpoint = lines.slice(markAt('checkpoint'), markAt('end'))
    ok(commits.length > 0 && checkpoint.length > 0)
    const walOpens = lines.filter((line) => /openat\(.*pg_wal\/[0-9A-F]{24}"/.test(line))
    ok(walOpens.some((line) => line.includes('O_DSYNC')))
    const walWrites = commits.filter((line) => /write(64)?\(\d+<[^>]*pg_wal\/[0-9A-F]{24}>/.test(line))
    ok(walWrites.length >= 10, `${walWrites.length} WAL writes for 10 commits`)
    const synced = checkpoint.filter((line) => /fsync\(\d+<[^>]*\/base\//.test(line))
    ok(synced.length > 0, 'the checkpoint synced no data file')
    ok(checkpoint.some((line) => /fsync\(\d+<[^>]*pg_control/.test(line)))
  })
})
