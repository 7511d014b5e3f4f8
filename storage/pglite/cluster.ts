/**
 * PGlite, made durable. Its own defaults are not: `-F` turns fsync off, its file system has no fsync at all, and a new
 * cluster is copied to disk without one. Owns how a cluster is created and started; runs in the worker.
 *
 * How a commit gets to disk here: WAL files are opened with O_DSYNC (`wal_sync_method=open_datasync`), so the write is
 * the sync; `fdatasync` cannot be used, since PGlite's does nothing and cannot be replaced. A CHECKPOINT syncs data
 * files through `fsync`, which `DurableNodeFS` provides. test/storage/pglite-durability.full.ts traces both.
 */
import { constants, fsyncSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PGlite, type PGliteOptions } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'

/** The part of Emscripten's NODEFS that is changed here. Its O_DSYNC is 4096, which it translates to the stronger O_SYNC. */
interface EmscriptenNodeFs {
  readonly flagsForNodeMap: { [flag: number]: number }
  readonly stream_ops: { fsync?: (stream: { readonly nfd: number }) => number }
  tryFSOperation<T>(operation: () => T): T
}

const emscriptenDataSyncFlag = 4096
const syncsAtOnce = 16

class DurableNodeFS extends NodeFS {
  override async init(...parameters: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const [pglite, options] = parameters
    const preRun = (module: unknown) => makeDurable(nodeFsOf(module))
    return super.init(pglite, { ...options, preRun: [...(options.preRun ?? []), preRun] })
  }
}

function nodeFsOf(module: unknown): EmscriptenNodeFs {
  const nodeFs: unknown = typeof module === 'object' && module !== null ? Reflect.get(module, 'NODEFS') : null
  if (typeof nodeFs !== 'object' || nodeFs === null || !('flagsForNodeMap' in nodeFs))
    throw new Error('this version of PGlite has another file system: its data would not be durable')
  return nodeFs as EmscriptenNodeFs
}

function makeDurable(nodeFs: EmscriptenNodeFs): void {
  nodeFs.flagsForNodeMap[emscriptenDataSyncFlag] = constants.O_DSYNC
  nodeFs.stream_ops.fsync = (stream) =>
    nodeFs.tryFSOperation(() => {
      fsyncSync(stream.nfd)
      return 0
    })
}

/** Without `-F`. Minimal WAL: nobody replicates an embedded database. */
const durableParameters = [
  '--single',
  '-O',
  '-j',
  ...[
    'search_path=public',
    'exit_on_error=false',
    'log_checkpoints=false',
    'max_worker_processes=0',
    'max_parallel_workers=0',
    'max_parallel_workers_per_gather=0',
    'max_parallel_maintenance_workers=0',
    'io_method=sync',
    'fsync=on',
    'synchronous_commit=on',
    'full_page_writes=on',
    'wal_sync_method=open_datasync',
    'wal_level=minimal',
    'max_wal_senders=0',
    'wal_buffers=16MB',
  ].flatMap((setting) => ['-c', setting]),
]

/** Starts the cluster in `directory`, recovering what a killed process left; null: a new one in memory. */
export async function startCluster(directory: string | null): Promise<PGlite> {
  if (directory === null) return PGlite.create({ dataDir: 'memory://' })
  return PGlite.create(onDisk(directory))
}

function onDisk(directory: string): PGliteOptions {
  return { fs: new DurableNodeFS(directory), startParams: durableParameters }
}

/**
 * Makes a cluster beside its place and renames it there when all of it is on disk: a process that dies in between
 * leaves no half cluster that looks like a whole one.
 */
export async function createCluster(directory: string): Promise<void> {
  const unfinished = `${directory}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  const pglite = await PGlite.create(onDisk(unfinished))
  await pglite.close()
  await syncTree(unfinished)
  renameSync(unfinished, directory)
  await syncPath(dirname(directory))
}

/** Many at once: one after the other the thousand small files of a new cluster take seconds, so 0.1 s. */
async function syncTree(directory: string): Promise<void> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
  const syncNext = async () => {
    for (let path = paths.pop(); path !== undefined; path = paths.pop()) await syncPath(path)
  }
  await Promise.all(Array.from({ length: syncsAtOnce }, syncNext))
  await syncPath(directory)
}

/** Directories too, but not on Windows, which has no sync of them. */
async function syncPath(path: string): Promise<void> {
  try {
    const file = await open(path, 'r')
    await file.sync().finally(() => file.close())
  } catch (error) {
    if (process.platform !== 'win32') throw error
  }
}
