/**
 * A run with children, signals, updates and pauses under random orders of what may come, late, twice or never asked for.
 * The harness folds after every input (I3). PERDURE_RUNS sets how many orders are drawn; a failure prints its seed.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describeState } from '../../../interpreter/describe/describe.ts'
import { workflowError } from '../../../interpreter/errors/fault.ts'
import type { InputEvent } from '../../../interpreter/events.ts'
import type { PendingActivity, PendingChild, PendingSignal } from '../../../interpreter/state.ts'
import { replayable } from '../../properties/draws.ts'
import { doc, Run } from '../harness.ts'
import { eventsOf, sent } from '../others.ts'

const yaml = doc(`
vars: { n: 0 }
signals:
  go: {}
  note: { concurrency: 1, do: [ { id: h, activity: y } ] }
updates:
  u: { validate: update > 1, do: [ { id: ud, activity: y, retry: false } ], return: "\${ steps.ud }" }
steps:
  - try:
      - id: p
        parallel:
          tried: [ { id: c1, workflow: w, cancellation: try, onParentClose: cancel, retry: { maximumAttempts: 3 } } ]
          waited: [ { id: c2, workflow: w, cancellation: wait, compensate: { id: u2, activity: z } } ]
          left: [ { id: c3, workflow: w, cancellation: abandon, timeout: 20s } ]
          noted: [ { id: c4, workflow: w, compensateWhen: attempted, compensate: { id: u4, workflow: w } } ]
          told: [ { id: s1, signal: { workflowId: w-2, name: go } }, { id: d, workflow: w, detached: true } ]
    catch: [ { errors: [Canceled, ChildWorkflowFailed], if: input.catches, do: [ { id: after, activity: x } ] } ]
  - { id: w1, wait: { signal: go, atMost: 1m } }
  - { if: input.continues, continueAsNew: {} }
`)

type Move = readonly [kind: number, which: number, flavour: number]

function pick<T>(book: { readonly [id: number]: T }, which: number): T | undefined {
  const all = Object.values(book)
  return all[which % Math.max(1, all.length)]
}

const broken = { type: 'Down', message: 'down' }

function ofChild(child: PendingChild, at: { timestamp: number }, flavour: number): InputEvent {
  const ids = { ...at, childId: child.id, workflowId: child.workflowId, runId: child.runId }
  const error = workflowError(broken)
  switch (flavour % 7) {
    case 0:
    case 1:
      return { type: 'ChildWorkflowExecutionStarted', ...ids, version: '1.0.0' }
    case 2:
      return { type: 'StartChildWorkflowExecutionFailed', ...at, childId: child.id, error: broken }
    case 3:
      return { type: 'ChildWorkflowExecutionFailed', ...ids, error }
    case 4:
      return { type: 'ChildWorkflowExecutionCanceled', ...ids, error: { ...error, type: 'Canceled' } }
    default:
      return { type: 'ChildWorkflowExecutionCompleted', ...ids, result: flavour }
  }
}

function ofActivity(
  { id, attempt }: PendingActivity,
  at: { timestamp: number },
  flavour: number,
): InputEvent {
  const base = { ...at, activityId: id, attempt }
  if (flavour % 5 === 0) return { type: 'ActivityTaskFailed', ...base, error: broken }
  if (flavour % 5 === 1) return { type: 'ActivityTaskCanceled', ...base }
  return { type: 'ActivityTaskCompleted', ...base, result: flavour }
}

function ofSignal({ id }: PendingSignal, at: { timestamp: number }, flavour: number): InputEvent {
  if (flavour % 3 === 0) return { type: 'SignalExternalFailed', ...at, signalId: id, error: broken }
  return { type: 'ExternalWorkflowSignaled', ...at, signalId: id, runId: null }
}

/** Pauses and ends are rarer than answers. */
function inputOf(run: Run, [kind, which, flavour]: Move, late: readonly PendingChild[]): InputEvent | null {
  const { state } = run
  const at = { timestamp: run.now }
  if (kind < 30) {
    const child =
      flavour % 9 === 8 ? late[which % Math.max(1, late.length)] : pick(state.childrenPending, which)
    return child === undefined ? null : ofChild(child, at, flavour)
  }
  if (kind < 50) {
    const activity = pick(state.activitiesPending, which)
    return activity === undefined ? null : ofActivity(activity, at, flavour)
  }
  if (kind < 58) {
    const signal = pick(state.signalsPending, which)
    return signal === undefined ? null : ofSignal(signal, at, flavour)
  }
  if (kind < 66)
    return { type: 'WorkflowSignalReceived', ...at, signal: which % 2 ? 'go' : 'note', input: which }
  if (kind < 74) {
    return { type: 'WorkflowUpdateAccepted', ...at, update: 'u', updateId: `u-${which % 4}`, input: flavour }
  }
  if (kind < 78) return { type: 'WorkflowExecutionPaused', ...at, reason: null }
  if (kind < 84) return { type: 'WorkflowExecutionResumed', ...at, reason: null }
  if (kind < 86) return { type: 'WorkflowExecutionCancelRequested', ...at, reason: null }
  if (kind < 87) return { type: 'WorkflowExecutionTerminated', ...at, reason: null }
  return null
}

