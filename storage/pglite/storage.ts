/**
 * The driver for a PostgreSQL embedded in this process: durable in a directory, or in memory for tests. Owns the
 * door and the lock on the directory; the families are in `sql/`. Hints stay in this process, since no other one can
 * have the database open.
 */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Storage, StorageUnavailableError } from '../contract.ts'
import { HintListeners } from '../hints.ts'
import type { SqlDatabase } from '../sql/connection.ts'
import { migrate } from '../sql/migrate.ts'
import { maintainHistory } from '../sql/retention.ts'
import { sessionSettings } from '../sql/session-settings.ts'
import { sqlFamilies } from '../sql/storage.ts'
import { PgliteDatabase } from './database.ts'
import { LockFile } from './lock-file.ts'

/** `dataDir` null: in memory, gone when closed. Not started before `open()`. */
export function openPgliteStorage(target: { readonly dataDir: string | null }): Storage {
  let current: PgliteDatabase | null = null
  let lock: LockFile | null = null
  const started = () => {
    if (current === null) throw new StorageUnavailableError('the store is not open')
    return current
  }
  const database: SqlDatabase = {
    query: async (statement, parameters) => started().query(statement, parameters),
    session: async (work) => started().session(work),
  }
  const hints = new HintListeners()
  const families = sqlFamilies(database, hints)
  return {
    ...families,
    kind: 'pglite',
    async open() {
      if (current !== null) return
      const directory = target.dataDir === null ? null : resolve(target.dataDir)
      if (directory !== null) {
        mkdirSync(directory, { recursive: true, mode: 0o700 })
        lock = LockFile.take(join(directory, 'pglite.lock'))
      }
      try {
        const clusterDirectory = directory === null ? null : join(directory, 'pglite')
        const opening = await PgliteDatabase.start({ clusterDirectory })
        try {
          await opening.session((run) => run(sessionSettings(undefined)))
          await migrate(opening, null)
          await maintainHistory(opening)
        } catch (error) {
          await opening.close()
          throw error
        }
        current = opening
      } catch (error) {
        lock?.release()
        lock = null
        throw error
      }
    },
    async close() {
      const closing = current
      current = null
      try {
        await closing?.close()
      } finally {
        lock?.release()
        lock = null
      }
    },
  }
}
