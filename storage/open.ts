/** Makes the store that the settings name; `open()` of the store connects it. Called by the engine's factory. */
import type { Storage } from './contract.ts'
import type { MemoryData } from './memory/data.ts'
import { openMemoryStorage } from './memory/storage.ts'
import { openPgliteStorage } from './pglite/storage.ts'
import { openPostgresStorage } from './postgres/storage.ts'

export type StorageTarget =
  /** `data`: several stores, or one store after another, over the same data. */
  | { readonly kind: 'memory'; readonly data?: MemoryData }
  /** `dataDir` null: in memory, gone when closed. */
  | { readonly kind: 'pglite'; readonly dataDir: string | null }
  | {
      readonly kind: 'postgres'
      readonly connectionString: string
      readonly poolSize?: number
      readonly schema?: string
    }

export function openStorage(target: StorageTarget): Storage {
  switch (target.kind) {
    case 'memory':
      return openMemoryStorage(target.data)
    case 'postgres':
      return openPostgresStorage(target)
    case 'pglite':
      return openPgliteStorage(target)
    default:
      return target satisfies never
  }
}
