/** How `run.status` and `execution.status` are stored. The numbers are for ever: rows of every release hold them. */
import type { ClosedStatus, RunStatus } from '../contract.ts'

const statuses = [
  'running',
  'completed',
  'failed',
  'canceled',
  'terminated',
  'timedOut',
  'continuedAsNew',
] as const satisfies readonly RunStatus[]

const codes = new Map<RunStatus, number>(statuses.map((status, code) => [status, code]))

export function statusCode(status: RunStatus): number {
  const code = codes.get(status)
  if (code === undefined) throw new Error(`the status ${status} has no number`)
  return code
}

export function statusOf(code: number): RunStatus {
  const status = statuses[code]
  if (status === undefined) throw new Error(`no status has the number ${code}`)
  return status
}

export function closedStatusOf(code: number): ClosedStatus {
  const status = statusOf(code)
  if (status === 'running') throw new Error('an open run was answered where only a closed one can be')
  return status
}
