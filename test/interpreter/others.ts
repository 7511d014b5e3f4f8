/** What other executions and callers do to a run of the harness: children, answers, updates, pauses. */
import assert from 'node:assert/strict'
import type { ChildEndEvent } from '../../interpreter/child-events.ts'
import type { ErrorShape, WorkflowError } from '../../interpreter/errors/fault.ts'
import { workflowError } from '../../interpreter/errors/fault.ts'
import type { Answer, Outgoing } from '../../interpreter/outgoing.ts'
import type { PendingChild } from '../../interpreter/state.ts'
import type { Json } from '../../schema/json.ts'
import type { Run } from './harness.ts'

export function childOf(run: Run, step: string): PendingChild {
  const found = Object.values(run.state.childrenPending).find((child) => child.step === step)
  assert.ok(found, `no pending child of step ${step}`)
  return found
}

export async function childStarts(run: Run, step: string): Promise<void> {
  const { id: childId, workflowId, runId } = childOf(run, step)
  const ids = { childId, workflowId, runId, version: '1.0.0' }
  await run.feed({ type: 'ChildWorkflowExecutionStarted', timestamp: run.now, ...ids })
}

export async function startFails(run: Run, step: string, error: ErrorShape): Promise<void> {
  const { id: childId } = childOf(run, step)
  await run.feed({ type: 'StartChildWorkflowExecutionFailed', timestamp: run.now, childId, error })
}

export async function childCompletes(run: Run, step: string, result: Json): Promise<void> {
  const { id: childId, workflowId, runId } = childOf(run, step)
  const ids = { childId, workflowId, runId }
  await run.feed({ type: 'ChildWorkflowExecutionCompleted', timestamp: run.now, ...ids, result })
}

export async function childFails(
  run: Run,
  step: string,
  type: Exclude<ChildEndEvent['type'], 'ChildWorkflowExecutionCompleted'>,
  error: ErrorShape,
): Promise<void> {
  const { id: childId, workflowId, runId } = childOf(run, step)
  const ids = { childId, workflowId, runId }
  await run.feed({ type, timestamp: run.now, ...ids, error: workflowError(error) })
}

/** Some members of `Outgoing` have two kinds, which `Extract` does not find. */
type OfKind<One, K> = One extends { readonly kind: infer Kinds }
  ? K extends Kinds
    ? One & { kind: K }
    : never
  : never

export function sent<K extends Outgoing['kind']>(run: Run, kind: K): OfKind<Outgoing, K>[] {
  return run.sent.filter((one): one is OfKind<Outgoing, K> => one.kind === kind)
}

export async function update(run: Run, name: string, input: Json = null, updateId = 'u-1'): Promise<void> {
  await run.feed({ type: 'WorkflowUpdateAccepted', timestamp: run.now, update: name, updateId, input })
}

/** What the sender of an update was told; null: nothing yet. */
export function answerTo(run: Run, updateId = 'u-1'): Answer | null {
  const found = sent(run, 'answer').filter(
    ({ to }) => to.kind === 'caller' && to.messageId === `update/${updateId}`,
  )
  assert.ok(found.length <= 1, 'an update is answered once')
  return found[0]?.answer ?? null
}

export function refusalOf(run: Run, updateId = 'u-1'): WorkflowError {
  const answer = answerTo(run, updateId)
  assert.ok(answer?.kind === 'refused', `not refused: ${JSON.stringify(answer)}`)
  return answer.error
}

export async function pause(run: Run, reason: string | null = null): Promise<void> {
  await run.feed({ type: 'WorkflowExecutionPaused', timestamp: run.now, reason })
}

export async function resume(run: Run): Promise<void> {
  await run.feed({ type: 'WorkflowExecutionResumed', timestamp: run.now, reason: null })
}

export async function terminate(run: Run): Promise<void> {
  await run.feed({ type: 'WorkflowExecutionTerminated', timestamp: run.now, reason: null })
}

/** Events of one type. */
export function eventsOf<T extends Run['events'][number]['type']>(
  run: Run,
  type: T,
): Extract<Run['events'][number], { type: T }>[] {
  return run.events.filter(
    (event): event is Extract<Run['events'][number], { type: T }> => event.type === type,
  )
}
