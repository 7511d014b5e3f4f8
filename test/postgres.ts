/**
 * A PostgreSQL server for tests: the one of PERDURE_TEST_DATABASE_URL, or a cluster of our own in a temporary
 * directory, durable as a real one. Started at the first call, shared by the mocha process, stopped at its end.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TestPostgres {
  /** Of a database that tests may fill; isolate by schema or namespace. */
  readonly url: string
  stop(): Promise<void>
}

let shared: Promise<TestPostgres> | null = null

/** Fails where there is neither a URL nor a server installed: who asks for PostgreSQL must not pass without it. */
export function startTestPostgres(): Promise<TestPostgres> {
  shared ??= start()
  return shared
}

async function start(): Promise<TestPostgres> {
  const given = process.env['PERDURE_TEST_DATABASE_URL']
  if (given !== undefined && given !== '') return { url: given, stop: async () => {} }
  const binaries = installedBinaries()
  const directory = mkdtempSync(join(tmpdir(), 'perdure-postgres-'))
  const data = join(directory, 'data')
  const asUser = userOfServer()
  if (asUser !== null) chownSync(directory, asUser.uid, asUser.gid)
  chmodSync(directory, 0o700)
  const run = (program: string, ...options: string[]) =>
    execFileSync(join(binaries, program), options, { ...asUser, cwd: directory, stdio: 'ignore' })
  run('initdb', '-D', data, '-U', 'perdure', '-A', 'trust', '-E', 'UTF8', '--no-locale')
  const port = await freePort()
  const settings = `-p ${port} -h 127.0.0.1 -k '' -c max_connections=200`
  run('pg_ctl', '-D', data, '-w', '-l', join(directory, 'log'), '-o', settings, 'start')
  let isStopped = false
  const stop = () => {
    if (isStopped) return
    isStopped = true
    spawnSync(join(binaries, 'pg_ctl'), ['-D', data, '-m', 'immediate', '-w', 'stop'], {
      ...asUser,
      cwd: directory,
      stdio: 'ignore',
    })
    rmSync(directory, { recursive: true, force: true })
  }
  // Also when a test run is cut short: nothing may outlive the process.
  process.once('exit', stop)
  return { url: `postgresql://perdure@127.0.0.1:${port}/postgres`, stop: async () => stop() }
}

function installedBinaries(): string {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
  const newest = versions.find((version) => existsSync(join(root, version, 'bin', 'initdb')))
  if (newest === undefined)
    throw new Error(
      `no PostgreSQL for tests: set PERDURE_TEST_DATABASE_URL, or install a server below ${root}`,
    )
  return join(root, newest, 'bin')
}

/** The server refuses to run as root: then it runs as the user `postgres`. */
function userOfServer(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null
  const id = (option: string) => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no free port on 127.0.0.1')),
      )
    })
  })
}