async function play(moves: readonly Move[], input: { catches: boolean; continues: boolean }): Promise<Run> {
  const run = await Run.start(yaml, input)
  const late: PendingChild[] = []
  for (const move of moves) {
    if (!run.isOpen) break
    late.push(...Object.values(structuredClone(run.state.childrenPending)))
    const next = inputOf(run, move, late)
    if (next === null) await run.advance(1 + move[1] * 500)
    else await run.feed(next)
    if (run.isOpen)
      assert.ok(describeState(run.program, run.state).waits.length > 0, 'I6: it can say for what')
  }
  return run
}

function assertAnswers(run: Run): void {
  const accepted = eventsOf(run, 'WorkflowUpdateAccepted')
  const told = sent(run, 'answer').filter(({ answer }) => answer.kind !== 'refused')
  if (!run.isOpen)
    assert.equal(told.length, accepted.length, 'each update that was accepted is answered once')
  assert.ok(told.length <= accepted.length)
}

/** I4, of children: one end at most, none unheard of, and what is pending at the close is told or left on purpose. */
function assertChildren(run: Run): void {
  const ends = run.events.filter(({ type }) =>
    /^ChildWorkflowExecution(?!Started)|^StartChild.*Failed$/.test(type),
  )
  const ended = ends.flatMap((event) => ('childId' in event ? [event.childId] : []))
  assert.equal(new Set(ended).size, ended.length, 'a child ends once')
  const starts = sent(run, 'startChild')
  assert.equal(starts.length, eventsOf(run, 'StartChildWorkflowExecutionInitiated').length)
  assert.equal(new Set(starts.map(({ runId }) => runId)).size, starts.length)
  const asked = [...sent(run, 'cancelChild'), ...sent(run, 'terminateChild')].map(({ runId }) => runId)
  assert.equal(new Set(asked).size, asked.length, 'a child is asked to end once')
  if (run.isOpen) return
  assert.deepEqual(run.state.childrenPending, {})
  const detached = new Set(
    eventsOf(run, 'StartChildWorkflowExecutionInitiated').flatMap((one) =>
      one.onParentClose === 'abandon' ? [one.runId] : [],
    ),
  )
  for (const { childId, runId } of starts) {
    assert.ok(
      ended.includes(childId) || asked.includes(runId) || detached.has(runId),
      'no child is lost sight of',
    )
  }
}

describe('random orders of messages', () => {
  it('hold the invariants', async () => {
    const move = fc.tuple(fc.nat(99), fc.nat(20), fc.nat(20))
    const input = fc.record({ catches: fc.boolean(), continues: fc.boolean() })
    let closed = 0
    const outcomes = new Set<string>()
    const drawn = fc.asyncProperty(
      fc.array(move, { minLength: 5, maxLength: 120, size: 'max' }),
      input,
      async (moves, given) => {
        const run = await play(moves, given)
        assertAnswers(run)
        assertChildren(run)
        if (run.outcome !== null) {
          closed += 1
          outcomes.add(run.outcome.kind)
          assert.match(run.types.at(-1) ?? '', /^WorkflowExecution/)
        }
      },
    )
    await fc.assert(drawn, replayable(Number(process.env['PERDURE_RUNS'] ?? 40)))
    // Of these draws alone, also where others were asked for: what must have been seen is not left to luck.
    closed = 0
    outcomes.clear()
    await fc.assert(drawn, { numRuns: 40, seed: 1 })
    assert.ok(closed > 5, `only ${closed} runs came to an end`)
    assert.ok(outcomes.size > 2, `outcomes: ${[...outcomes].join(', ')}`)
  }).timeout(60_000)
})
