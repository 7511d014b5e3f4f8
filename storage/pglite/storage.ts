/**
 * The driver for a PostgreSQL embedded in this process: durable in a directory, or in memory for tests. The families
 * are in `sql/`. Hints stay in this process, since no other one can have the database open.
 */
import { resolve } from 'node:path'
import type { Storage } from '../contract.ts'
import { HintListeners } from '../hints.ts'
import { sqlFamilies } from '../sql/storage.ts'
import { EmbeddedDatabase } from './embedded-database.ts'

/** `dataDir` null: in memory, gone when closed. Not started before `open()`. */
export function openPgliteStorage(target: { readonly dataDir: string | null }): Storage {
  const embedded = new EmbeddedDatabase(target.dataDir === null ? null : resolve(target.dataDir))
  const hints = new HintListeners()
  return {
    ...sqlFamilies(embedded, hints),
    kind: 'pglite',
    open: () => embedded.open(),
    close: () => embedded.close(),
  }
}
