/**
 * The events of one execution and its children as they are committed in this process, from before the engine starts (a
 * run that it takes up moves at once) to its end. Owns what is kept until somebody shows it. Called by `run`.
 */
import type { Engine, ExecutionRef, HistoryEvent } from '../engine-types.ts'
import { toMs } from '../narration/shown-event.ts'
import type { Progress } from './progress.ts'
import { type FamilyMember, isEnd, type Run, type RunFamily } from './run-family.ts'

export interface RunFollower {
  /**
   * What happened before this process, to the run that is open and to its children: remembered, not shown. Gives how
   * many events of the run itself these are.
   */
  recall(progress: Progress): Promise<number>
  /** Shows what has come, and from now on what comes. */
  attach(progress: Progress): void
  /** True when something has happened to it in this process. */
  readonly moved: boolean
  /** The moment of the last event of the last run, in milliseconds since 1970 UTC. */
  readonly closed: Promise<number>
}

interface Kept {
  readonly run: Run
  readonly member: FamilyMember
  readonly events: readonly HistoryEvent[]
}

export function followRun(engine: Engine, ref: ExecutionRef, family: RunFamily): RunFollower {
  const kept: Kept[] = []
  let shown: Progress | null = null
  let moved = false
  let close: (atMs: number) => void = () => undefined
  const closed = new Promise<number>((resolve) => {
    close = resolve
  })
  engine.onEvents((run, events) => {
    const member = run.namespace === ref.namespace ? family.memberOf(run) : null
    if (member === null) return
    family.learn(run, member, events)
    if (shown === null) kept.push({ run, member, events })
    else shown.show(run, member, events)
    if (run.workflowId !== ref.workflowId) return
    moved = true
    const last = events.at(-1)
    if (last !== undefined && isEnd(last)) close(toMs(last.timestamp))
  })
  const firstKept = (runId: string) =>
    kept.find(({ run }) => run.runId === runId)?.events[0]?.eventId ?? Number.POSITIVE_INFINITY

  const recallRun = async (run: Run, member: FamilyMember, progress: Progress): Promise<number> => {
    let recalled = 0
    for (let after = 0; ; ) {
      const page = await engine.history({ ...ref, ...run }, { after })
      const before = firstKept(run.runId)
      const earlier = page.events.filter((event) => event.eventId < before)
      progress.recall(run, member, earlier)
      recalled += earlier.length
      const last = page.events.at(-1)
      if (last === undefined || page.cursor === null) return recalled
      after = last.eventId
    }
  }

  const recallChildren = async (run: Run, member: FamilyMember, progress: Progress): Promise<void> => {
    const { pendingChildren } = await engine.describe({ ...ref, ...run })
    for (const child of pendingChildren) {
      const known = family.memberOf(child) ?? family.join(child, member, child.path, false)
      await recallRun(child, known, progress)
      await recallChildren(child, known, progress)
    }
  }

  return {
    closed,
    get moved() {
      return moved
    },
    async recall(progress) {
      const { runId } = await engine.result(ref, { waitMs: 0, follow: false })
      const run = { workflowId: ref.workflowId, runId }
      const member = family.memberOf(run)
      if (member === null) throw new Error(`bug: ${ref.workflowId} is not of its own family`)
      const recalled = await recallRun(run, member, progress)
      await recallChildren(run, member, progress)
      return recalled
    },
    attach(progress) {
      shown = progress
      for (const { run, member, events } of kept) progress.show(run, member, events)
    },
  }
}
