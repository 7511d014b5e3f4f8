/**
 * The reducer: a plan, a state and what happened give the next state and what was decided.
 *
 * Pure: no clock, no I/O, no randomness of its own; time, ids and seeds come in with events. It may await an
 * expression and nothing else. Same plan, same inputs: same bytes of state (keeps I3). The state handed in is changed
 * in place; who calls drops it if the commit of the turn fails.
 */

import { cancelRequested, closeIfOver, terminate } from './closing.ts'
import type { ActivityTaskStarted, InputEvent } from './events.ts'
import { openTurn, type Turn } from './fibers/turn.ts'
import { runReady } from './machine.ts'
import { signalReceived } from './messages/signals.ts'
import { updateOffered } from './messages/updates.ts'
import { endPause, pause, resume } from './pausing.ts'
import { announced, attemptEnded, pendingFor } from './pending/activities.ts'
import { childFor, childReported } from './pending/children.ts'
import { wakeOneCondition } from './pending/conditions.ts'
import { externalSignalAnswered, externalSignalFor } from './pending/external-signals.ts'
import { takeFiredTimer } from './pending/timers.ts'
import type { Reduce } from './reducer-contract.ts'
import { begin, initialState } from './start.ts'
import type { State } from './state.ts'
import { offerWaitingSignal, stateSignalOffered } from './states/signals.ts'
import { isStateMachine } from './states/states.ts'
import { timerFired } from './timer-firing.ts'
import { verbOf } from './verbs/index.ts'

export const reduce: Reduce = async (program, before, offered) => {
  const inputs = terminateLast(offered)
  const first = inputs[0]
  if (before === null && first?.type !== 'WorkflowExecutionStarted') {
    throw new Error('the first event of a run is WorkflowExecutionStarted')
  }
  const state =
    before ?? initialState(program, first as Extract<InputEvent, { type: 'WorkflowExecutionStarted' }>)
  const turn = openTurn(program, state, verbOf)
  let taken = 0
  while (taken < inputs.length && !isClosed(state)) {
    const input = inputs[taken]
    if (input === undefined) break
    const next = inputs[taken + 1]
    taken += 1
    const { now } = state
    const { steps, cut, events, context } = turn
    const { expressionSteps } = context
    const recorded = events.length
    turn.steps = 0
    turn.cut = false
    context.expressionSteps = 0
    // Event time never runs backwards, whatever the clock of the node that recorded it does.
    state.now = Math.max(state.now, input.timestamp)
    await takeInput(turn, { ...input, timestamp: state.now }, next)
    if (events.length === recorded) {
      // What leaves no trace moves nothing, not even the clock: a fold would not see it (keeps I3).
      state.now = now
      Object.assign(turn, { steps, cut })
      context.expressionSteps = expressionSteps
      continue
    }
    await settle(turn)
  }
  if (!turn.cut) closeIfOver(turn)
  return {
    state,
    events: turn.events,
    effects: turn.effects,
    outgoing: turn.outgoing,
    taken: isClosed(state) ? offered.length : taken,
    continues: turn.cut && state.paused === null,
  }
}

/** So that what was accepted before it stands in history, and the closing event is the last. */
function terminateLast(inputs: readonly InputEvent[]): readonly InputEvent[] {
  const terminations = inputs.filter((input) => input.type === 'WorkflowExecutionTerminated')
  if (terminations.length === 0) return inputs
  return [
    ...inputs.filter((input) => input.type !== 'WorkflowExecutionTerminated'),
    ...terminations.slice(0, 1),
  ]
}

function isClosed(state: State): boolean {
  return state.phase.kind === 'closed'
}

/** Lets everything go on that can, and tests conditions when nothing else can. Of a paused run nothing can. */
async function settle(turn: Turn): Promise<void> {
  const { state } = turn
  while (state.paused === null) {
    if (state.ready.length > 0) await runReady(turn)
    if (turn.cut || isClosed(state) || hasNoOneToWake(state)) return
    if (!(await wakeOneCondition(turn)) && !(await offerWaitingSignal(turn))) return
  }
}

/** Nearly every run, at nearly every input: without this look two awaits more, 2 % of a step. */
function hasNoOneToWake({ conditionWaits, workflow }: State): boolean {
  for (const _wait in conditionWaits) return false
  return workflow.state === undefined
}

