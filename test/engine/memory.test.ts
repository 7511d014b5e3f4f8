import { createMemoryData } from '../../storage/memory/data.ts'
import { openStorage } from '../../storage/open.ts'
import { describeEngine } from './driver-suite.ts'

describeEngine('memory', async () => {
  const data = createMemoryData()
  return { reconnects: true, connect: () => openStorage({ kind: 'memory', data }) }
})
