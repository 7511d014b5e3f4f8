/**
 * Which run a reference means. A chain of runs is one execution: whoever names no run, or one that continued as new,
 * means the run that it became.
 */
import type { ExecutionSummary, VisibilityStore } from '../../storage/contract.ts'
import type { ExecutionRef } from '../contract.ts'
import { notFoundError } from '../doors/execution-errors.ts'
import { continuedAs } from './outcome.ts'

/** The run that the reference names: the open one, else the latest. Throws `ExecutionNotFound`. */
export async function findRun(
  visibility: Pick<VisibilityStore, 'find'>,
  ref: ExecutionRef,
): Promise<ExecutionSummary> {
  const summary = await visibility.find(ref.namespace, ref.workflowId, ref.runId)
  if (summary === null) throw notFoundError(ref)
  return ref.runId === undefined ? lastOfChain(visibility, summary) : summary
}

/** The last run of its chain, which may be open; the summary itself where it has not continued. */
export async function lastOfChain(
  visibility: Pick<VisibilityStore, 'find'>,
  summary: ExecutionSummary,
): Promise<ExecutionSummary> {
  const { namespace, workflowId, firstRunId } = summary
  let last = summary
  while (last.status === 'continuedAsNew') {
    // Nearly always the execution's newest run, whatever the length of the chain. Else another start came since, or
    // several runs began in one millisecond and the store cannot tell which came last: then step by step.
    const newest = await visibility.find(namespace, workflowId)
    if (newest?.firstRunId === firstRunId && newest.status !== 'continuedAsNew') return newest
    const next = await visibility.find(namespace, workflowId, continuedAs(last) ?? '')
    // The next one is deleted: nothing is known of the chain beyond this run.
    if (next === null) return last
    last = next
  }
  return last
}