/** An input that means nothing any more is not recorded. */
async function takeInput(turn: Turn, input: InputEvent, next: InputEvent | undefined): Promise<void> {
  const { state } = turn
  switch (input.type) {
    case 'WorkflowExecutionStarted':
      turn.events.push(input)
      return begin(turn, input)
    case 'ActivityTaskStarted': {
      const activity = pendingFor(turn, input)
      if (activity === undefined) return
      if (activity.announce === 'due') {
        turn.events.push(placed(input, activity))
        return announced(turn, activity)
      }
      const isTold = activity.announce === 'told' && input.attempt === 1
      if (!isTold && isStartOf(input, next)) turn.events.push(placed(input, activity))
      return
    }
    case 'ActivityTaskCompleted':
    case 'ActivityTaskFailed':
    case 'ActivityTaskTimedOut':
    case 'ActivityTaskCanceled': {
      const activity = pendingFor(turn, input)
      if (activity === undefined) return
      // What ends a step is recorded before what the step's end decides.
      const at = turn.events.push(input) - 1
      turn.events[at] = placed(attemptEnded(turn, activity, input), activity)
      return
    }
    case 'TimerFired': {
      const timer = takeFiredTimer(turn, input)
      if (timer === undefined) return
      turn.events.push(timer.fiber === null ? input : placed(input, timer))
      if (timer.purpose === 'execution') await endPause(turn, settle)
      return timerFired(turn, timer)
    }
    case 'WorkflowSignalReceived':
      if (isStateMachine(turn.program)) return stateSignalOffered(turn, input)
      turn.events.push(input)
      if (state.paused !== null) {
        state.paused.held.push({ kind: 'signal', signal: input.signal, payload: input.input })
        return
      }
      return signalReceived(turn, input.signal, input.input)
    case 'WorkflowUpdateAccepted':
      return updateOffered(turn, input)
    case 'ChildWorkflowExecutionStarted':
    case 'StartChildWorkflowExecutionFailed':
    case 'ChildWorkflowExecutionCompleted':
    case 'ChildWorkflowExecutionFailed':
    case 'ChildWorkflowExecutionTimedOut':
    case 'ChildWorkflowExecutionCanceled':
    case 'ChildWorkflowExecutionTerminated': {
      const child = childFor(turn, input)
      if (child === undefined) return
      turn.events.push(placed(input, child))
      return childReported(turn, child, input)
    }
    case 'ExternalWorkflowSignaled':
    case 'SignalExternalFailed': {
      const pending = externalSignalFor(turn, input)
      if (pending === undefined) return
      turn.events.push(placed(input, pending))
      return externalSignalAnswered(turn, pending, input)
    }
    case 'WorkflowExecutionPaused':
      return pause(turn, input)
    case 'WorkflowExecutionResumed':
      return resume(turn, input, settle)
    case 'WorkflowExecutionCancelRequested':
      turn.events.push(input)
      await endPause(turn, settle)
      return cancelRequested(turn, input.reason)
    case 'WorkflowExecutionTerminated':
      turn.events.push(input)
      return terminate(turn, input.reason)
    case 'WorkflowTaskContinued':
      if (state.ready.length > 0 && state.paused === null) turn.events.push(input)
      return
    default:
      return input satisfies never
  }
}

/**
 * Every event that belongs to a step names it, behind all else, so that a recorded event that is reduced again comes out
 * in the same order. Written into the reducer's own copy: another copy per event cost 4 % of a step.
 */
function placed<E extends PlacedEvent>(
  event: E,
  { step, path }: { readonly step: string; readonly path: string },
): E {
  if (event.step === undefined) return Object.assign(event, { step, path })
  const { step: _step, path: _path, ...bare } = event
  return { ...bare, step, path } as E
}

type PlacedEvent = Extract<InputEvent, { readonly step?: string }>

/** A start is recorded with the outcome of its attempt, which stands right behind it. */
function isStartOf(started: ActivityTaskStarted, next: InputEvent | undefined): boolean {
  return (
    next !== undefined &&
    'activityId' in next &&
    next.activityId === started.activityId &&
    next.attempt === started.attempt
  )
}
