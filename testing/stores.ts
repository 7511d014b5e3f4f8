/**
 * The stores that scenarios run on. In memory each run has one of its own; PGlite and PostgreSQL are opened once per
 * call and each run has a namespace of its own in it. A PostgreSQL database gets a schema of its own for the call,
 * so that scenarios never meet real runs.
 */
import { randomBytes } from 'node:crypto'
import { openStorage, type Storage } from '../engine/index.ts'

/** `memory`, `pglite`, or the URL of a PostgreSQL database. */
export type StoreChoice = 'memory' | 'pglite' | (string & {})

export interface ScenarioStore {
  readonly storage: Storage
  readonly namespace: string
  /** True where other runs share it: what is left open must be ended. */
  readonly shared: boolean
  release(): Promise<void>
}

export interface ScenarioStores {
  next(): Promise<ScenarioStore>
  close(): Promise<void>
}

export async function openStores(choice: StoreChoice): Promise<ScenarioStores> {
  if (choice === 'memory')
    return {
      next: async () => {
        const storage = openStorage({ kind: 'memory' })
        await storage.open()
        return { storage, namespace: 'default', shared: false, release: () => storage.close() }
      },
      close: async () => {},
    }
  const storage = openStorage(targetOf(choice))
  await storage.open()
  let count = 0
  return {
    next: async () => {
      count += 1
      return { storage, namespace: `scenario-${count}`, shared: true, release: async () => {} }
    },
    close: () => storage.close(),
  }
}

function targetOf(choice: StoreChoice) {
  if (choice === 'pglite') return { kind: 'pglite', dataDir: null } as const
  if (/^postgres(ql)?:\/\//.test(choice))
    return {
      kind: 'postgres',
      connectionString: choice,
      schema: `perdure_test_${randomBytes(6).toString('hex')}`,
    } as const
  throw new Error(`unknown store "${choice}": use memory, pglite or a postgresql:// URL`)
}
