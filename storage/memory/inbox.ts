/** One message into one open run: the sequence advances, the row appears, the run wakes. Called by all who send. */
import type { Instant } from '../contract.ts'
import type { MemoryData, MemoryRun } from './data.ts'

export function post(data: MemoryData, run: MemoryRun, payload: string, now: Instant): void {
  run.lastMessage++
  run.inbox.set(run.lastMessage, payload)
  if (run.owner === null) {
    if (run.wakeAt === null || run.wakeAt > now) data.setDue(run, now)
    data.hints.tell({ kind: 'due' })
  } else data.hints.tell({ kind: 'messages', runId: run.runId })
}
