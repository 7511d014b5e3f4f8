/**
 * How a run ends: the main steps end, handlers are waited for or canceled, the stack is undone, one event closes.
 * Owns the phases and the choice of the outcome (keeps I7: `close` is the only place that writes a closing decision).
 */

import type { WorkflowError } from './errors/fault.ts'
import { canceledError, engineFault, timeoutError } from './errors/faults.ts'
import { cancelFiber } from './fibers/cancellation.ts'
import { decide, type Turn } from './fibers/turn.ts'
import { cancelHandlers, handlerSlotFreed, hasHandlers } from './messages/handlers.ts'
import { signalsForNextRun } from './messages/signals.ts'
import { closeUpdates } from './messages/updates.ts'
import type { Outgoing } from './outgoing.ts'
import { closeChildren } from './pending/children.ts'
import { compensationFailed } from './sagas/compensation.ts'
import { beginUndoing, newUndoing } from './sagas/undoing.ts'
import { startDelayOf } from './start-delay.ts'
import type { ClosingOutcome, Completion, FiberRole, NotUndone, State } from './state.ts'
import { closeStates } from './states/answers.ts'
import { successorRunId } from './values/run-ids.ts'

/** `isCancelHeld`: a cancellation was asked for and never reached the main steps (a join had decided before it). */
export function mainEnded(turn: Turn, completion: Completion, isCancelHeld = false): void {
  const outcome = checked(turn, outcomeOf(turn.state, completion, isCancelHeld))
  turn.state.phase = { kind: 'draining', outcome }
  if (!endsWell(outcome)) cancelHandlers(turn)
  drain(turn)
}

/** The error of an update's handler went to its sender. */
export function handlerEnded(
  turn: Turn,
  role: Extract<FiberRole, { kind: 'signal' | 'update' }>,
  completion: Completion,
): void {
  const { state } = turn
  if (role.kind === 'signal') {
    if (completion.kind === 'throw') handlerFailed(turn, completion.error)
    handlerSlotFreed(turn, role.signal)
  }
  if (state.phase.kind === 'draining') drain(turn)
}

/** An error in a signal's `do` fails the run; the error stands whatever the main steps then do. */
function handlerFailed(turn: Turn, error: WorkflowError): void {
  const { state } = turn
  const { phase } = state
  if (phase.kind === 'running') {
    if (state.ending?.kind !== 'timeout') state.ending = { kind: 'handler', error }
    cancelMain(turn)
  } else if (phase.kind === 'draining' && endsWell(phase.outcome)) {
    const canceled = state.ending?.kind === 'cancel' && error.type === 'Canceled'
    const timedOut = state.ending?.kind === 'timeout'
    const outcome: ClosingOutcome = timedOut
      ? executionTimeout()
      : { kind: canceled ? 'canceled' : 'failed', error: canceled ? runCanceled(state) : error }
    state.phase = { kind: 'draining', outcome }
    cancelHandlers(turn)
  }
}

export function cancelRequested(turn: Turn, reason: string | null): void {
  const { state } = turn
  if (state.phase.kind !== 'running' && state.phase.kind !== 'draining') return
  if (state.ending === null || state.ending.kind === 'cancel') state.ending = { kind: 'cancel', reason }
  if (state.phase.kind === 'running') return cancelMain(turn)
  // Who cancels an execution means its next run too.
  if (state.phase.outcome.kind === 'continuedAsNew') {
    state.phase = { kind: 'draining', outcome: { kind: 'canceled', error: runCanceled(state) } }
  }
  cancelHandlers(turn)
  drain(turn)
}

export function executionTimedOut(turn: Turn): void {
  const { state } = turn
  if (state.phase.kind !== 'running' && !(state.phase.kind === 'draining' && hasHandlers(state))) return
  state.ending = { kind: 'timeout' }
  if (state.phase.kind === 'running') cancelMain(turn)
  else {
    state.phase = { kind: 'draining', outcome: executionTimeout() }
    cancelHandlers(turn)
  }
}

export function terminate(turn: Turn, reason: string | null): void {
  const error = engineFault('Terminated', reason === null ? 'terminated' : `terminated: ${reason}`)
  forgetEverything(turn)
  turn.state.compensations = []
  turn.state.phase = { kind: 'closed', outcome: { kind: 'terminated', error } }
}

/**
 * Closes a run that has nothing left to do. Called when all inputs of the turn are taken, and not before: a signal
 * that was accepted stands in history before the closing event, and its `do` still runs (keeps I5, I7).
 */
export function closeIfOver(turn: Turn): void {
  const { state } = turn
  const { phase } = state
  const drained =
    phase.kind === 'draining' && endsWell(phase.outcome) && !hasHandlers(state) && state.paused === null
  if (drained || phase.kind === 'undone') close(turn, phase.outcome)
}

function endsWell(outcome: ClosingOutcome): boolean {
  return outcome.kind === 'completed' || outcome.kind === 'continuedAsNew'
}

function outcomeOf(state: State, completion: Completion, isCancelHeld: boolean): ClosingOutcome {
  if (state.ending?.kind === 'timeout') return executionTimeout()
  if (state.ending?.kind === 'handler') return { kind: 'failed', error: state.ending.error }
  if (completion.kind === 'normal') return { kind: 'completed', result: null }
  if (completion.kind === 'return') return { kind: 'completed', result: completion.value }
  if (completion.kind === 'continueAsNew') {
    if (isCancelHeld && state.ending?.kind === 'cancel')
      return { kind: 'canceled', error: runCanceled(state) }
    const { input, version } = completion
    const newRunId = successorRunId(state)
    return { kind: 'continuedAsNew', newRunId, input, ...(version !== undefined && { version }) }
  }
  const canceled = state.ending?.kind === 'cancel' && completion.error.type === 'Canceled'
  return canceled
    ? { kind: 'canceled', error: { ...completion.error, message: runCanceled(state).message } }
    : { kind: 'failed', error: completion.error }
}

