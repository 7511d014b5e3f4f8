/**
 * The events of one execution as they are committed in this process, from before the engine starts (a run that it
 * takes up moves at once) to its closing event. Owns what is kept until somebody shows it. Called by `run`.
 */
import type { Engine, ExecutionRef, HistoryEvent } from '../engine-types.ts'
import { toMs } from '../narration/shown-event.ts'
import type { Progress } from './progress.ts'

export interface RunFollower {
  /** What happened before this process: remembered, not shown. Gives how many events these are. */
  recall(progress: Progress): Promise<number>
  /** Shows what has come, and from now on what comes. */
  attach(progress: Progress): void
  /** True when something has happened to it in this process. */
  readonly moved: boolean
  /** The moment of the closing event, in milliseconds since 1970 UTC. */
  readonly closed: Promise<number>
}

const closings: ReadonlySet<HistoryEvent['type']> = new Set([
  'WorkflowExecutionCompleted',
  'WorkflowExecutionFailed',
  'WorkflowExecutionTimedOut',
  'WorkflowExecutionCanceled',
  'WorkflowExecutionTerminated',
])

export function followRun(engine: Engine, ref: ExecutionRef): RunFollower {
  const kept: HistoryEvent[] = []
  let shown: Progress | null = null
  let close: (atMs: number) => void = () => undefined
  const closed = new Promise<number>((resolve) => {
    close = resolve
  })
  engine.onEvents((run, events) => {
    if (run.workflowId !== ref.workflowId || run.namespace !== ref.namespace) return
    if (shown === null) kept.push(...events)
    else shown.show(events)
    const last = events.at(-1)
    if (last !== undefined && closings.has(last.type)) close(toMs(last.timestamp))
  })
  return {
    closed,
    get moved() {
      return shown !== null || kept.length > 0
    },
    async recall(progress) {
      let after = 0
      let recalled = 0
      for (;;) {
        const page = await engine.history(ref, { after })
        const firstOfOurs = kept[0]?.eventId ?? Number.POSITIVE_INFINITY
        const earlier = page.events.filter((event) => event.eventId < firstOfOurs)
        progress.recall(earlier)
        recalled += earlier.length
        const last = page.events.at(-1)
        if (last === undefined || page.cursor === null) return recalled
        after = last.eventId
      }
    },
    attach(progress) {
      shown = progress
      progress.show(kept)
    },
  }
}
