import type { Storage } from '../../storage/contract.ts'
import { openStorage } from '../../storage/open.ts'
import { describeEngine } from './driver-suite.ts'

/** One process may have the data open once, so the engines of a test share it. */
let storage: Storage | undefined

describeEngine('PGlite', async () => {
  const opened = openStorage({ kind: 'pglite', dataDir: null })
  await opened.open()
  storage = opened
  // Already open: the engine's own `open` must not open it a second time.
  return { reconnects: false, connect: () => ({ ...opened, open: async () => {} }) }
})

after(() => storage?.close())
