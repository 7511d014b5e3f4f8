/**
 * The directory, the lock on it, and the thread that runs the cluster in it. Owns opening, closing, and starting again
 * where the thread broke; statements go through to `database.ts`.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { StorageUnavailableError } from '../contract.ts'
import type { Parameter, Row, SqlDatabase, Statement } from '../sql/connection.ts'
import { migrate } from '../sql/migrate.ts'
import { maintainHistory } from '../sql/retention.ts'
import { sessionSettings } from '../sql/session-settings.ts'
import { PgliteDatabase } from './database.ts'
import { LockFile } from './lock-file.ts'

export class EmbeddedDatabase implements SqlDatabase {
  /** Null: in memory. */
  readonly #directory: string | null
  #lock: LockFile | null = null
  #current: Promise<PgliteDatabase> | null = null

  constructor(directory: string | null) {
    this.#directory = directory
  }

  async open(): Promise<void> {
    if (this.#current !== null) return
    if (this.#directory !== null) {
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
      this.#lock = LockFile.take(join(this.#directory, 'pglite.lock'))
    }
    this.#current = this.#start()
    try {
      await this.#current
    } catch (error) {
      this.#current = null
      this.#unlock()
      throw error
    }
  }

  async close(): Promise<void> {
    const closing = this.#current
    this.#current = null
    try {
      await (await closing?.catch(() => null))?.close()
    } finally {
      this.#unlock()
    }
  }

  async query(statement: Statement, parameters: readonly Parameter[]): Promise<readonly Row[]> {
    return (await this.#running()).query(statement, parameters)
  }

  async session<T>(work: (run: (script: string) => Promise<readonly Row[]>) => Promise<T>): Promise<T> {
    return (await this.#running()).session(work)
  }

  /** A statement is never sent twice: only those that come after the break go to the new thread. */
  async #running(): Promise<PgliteDatabase> {
    if (this.#current === null) throw new StorageUnavailableError('the store is not open')
    const database = await this.#current
    // In memory there is nothing to start again from.
    if (!database.isBroken || this.#directory === null || this.#current === null) return database
    const restarted = this.#start()
    this.#current = restarted
    // Where it fails the next call tries again, from the database that is known to be broken.
    restarted.catch(() => {
      if (this.#current === restarted) this.#current = Promise.resolve(database)
    })
    return restarted
  }

  async #start(): Promise<PgliteDatabase> {
    const clusterDirectory = this.#directory === null ? null : join(this.#directory, 'pglite')
    const database = await PgliteDatabase.start({ clusterDirectory })
    try {
      await database.session((run) => run(sessionSettings(undefined)))
      await migrate(database, null)
      await maintainHistory(database)
    } catch (error) {
      await database.close()
      throw error
    }
    return database
  }

  #unlock(): void {
    this.#lock?.release()
    this.#lock = null
  }
}
