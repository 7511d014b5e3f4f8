/** What must hold of every run, whatever it did (docs/invariants.md). Owns the assertions. */
import assert from 'node:assert/strict'
import type { StoredEvent } from '../../interpreter/events.ts'
import { foldTurn } from '../../interpreter/fold.ts'
import type { CompensationEntry, State, Undoing } from '../../interpreter/state.ts'
import type { Environment } from './environment.ts'

/** I3: folding the history gives the live state, byte for byte, from the start and from a snapshot after any turn. */
export async function assertFolds(run: Environment): Promise<void> {
  let state: State | null = null
  for (const turn of run.turns) {
    if (turn.events.length > 0)
      // Each turn begins from what came back from JSON, as after a load from the snapshot before it.
      state = await foldTurn(run.program, copyOf(state), JSON.parse(JSON.stringify(turn.events)))
    assert.equal(JSON.stringify(state), turn.state)
  }
}

function copyOf(state: State | null): State | null {
  return state === null ? null : JSON.parse(JSON.stringify(state))
}

export function assertHistory(run: Environment): void {
  assertEvents(run.events, run.isClosed)
  assertMessages(run)
  assertSends(run)
}

/** What can be told of a history alone. */
export function assertEvents(events: readonly StoredEvent[], isClosed: boolean): void {
  assertActivities(events)
  assertChildren(events)
  assertTimers(events)
  assertTransitions(events)
  if (isClosed) assertClosed(events)
}

/** I4: at most one terminal event per activity, and only of what was scheduled. */
function assertActivities(events: readonly StoredEvent[]): void {
  const open = new Set<number>()
  for (const event of events) {
    if ('activityId' in event)
      assert.ok(event.step && event.path, `${event.type} does not say where it belongs`)
    switch (event.type) {
      case 'ActivityTaskScheduled':
        assert.ok(!open.has(event.activityId))
        open.add(event.activityId)
        break
      case 'ActivityTaskFailed':
      case 'ActivityTaskTimedOut':
        assert.ok(open.has(event.activityId), `${event.type} of an activity that is not open`)
        if (event.willRetryAt === undefined) open.delete(event.activityId)
        break
      case 'ActivityTaskCompleted':
      case 'ActivityTaskCanceled':
        assert.ok(open.delete(event.activityId), `${event.type} of an activity that is not open`)
        break
      default:
    }
  }
}

function assertChildren(events: readonly StoredEvent[]): void {
  const stages = new Map<number, 'initiated' | 'started'>()
  for (const event of events) {
    switch (event.type) {
      case 'StartChildWorkflowExecutionInitiated':
        assert.ok(!stages.has(event.childId))
        stages.set(event.childId, 'initiated')
        break
      case 'ChildWorkflowExecutionStarted':
        assert.equal(stages.get(event.childId), 'initiated')
        stages.set(event.childId, 'started')
        break
      case 'StartChildWorkflowExecutionFailed':
        assert.equal(stages.get(event.childId), 'initiated')
        stages.delete(event.childId)
        break
      case 'ChildWorkflowExecutionCompleted':
      case 'ChildWorkflowExecutionFailed':
      case 'ChildWorkflowExecutionTimedOut':
      case 'ChildWorkflowExecutionCanceled':
      case 'ChildWorkflowExecutionTerminated':
        assert.ok(stages.delete(event.childId), `${event.type} of a child that is not open`)
        break
      default:
    }
  }
}

function assertTimers(events: readonly StoredEvent[]): void {
  const open = new Set<number>()
  for (const event of events) {
    if (event.type === 'TimerStarted') open.add(event.timerId)
    if (event.type === 'TimerFired' || event.type === 'TimerCanceled')
      assert.ok(open.delete(event.timerId), `${event.type} of a timer that is not open`)
  }
}

function assertTransitions(events: readonly StoredEvent[]): void {
  let state: string | null = null
  for (const event of events) {
    if (event.type !== 'StateTransitioned') continue
    if (state !== null) assert.equal(event.from, state, 'a state is left that was not entered')
    state = event.to
  }
}

