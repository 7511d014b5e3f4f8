/**
 * One process per data directory: a second one would corrupt it. The lock is a file with the holder's process id and
 * start time, so that the id of a dead process that another one got since does not look alive. Where holder and asker
 * do not see each other's processes (another machine or container on one volume) the file's age tells: a live
 * holder touches it.
 */
import {
  linkSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { StorageSetupError } from '../contract.ts'

interface Holder {
  readonly pid: number
  /** In the kernel's own unit since boot; null where it cannot be told. */
  readonly startTime: string | null
  /** Processes with the same text see each other's ids. */
  readonly machine: string
}

const touchEveryMs = 5_000
const untouchedForMs = 60_000

export class LockFile {
  readonly #path: string
  readonly #text: string
  readonly #timer: NodeJS.Timeout

  private constructor(path: string, text: string) {
    this.#path = path
    this.#text = text
    this.#timer = setInterval(() => this.#touch(), touchEveryMs)
    this.#timer.unref()
  }

  /** Throws `StorageSetupError` where a live process holds it. */
  static take(path: string): LockFile {
    const self: Holder = {
      pid: process.pid,
      startTime: startTimeOf(process.pid),
      machine: machine(),
    }
    const text = `${JSON.stringify(self)}\n`
    // A file of our own first, then a link: the lock appears with its content, or not at all.
    const own = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`
    writeFileSync(own, text)
    try {
      for (let attempt = 0; attempt < 10; attempt++) {
        if (linked(own, path)) return new LockFile(path, text)
        removeStale(path, own)
      }
    } finally {
      rmSync(own, { force: true })
    }
    throw new StorageSetupError(`${path} changes hands all the time: other processes are starting on it`)
  }

  release(): void {
    clearInterval(this.#timer)
    if (readOrNull(this.#path) === this.#text) rmSync(this.#path, { force: true })
  }

  #touch(): void {
    const now = new Date()
    try {
      utimesSync(this.#path, now, now)
    } catch {
      // Gone with its directory; the store's own writes will tell.
    }
  }
}

function linked(own: string, path: string): boolean {
  try {
    linkSync(own, path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** Throws where the holder lives; else takes its file away, unless another process did so first. */
function removeStale(path: string, own: string): void {
  const text = readOrNull(path)
  if (text === null) return
  const holder = parsed(text)
  if (holder !== null && isAlive(holder, path)) {
    const who = holder.pid === process.pid && holder.machine === machine() ? 'this process' : 'another one'
    throw new StorageSetupError(
      `the data directory is in use by process ${holder.pid} (${who}; lock file ${path}): stop it first, or name another directory`,
    )
  }
  const aside = `${own}.stale`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  // Between the look and the rename another process may have taken the lock: then it gets it back.
  if (readOrNull(aside) !== text) linked(aside, path)
  rmSync(aside, { force: true })
}

function isAlive(holder: Holder, path: string): boolean {
  if (holder.machine !== machine()) {
    const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
    return Date.now() - modified < untouchedForMs
  }
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    // EPERM: it is there, and belongs to somebody else.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  if (isZombie(holder.pid)) return false
  const startTime = startTimeOf(holder.pid)
  return startTime === null || holder.startTime === null || startTime === holder.startTime
}

/** Killed and not yet collected by its parent; with a thread left it may still be in the middle of a write. */
function isZombie(pid: number): boolean {
  if (statOf(pid)?.[0] !== 'Z') return false
  try {
    return readdirSync(`/proc/${pid}/task`).length <= 1
  } catch {
    return true
  }
}

function startTimeOf(pid: number): string | null {
  return statOf(pid)?.[19] ?? null
}

/** Fields of /proc/PID/stat from the third on (state); the second one is in parentheses and may hold anything. */
function statOf(pid: number): readonly string[] | null {
  const text = readOrNull(`/proc/${pid}/stat`)
  return text === null ? null : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

function machine(): string {
  const boot = readOrNull('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
  let namespace = ''
  try {
    namespace = readlinkSync('/proc/self/ns/pid')
  } catch {
    // Not Linux: the host's name has to do.
  }
  return [hostname(), boot, namespace].join(' ')
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

function parsed(text: string): Holder | null {
  try {
    const value = JSON.parse(text) as Partial<Holder> | null
    if (typeof value?.pid !== 'number' || typeof value.machine !== 'string') return null
    return { pid: value.pid, startTime: value.startTime ?? null, machine: value.machine }
  } catch {
    return null
  }
}
