/** What a run waits for of other executions: children, and the answers to its signals. Used by `describe.ts`. */
import type { Plan } from '../../schema/plan.ts'
import type { State } from '../state.ts'
import { lineOf, type Wait } from './place.ts'

/** Those that were left to themselves (`cancellation: abandon`) are nobody's wait. */
export function childWaits(plan: Plan, state: State): Wait[] {
  return Object.values(state.childrenPending).flatMap((child) => {
    if (child.fiber === null) return []
    const { step, path, workflow, workflowId, attempt, started, cancelRequested } = child
    const stage = started ? '' : ' to start'
    const again = attempt === 1 ? '' : `, attempt ${attempt}`
    const asked = cancelRequested === true ? ', which was asked to stop' : ''
    return {
      kind: 'child' as const,
      step,
      path,
      line: lineOf(plan, step),
      text: `child workflow \`${workflow}\` (${workflowId})${stage}${again}${asked}`,
      until: null,
    }
  })
}

export function externalSignalWaits(plan: Plan, state: State): Wait[] {
  return Object.values(state.signalsPending).map(({ step, path, signal, workflowId }) => ({
    kind: 'externalSignal',
    step,
    path,
    line: lineOf(plan, step),
    text: `the answer to the signal \`${signal}\` to ${workflowId}`,
    until: null,
  }))
}