/** A result that the document's `output` does not allow fails the run, and what was done is undone. */
function checked(turn: Turn, outcome: ClosingOutcome): ClosingOutcome {
  const { checkOutput } = turn.program
  if (outcome.kind !== 'completed' || checkOutput === null) return outcome
  const verdict = checkOutput(outcome.result)
  if (verdict.ok) return outcome
  const errors = verdict.errors.map(({ path, message }) => ({ path, message }))
  const message = `the result does not match \`output\`: ${errors.map((one) => `${one.path || 'it'} ${one.message}`).join('; ')}`
  return { kind: 'failed', error: engineFault('OutputInvalid', message, {}, { details: { errors } }) }
}

function runCanceled(state: State): WorkflowError {
  return canceledError(null, '', state.ending?.kind === 'cancel' ? state.ending.reason : null)
}

function executionTimeout(): ClosingOutcome {
  return { kind: 'timedOut', error: timeoutError('Execution', 'the execution passed its timeout', {}) }
}

/** When no handler is under way, a run that ended badly is undone; one that completed waits for the end of the turn. */
function drain(turn: Turn): void {
  const { phase } = turn.state
  if (phase.kind !== 'draining' || hasHandlers(turn.state)) return
  if (endsWell(phase.outcome)) return
  const undoing = newUndoing(turn.program.plan.saga)
  turn.state.phase = { kind: 'compensating', outcome: phase.outcome, undoing }
  const stack = turn.state.compensations
  if (beginUndoing(turn, { undoing, stack, fiber: null }) === 'over') runUndone(turn)
}

/** The run's stack is undone; what could not be decides how it closes. */
export function runUndone(turn: Turn): void {
  const { phase } = turn.state
  if (phase.kind !== 'compensating') return
  const { outcome, undoing } = phase
  turn.state.phase = { kind: 'undone', outcome: withNotUndone(outcome, undoing.notUndone) }
}

function withNotUndone(outcome: ClosingOutcome, notUndone: readonly NotUndone[]): ClosingOutcome {
  if (!('error' in outcome) || notUndone.length === 0) return outcome
  const error = compensationFailed(notUndone, outcome.error)
  return outcome.kind === 'timedOut'
    ? { kind: 'timedOut', error: { ...outcome.error, cause: error } }
    : { kind: 'failed', error }
}

function close(turn: Turn, outcome: ClosingOutcome): void {
  const sent = outcome.kind === 'continuedAsNew' ? successor(turn.state, outcome) : null
  forgetEverything(turn)
  turn.state.compensations = []
  turn.state.phase = { kind: 'closed', outcome }
  switch (outcome.kind) {
    case 'completed':
      return decide(turn, { type: 'WorkflowExecutionCompleted', result: outcome.result })
    case 'failed':
      return decide(turn, { type: 'WorkflowExecutionFailed', error: outcome.error })
    case 'canceled':
      return decide(turn, { type: 'WorkflowExecutionCanceled', error: outcome.error })
    case 'timedOut':
      return decide(turn, { type: 'WorkflowExecutionTimedOut', error: outcome.error })
    case 'continuedAsNew': {
      const { newRunId, input, version } = outcome
      if (sent !== null) turn.outgoing.push(sent)
      return decide(turn, {
        type: 'WorkflowExecutionContinuedAsNew',
        newRunId,
        input,
        ...(version !== undefined && { version }),
      })
    }
    default:
      return outcome satisfies never
  }
}

/** Signals that nobody has taken go along, first those of a name in their order; the execution's deadline spans the chain. */
function successor(state: State, outcome: ClosingOutcome & { kind: 'continuedAsNew' }): Outgoing {
  const { newRunId, input, version } = outcome
  const deadline = Object.values(state.timers).find((timer) => timer.purpose === 'execution')
  return {
    kind: 'continueAsNew',
    newRunId,
    input,
    ...(version !== undefined && { version }),
    signals: signalsForNextRun(state),
    ...(deadline !== undefined && { deadlineAt: deadline.fireAt }),
  }
}

/** What is still pending has no one to wait for it. */
function forgetEverything(turn: Turn): void {
  const { state } = turn
  closeChildren(turn)
  closeUpdates(turn)
  closeStates(turn)
  for (const activity of Object.values(state.activitiesPending)) {
    turn.effects.push({ kind: 'forgetActivity', activityId: activity.id })
  }
  state.activitiesPending = {}
  state.childrenPending = {}
  state.signalsPending = {}
  state.timers = {}
  state.signalWaits = {}
  state.conditionWaits = {}
  state.handlersQueued = {}
  state.fibers = {}
  state.ready = []
  state.paused = null
  state.pauseWanted = null
}

function cancelMain(turn: Turn): void {
  const delay = startDelayOf(turn.state)
  if (delay !== undefined) {
    delete turn.state.timers[delay.id]
    return mainEnded(turn, { kind: 'throw', error: canceledError(null, '') })
  }
  for (const fiber of Object.values(turn.state.fibers)) {
    if (fiber.role.kind === 'main') cancelFiber(turn, fiber, 0)
  }
}