/** I5: every signal and update that was accepted is in the history, and every update is answered once. */
function assertMessages(run: Environment): void {
  const { events, outgoing } = run
  const answers = outgoing.flatMap((one) => (one.kind === 'answer' ? [one] : []))
  const toCallers = (prefix: string) =>
    answers.flatMap(({ to, answer }) =>
      to.kind === 'caller' && to.messageId.startsWith(prefix)
        ? [{ id: to.messageId.slice(prefix.length), answer }]
        : [],
    )
  const received = events.filter(({ type }) => type === 'WorkflowSignalReceived').length
  const refused = toCallers('signal/').filter(({ answer }) => answer.kind === 'refused').length
  // One that waited while a state was left is recorded, and may still be refused by the next state.
  assert.ok(received >= run.signalsSent - refused, 'a signal that was accepted is in the history')
  assert.ok(received <= run.signalsSent)

  const accepted = events.flatMap((event) =>
    event.type === 'WorkflowUpdateAccepted' ? [event.updateId] : [],
  )
  const completed = events.flatMap((event) =>
    event.type === 'WorkflowUpdateCompleted' ? [event.updateId] : [],
  )
  const given = toCallers('update/').filter(({ answer }) => answer.kind !== 'refused')
  const terminated = events.at(-1)?.type === 'WorkflowExecutionTerminated'
  if (run.isClosed && !terminated)
    assert.deepEqual(completed.toSorted(), accepted.toSorted(), 'an accepted update is answered')
  assert.ok(completed.length <= accepted.length)
  if (run.isClosed) assert.deepEqual(given.map(({ id }) => id).toSorted(), accepted.toSorted())
}

/** I8: what a turn sends is what its events say, no more and no less. */
function assertSends(run: Environment): void {
  for (const { events, outgoing } of run.turns) {
    const sent = (kind: string) => outgoing.filter((one) => one.kind === kind).length
    const decided = (type: StoredEvent['type']) => events.filter((event) => event.type === type).length
    assert.equal(sent('startChild'), decided('StartChildWorkflowExecutionInitiated'))
    assert.equal(sent('signal'), decided('SignalExternalInitiated'))
    assert.equal(sent('continueAsNew'), decided('WorkflowExecutionContinuedAsNew'))
    assert.equal(sent('emit'), decided('EventEmitted'))
    for (const one of outgoing)
      if (one.kind === 'emit') assert.equal(events[one.eventIndex]?.type, 'EventEmitted')
  }
}

const closings: ReadonlySet<string> = new Set([
  'WorkflowExecutionCompleted',
  'WorkflowExecutionFailed',
  'WorkflowExecutionTimedOut',
  'WorkflowExecutionCanceled',
  'WorkflowExecutionContinuedAsNew',
  'WorkflowExecutionTerminated',
])

/** I7: one closing event, the last. */
function assertClosed(events: readonly StoredEvent[]): void {
  assert.deepEqual(
    events.filter(({ type }) => closings.has(type)).map(({ type }) => type),
    [events.at(-1)?.type],
    'one closing event, the last',
  )
}

/** I9: what is being undone was done after everything that is left on its stack; in order, one at a time. */
export function assertUndoneInOrder(state: State): void {
  const { phase } = state
  if (phase.kind === 'compensating') assertStack(phase.undoing, state.compensations)
  for (const fiber of Object.values(state.fibers))
    for (const frame of fiber.frames)
      if (frame.kind === 'step' && frame.verb === 'do' && frame.undoing !== undefined)
        assertStack(frame.undoing, frame.stack ?? [])
}

function assertStack(undoing: Undoing, left: readonly CompensationEntry[]): void {
  const running = Object.values(undoing.running)
  if (undoing.order === 'parallel') return
  assert.ok(running.length <= 1, 'one at a time')
  const [now] = running
  for (const entry of left)
    if (now !== undefined) assert.ok(entry.order < now.order, 'reverse order of completion')
}
